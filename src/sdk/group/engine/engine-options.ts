import type { CommandRunner } from '../../delivery/run-commands.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import type { ExecutorOf } from '../attempt/executor/executor.ts';
import type { HostEnvironment } from '../config/environment.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalRecord } from '../journal/records.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';
import type { NewDefinition } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import type { GroupStateOptions } from './group-state.ts';

/** What a group's engine needs. */
export interface EngineOptions
  extends Omit<
    GroupStateOptions,
    | 'groupId'
    | 'definition'
    | 'historyOf'
    | 'takesMessage'
    | 'durationOf'
    | 'restored'
    | 'repositoryOf'
    | 'merged'
    | 'here'
    | 'treesElsewhere'
  > {
  readonly group: SessionGroup;
  readonly journal: Journal;
  readonly env: HostEnvironment;
  /** Called when a session first needs a tree of its own. */
  readonly workspaces: () => WorkspacePort;
  /** Runs set-up and checks. Default: as processes of this machine. */
  readonly commands?: CommandRunner;
  /** Carries out its attempts. Default: this machine. */
  readonly executor?: ExecutorOf;
  /** Whether someone answers permission requests. Default: false. */
  readonly attended?: boolean;
  /** Folder for a session's logs; undefined if nothing is kept on disk. */
  readonly logDirOf?: (id: string) => string | undefined;
  /** Called after the group has paused or settled. */
  readonly onRest?: () => void;
  /** Stores a new definition as this revision; absent if definitions can't be replaced. */
  readonly keep?: (revision: number, next: NewDefinition) => SessionGroup | Promise<SessionGroup>;
  /** The fold of the group's history, if it has one; the group continues from a copy. */
  readonly fold?: GroupFold;
  /** Called after each record has been applied. */
  readonly onRecord?: (record: JournalRecord, progress: ProgressAggregator) => void;
}
