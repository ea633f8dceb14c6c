import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import type { GroupStatus } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import type { AttemptHost } from '../attempt/attempt-host.ts';
import type { SessionConfigs } from '../attempt/session-configs.ts';
import type { SessionRun } from '../attempt/session-run.ts';
import type { HostEnvironment } from '../config/environment.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';
import type { QuotaGate } from '../schedule/quota-gate.ts';
import type { NewDefinition } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import type { GroupState } from './group-state.ts';
import type { Recorder } from './recorder.ts';
import type { Requests } from './requests.ts';

/** What the parts of a running group reach of each other; the runner puts them together. */
export interface GroupEngine {
  readonly groupId: string;
  /** With the definition in force. */
  readonly group: SessionGroup;
  readonly status: GroupStatus;
  readonly clock: Clock;
  readonly env: HostEnvironment;
  readonly attended: boolean;
  readonly quota: QuotaGate;
  readonly state: GroupState;
  readonly progress: ProgressAggregator;
  readonly recorder: Recorder;
  readonly requests: Requests;
  readonly configs: SessionConfigs;
  /** For the chart: the new definition holds from here, and what it leads to is told. */
  readonly redefiner: { journal(): void; announce(added: readonly string[], edges: readonly string[]): void };
  readonly attempts: AttemptHost;
  /** It was being stopped when its engine died. */
  readonly unfinishedStop: boolean;
  runOf(id: string): SessionRun;
  /** Undefined for a session that has not been in play. */
  findRun(id: string): SessionRun | undefined;
  logDir(id: string): string | undefined;
  /** The chart has started: from now on `send` reaches it. */
  bind(actor: { send(event: GroupMachineEvent): void }): void;
  send(event: GroupMachineEvent): void;
  /** To a child of the group's actor. */
  sendTo(id: string, event: { readonly type: string }): void;
  /** To the chart; it has been answered when this returns, and the promise says how. */
  request(event: GroupMachineEvent): Promise<void>;
  /** The group comes to rest, paused or settled; the returned function says so to those who waited until now. */
  resting(): (settled: boolean) => void;
  /** Keeps the definition under that revision, without it being in force. */
  keep(revision: number, next: NewDefinition): SessionGroup;
  /** From now on this is the group. */
  adopt(
    group: SessionGroup,
    changes: { readonly removed: readonly string[]; readonly fresh: readonly string[] },
  ): void;
}
