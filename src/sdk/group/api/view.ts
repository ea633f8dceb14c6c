import { type Clock, systemClock } from '../../clock.ts';
import { memoryProjectGate } from '../../project/project-gate.ts';
import type { Agent } from '../../session/agent.ts';
import { foldOf } from '../engine/restore.ts';
import type { GroupProgress, GroupResult } from '../progress/progress.ts';
import { GroupRunner } from '../runner.ts';
import { QuotaGate } from '../schedule/quota-gate.ts';
import type { StoredGroup } from '../store/store.ts';
import { keptStatus } from './kept-status.ts';

/** A group as its journal tells it, for those who do not own it. */
export interface GroupView {
  readonly progress: GroupProgress;
  readonly result: GroupResult;
  /** The journal says that it is live, and nobody runs it: its engine has died. */
  readonly interrupted: boolean;
  /** Number of the next event. */
  readonly nextSeq: number;
  /** What `retry` would run again. */
  retryPlan(sessions?: readonly string[]): readonly string[];
}

/** Looks at a group without becoming its owner (T2): nothing starts and nothing is written. */
export function viewGroup(stored: StoredGroup, clock: Clock = systemClock): GroupView {
  const { group, owner } = stored;
  const fold = foldOf(stored);
  const { sessions, config } = group.definition;
  const runner = new GroupRunner({
    group,
    ...(fold.group.seq > 0 ? { fold } : {}),
    journal: { append: () => {}, synced: async () => {}, close: async () => {} },
    agents: new Map(sessions.map(({ agent = config.agent }) => [agent.kind, BYSTANDER])),
    clock,
    projects: memoryProjectGate(),
    projectKey: path => path,
    quota: new QuotaGate(clock),
    env: {},
  });
  runner.close();
  const { status, seq } = fold.group;
  // Each costs as much as the group is large, and few want both.
  let progress: GroupProgress | undefined;
  let result: GroupResult | undefined;
  return {
    get progress() {
      progress ??= { ...runner.progress.getProgress(), status };
      return progress;
    },
    get result() {
      result ??= { ...runner.result(), status };
      return result;
    },
    interrupted: keptStatus(status, owner) === 'interrupted',
    nextSeq: seq,
    retryPlan: ids => runner.state.roster.retryCandidates(ids),
  };
}

/** Stands where an agent would: the host's own may not be known here, and none is started. */
const BYSTANDER: Agent = {
  kind: 'bystander',
  capabilities: { resume: true, usage: 'stream', spends: false, approvals: false },
  start: () => {
    throw new Error('a group that is only looked at starts nothing');
  },
};
