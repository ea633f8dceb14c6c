import type { RunnerView } from './runner-view.ts';
import type { Standing } from './why.ts';

/** A live group, asked why it waits: its roster and its sessions' runs know. */
export const liveStanding = (runner: RunnerView): Standing => {
  const { state } = runner;
  const accountOf = (id: string) => state.accountOf(id);
  return {
    progress: runner.progress,
    get reason() {
      return state.roster.reason;
    },
    budget: state.ledger,
    get storeFailure() {
      return runner.recorder.failure?.message;
    },
    get groupWait(): Standing['groupWait'] {
      const { roster } = state;
      if (roster.live === 0 && roster.waitsForOthers) return { kind: 'slot', ...roster.slots };
      const until = roster.quota.closedUntil;
      if (roster.live > 0 || roster.ready > 0 || until === undefined) return undefined;
      const accounts = new Set([...state.sessions.keys()].flatMap(id => accountOf(id) ?? []));
      return { kind: 'quota', account: [...accounts].join(', '), until };
    },
    waitOf: id => state.roster.waitOf(id),
    openDependencies: id => state.roster.openDependencies(id),
    requestOf: id => runner.findRun(id)?.request,
    waitsUntil: id => runner.findRun(id)?.waitsUntil ?? 0,
    accountOf: id => accountOf(id) ?? state.agentOf(id).kind,
    slot: () => ({ kind: 'slot', ...state.roster.slots }),
    project: id => {
      const project = state.roster.spec.projectOf(id);
      return { kind: 'project', project, heldBy: state.roster.holdersOf(project) };
    },
    quota: id => ({
      kind: 'quota',
      account: accountOf(id) ?? '',
      until: state.roster.quota.closedUntil ?? 0,
    }),
  };
};
