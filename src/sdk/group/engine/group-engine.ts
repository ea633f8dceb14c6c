import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import type { GroupStatus } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import type { CommandRunner } from '../../delivery/run-commands.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import type { AttemptHost } from '../attempt/attempt-host.ts';
import type { SessionConfigs } from '../attempt/session-configs.ts';
import type { SessionRun } from '../attempt/session-run.ts';
import type { HostEnvironment } from '../config/environment.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';
import type { AccountGate } from '../schedule/quota-gate.ts';
import type { NewDefinition } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import type { GroupState, ProjectPlaces } from './group-state.ts';
import type { Recorder } from './recorder.ts';
import type { Requests } from './requests/requests.ts';

/** The parts of a running group, as they see each other; implemented by `Engine`. */
export interface GroupEngine {
  readonly groupId: string;
  /** With the definition in force. */
  readonly group: SessionGroup;
  readonly status: GroupStatus;
  /** It was stopping when its engine died, and nobody has finished that. */
  readonly stopUnfinished: boolean;
  readonly clock: Clock;
  readonly env: HostEnvironment;
  readonly attended: boolean;
  readonly quota: AccountGate;
  /** @throws WorkspaceError if this host has none. */
  readonly workspaces: WorkspacePort;
  readonly commands: CommandRunner;
  /** Places that this user's sessions share, across all groups. */
  readonly places: ProjectPlaces;
  readonly state: GroupState;
  readonly progress: ProgressAggregator;
  readonly recorder: Recorder;
  readonly requests: Requests;
  readonly configs: SessionConfigs;
  /** For the chart: puts the new definition into force, and announces its consequences. */
  readonly redefiner: { journal(): void; announce(added: readonly string[], edges: readonly string[]): void };
  readonly attempts: AttemptHost;
  runOf(id: string): SessionRun;
  /** Undefined for a session that has never been in play. */
  findRun(id: string): SessionRun | undefined;
  /** The session whose request with this id waits for a person. */
  sessionOfRequest(requestId: string): string | undefined;
  logDir(id: string): string | undefined;
  /** Called when the chart starts; from then on, `send` reaches it. */
  bind(actor: { send(event: GroupMachineEvent): void }): void;
  send(event: GroupMachineEvent): void;
  /** The chart takes the group up where a dead engine left it. */
  takeOver(): void;
  /** To a child of the group's actor. */
  sendTo(id: string, event: { readonly type: string }): void;
  /**
   * Sends a request to the chart, which answers before this returns, or later if an asynchronous store has to recover first;
   * the promise says how.
   */
  request(event: GroupMachineEvent): Promise<void>;
  /** Called when the group pauses or settles; the returned function answers everyone waiting at that time. */
  resting(): (settled: boolean) => void;
  /** Stores the definition under this revision, without putting it into force. */
  keep(revision: number, next: NewDefinition): SessionGroup | Promise<SessionGroup>;
  /** Puts the new definition into force. */
  adopt(
    group: SessionGroup,
    changes: { readonly removed: readonly string[]; readonly fresh: readonly string[] },
  ): void;
}
