import type { SessionMachineEvent } from '../../../../machines/contract.ts';
import type { Clock } from '../../clock.ts';
import type { CommandRun, CommandsOutcome } from '../../delivery/run-commands.ts';
import type { ProjectGate } from '../../project/project-gate.ts';
import type { ObjectId, ReadyWorkspace } from '../../workspace/orders.ts';
import type { Conflict, Site, WorkspacePort } from '../../workspace/port.ts';
import type { GroupEventBody } from '../journal/events.ts';
import type { InternalRecord } from '../journal/records.ts';
import type { KeptWork, QueueNews, TreeStep } from './tree-call.ts';
import type { Changed } from './tree-words.ts';

/** What the steps in a session's tree use of the port. */
export type TreePort = Pick<
  WorkspacePort,
  | TreeStep
  | 'cache'
  | 'look'
  | 'resolve'
  | 'tips'
  | 'planWorkspace'
  | 'shared'
  | 'changes'
  | 'planMerge'
  | 'advance'
  | 'emptyTrash'
>;

/** Set-up or checks of a session. */
export interface TreeCommands extends Pick<CommandRun, 'commands' | 'cwd' | 'timeoutMs' | 'signal'> {
  /** The session's tree. Default: its project's own folder. */
  readonly ready: ReadyWorkspace | undefined;
  /** The name of the file in the session's folder. */
  readonly log: string;
  readonly attempt: number;
}

/** Where the trees of a group's sessions are. */
export interface TreeGround {
  /** On this machine. */
  readonly here: boolean;
  readonly workspaces: TreePort;
  /** Runs set-up and checks. Never rejects where trees are here; elsewhere as a step of the port does. */
  runCommands(id: string, run: TreeCommands): Promise<CommandsOutcome>;
  /** The place that has a session's tree, and what of it the group's repository has. undefined: this machine, or none. */
  placeOf(id: string): { readonly at: string; readonly has: readonly ObjectId[] } | undefined;
  /** The tree was made elsewhere, and what prepares it has not run there. */
  isBare(id: string): boolean;
  /** What prepares it has run. */
  isSetUp(id: string): void;
  /** What a step waits for that no machine has taken yet. */
  waitOf(id: string): QueueNews | undefined;
  /** Work from elsewhere comes into the group's repository. Never rejects: what cannot be taken is told. */
  take(id: string, work: KeptWork): Promise<void>;
}

/** What a session's tree, and the steps that are taken in it, need from the group. */
export interface TreeHost {
  readonly groupId: string;
  readonly clock: Clock;
  readonly ground: TreeGround;
  record(body: GroupEventBody): void;
  internal(record: InternalRecord): void;
  /**
   * Journals something before its effect, which begins once the promise has resolved, if there is one.
   * @throws if it can't be written; then there must be none.
   */
  order(record: InternalRecord): Promise<void> | undefined;
  /** Resolves once everything so far is in the journal. undefined: it is. */
  written(): Promise<void> | undefined;
  tell(id: string, event: SessionMachineEvent): void;
  /** Where ports are taken, for all groups of this user, and told what a session waits for that keeps its project. */
  readonly places: Pick<ProjectGate, 'tryEnter' | 'leave' | 'mark'>;
  /**
   * Removes locks that a dead engine's gits have left in the repository; does so once. It comes before the first step of
   * any session there: afterwards a lock may be a living agent's.
   */
  recovered(site: Site, repository: string): Promise<void>;
  /** The commit that a base of a repository stands for in this group: the one found first, by any of its sessions. */
  pinned(repository: string, base: string, found: ObjectId): ObjectId;
  /** Results of the sessions that this one depends on, in its repository. */
  dependencies(id: string, repository: string): readonly ObjectId[];
  /** Whose change it is that conflicts: the session's whose commit that is, or those that have merged such a file. */
  authorsOf(repository: string, conflict: Conflict): string[];
}

/** What the steps tell the session's run. */
export interface TreeWatcher {
  /** These files differ from what the session began with. */
  saved(changed: Changed): void;
  /** Looks again at which files of the project the session has changed; undefined if nobody can tell. */
  recount(): Promise<Changed | undefined>;
  /** Which files it had changed when its agent was done. */
  readonly changed: Changed | undefined;
}

/** The end of a wait for the journal. @throws if it can't be written, and the signal's reason once that aborts. */
export async function onceWritten(written: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let cutOff = () => {};
  const aborted = new Promise<never>((_, reject) => {
    cutOff = () => reject(signal.reason);
    signal.addEventListener('abort', cutOff);
  });
  try {
    await Promise.race([written, aborted]);
  } finally {
    signal.removeEventListener('abort', cutOff);
  }
}

/** In seconds, as git counts. */
export const seconds = (clock: Clock): number => Math.floor(clock.now() / 1_000);
