import { shownWait } from '../attempt/executor/live-attempt.ts';
import { shownProject } from '../config/resolve-session.ts';
import type { GroupResult } from '../progress/progress.ts';
import { openEdges } from '../schedule/session-standing.ts';
import { otherHolders } from '../standing/other-holders.ts';
import { isRehearsal } from '../standing/rehearsal.ts';
import type { Standing } from '../standing/why.ts';
import type { GroupEngine } from './group-engine.ts';

/** Derives the wait reasons of a live group from its roster and its sessions' runs. */
export const liveStanding = (engine: GroupEngine): Standing => {
  const { state } = engine;
  const accountOf = (id: string) => state.accountOf(id);
  const othersIn = (project: string) =>
    otherHolders(engine.places.holders?.(project) ?? []).filter(({ groupId }) => groupId !== engine.groupId);
  return {
    progress: engine.progress,
    get reason() {
      return state.roster.reason;
    },
    budget: state.ledger,
    get rehearsal() {
      return isRehearsal(engine.group);
    },
    get storeFailure() {
      return engine.recorder.failure?.message;
    },
    get groupWait(): Standing['groupWait'] {
      const { roster } = state;
      if (roster.live === 0 && roster.admissions.waitsForOthers) {
        return { kind: 'slot', ...roster.admissions.slots };
      }
      const until = roster.quota.closedUntil;
      if (roster.live > 0 || roster.ready > 0 || until === undefined) return undefined;
      const accounts = new Set([...state.sessions.keys()].flatMap(id => accountOf(id) ?? []));
      return { kind: 'quota', account: [...accounts].join(', '), until };
    },
    waitOf: id => state.roster.waitOf(id),
    openEdges: id => openEdges(id, state.roster.schedule),
    requestOf: id => engine.findRun(id)?.request,
    mergeOf: id => {
      const session = state.roster.mergesBefore(id);
      if (session === undefined) return undefined;
      return { kind: 'merge', session, project: shownProject(state.sessions.get(id) ?? {}) };
    },
    stepOf(id) {
      const wait = shownWait(engine.attempts.trees.ground.waitOf(id));
      return wait && { ...wait, trees: true };
    },
    placeOf: id => shownWait(engine.findRun(id)?.place?.wait) ?? { kind: 'placement' },
    lostOf: id => {
      const until = engine.findRun(id)?.place?.lostAt;
      return until === undefined ? undefined : { kind: 'worker_lost', until };
    },
    accountOf: id => accountOf(id) ?? state.agentOf(id).kind,
    slot: () => ({ kind: 'slot', ...state.roster.admissions.slots }),
    project: id => {
      const project = state.roster.spec.projectOf(id);
      const heldBy = state.roster.admissions.holdersOf(project);
      const isFull = heldBy.length >= state.roster.spec.concurrency.maxPerProject;
      const others = isFull ? [] : othersIn(project);
      return { kind: 'project', project, heldBy, ...(others.length > 0 && { others }) };
    },
    quota: id => ({
      kind: 'quota',
      account: accountOf(id) ?? '',
      until: state.roster.quota.closedUntil ?? 0,
    }),
  };
};

/** Why records can't be written, if the group has paused for that reason or some records are unwritten. */
export function storeErrorOf({ status, state, recorder }: GroupEngine): Pick<GroupResult, 'storeError'> {
  const { failure, held } = recorder;
  const pausedForIt = status === 'paused' && state.roster.reason === 'store_failed';
  if (!failure || !(pausedForIt || held.length > 0)) return {};
  const { code, message, hint } = failure;
  return { storeError: { code, message, ...(hint === undefined ? {} : { hint }) } };
}
