import type { GroupService } from '../control/serve-group.ts';
import type { TakenGroup } from '../control/verbs.ts';
import type { ControlClient } from '../control/wire/client.ts';
import type { RedisAddress } from '../fleet/redis/redis-address.ts';
import type { RedisExecutorOptions } from '../fleet/redis/redis-executor.ts';
import type { PoolWorker, PoolWorkerOptions } from '../fleet/redis/redis-worker.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { CleanOutcome, LeaveOptions } from '../sdk/group/api/archive.ts';
import type { openSession } from '../sdk/group/api/open-session.ts';
import type { SessionGroupOptions } from '../sdk/group/api/options.ts';
import type { OpenOptions } from '../sdk/group/api/take-over.ts';
import type { ExecutorOf } from '../sdk/group/attempt/executor/executor.ts';
import type { DefinitionText, LoadedDefinition, LoadOptions } from '../sdk/group/definition/definition.ts';
import type { RepositoryUndo } from '../sdk/group/delivery/delivered.ts';
import type { viewDelivery } from '../sdk/group/delivery/delivery-view.ts';
import type { OpenCommand } from '../sdk/group/delivery/open-command.ts';
import type { commandOf, openPullRequest, planPullRequests } from '../sdk/group/delivery/pull-requests.ts';
import type { recheckSession } from '../sdk/group/delivery/recheck.ts';
import type { measureTrees } from '../sdk/group/delivery/tree-sizes.ts';
import type { GroupRunner } from '../sdk/group/runner.ts';
import type { GroupView } from '../sdk/group/standing/view.ts';
import type { GroupStore, StoredGroup, TakeOptions } from '../sdk/group/store/store.ts';
import type { SessionGroupInput } from '../sdk/group/types.ts';
import type { AgentCheck } from '../sdk/session/agent.ts';
import type { ResolvedAgent } from '../sdk/session/agent-config.ts';
import type { ClaudeLogin } from '../sdk/session/claude-code/login.ts';
import type { Agents } from '../sdk/session/own/registered.ts';
import type { GroupServer, GroupServerOptions } from '../serve/server.ts';
import type { CliIo } from './io.ts';

/** A group to show while it runs, here or in another process. */
export interface ShownGroup
  extends Pick<
    GroupRunner,
    | 'id'
    | 'dir'
    | 'group'
    | 'events$'
    | 'progress$'
    | 'history'
    | 'getProgress'
    | 'getResult'
    | 'pause'
    | 'stop'
    | 'pauseSession'
    | 'resumeSession'
    | 'dispose'
  > {
  /** @param by who answers, for the journal. */
  answer(requestId: string, decision: 'allow' | 'deny', by: 'cli'): Promise<void>;
  /** Asks for what the progress is now, which `progress$` then has. Absent where it is always known. */
  refresh?(): void;
  /** Of a group of another process, as far as `refresh` has found out. Undefined unless that is suspended. */
  suspended?(): { readonly pid: number; readonly since: string | undefined } | undefined;
  /** As in `GroupRunner`. Absent where another process runs it. */
  whileSuspended?(work: () => Promise<void>): Promise<void>;
  /** The address of its page, where it has one. */
  readonly page?: string;
}

/** A group that this process owns. */
export interface DrivenGroup
  extends ShownGroup,
    TakenGroup,
    GroupService,
    Pick<GroupRunner, 'update' | 'addSession'> {}

export type GroupOptions = SessionGroupOptions & { readonly store: GroupStore };

/** Whether plugins are loaded, which what starts no agent does not need. */
export interface PluginOption {
  /** Default: true. */
  readonly plugins?: boolean;
}

export type DefinitionLoading = Pick<LoadOptions, 'variables' | 'replaces'> &
  Partial<Pick<DefinitionText, 'text' | 'baseDir'>>;

type ServerOptions = Required<Pick<GroupServerOptions, 'store' | 'env' | 'port'>> &
  Pick<GroupServerOptions, 'token' | 'executors'>;

type LeaveServiceOptions = LeaveOptions & Pick<SessionGroupOptions, 'env' | 'executors'>;
type UndoServiceOptions = TakeOptions & Pick<SessionGroupOptions, 'env'>;

export interface DeliveryServices {
  readonly viewDelivery: typeof viewDelivery;
  readonly recheckSession: typeof recheckSession;
  readonly planPullRequests: typeof planPullRequests;
  readonly openPullRequest: typeof openPullRequest;
  readonly commandOf: typeof commandOf;
  readonly measureTrees: typeof measureTrees;
}

/** What the commands use of the library; tests pass their own. */
export interface CliServices {
  /** The agents of the user's plugins, by kind. @throws UsageError `invalid_config`, `plugin_failed`. */
  pluginAgents(env: CliIo['env']): Promise<Agents>;
  /** @param options `text`: what to read in place of the file. */
  loadDefinition(
    file: string,
    env: CliIo['env'],
    options?: DefinitionLoading,
  ): LoadedDefinition | Promise<LoadedDefinition>;
  /** Opens this user's state store. */
  openStore(env: CliIo['env']): Promise<GroupStore>;
  createGroup(definition: SessionGroupInput, options: GroupOptions): Promise<DrivenGroup>;
  /** Takes over a group that has no owner. */
  openGroup(id: string, options: GroupOptions & OpenOptions & PluginOption): Promise<DrivenGroup>;
  /** Connects to the owner of a group. */
  connect(address: string): Promise<ControlClient>;
  /** Builds the view of a group from its journal. */
  viewGroup(stored: StoredGroup): Promise<GroupView>;
  archiveGroup(id: string, store: GroupStore, options?: TakeOptions): Promise<void>;
  /** Deletes a group; refused while a process owns it, and while work would be lost. */
  deleteGroup(id: string, store: GroupStore, options: LeaveServiceOptions): Promise<void>;
  /** Takes away the trees of its sessions. */
  cleanGroup(id: string, store: GroupStore, options: LeaveServiceOptions): Promise<CleanOutcome>;
  /** Takes back a delivery that stopped part-way. */
  undoDelivery(
    id: string,
    store: GroupStore,
    options: UndoServiceOptions,
  ): Promise<readonly RepositoryUndo[]>;
  /** What reads a group's work, and what is done with it. */
  delivery(): Promise<DeliveryServices>;
  /** How a person goes on with a session's conversation. @throws RefusedError */
  openCommand(stored: StoredGroup, id: string, env: CliIo['env']): Promise<OpenCommand>;
  /** Goes on with a session's conversation in this terminal. */
  openSession: typeof openSession;
  /** Asks for confirmation at the terminal; false for anything but yes. */
  confirm(question: string): Promise<boolean>;
  /** Shows actors in the Stately Inspector. @param port 0: any free port. */
  createInspector(port: number): Promise<Inspector>;
  /** Serves the page and the API of the saved groups. @throws SessionGroupsError `port_busy`, `package_missing`. */
  createServer(options: ServerOptions): Promise<GroupServer>;
  /** A worker of a fleet, with the agents of the user's plugins. @throws SessionGroupsError `package_missing`. */
  createWorker(options: PoolWorkerOptions): Promise<PoolWorker>;
  /**
   * What carries out sessions by the workers of a Redis that answers.
   * @throws SessionGroupsError `package_missing`, `redis_unreachable`.
   */
  redisExecutor(options: RedisExecutorOptions & { readonly redis: RedisAddress }): Promise<ExecutorOf>;
  /** Opens a file in the user's browser; false if that is not possible. */
  openInBrowser(path: string, env: CliIo['env']): Promise<boolean>;
  /** Asks an agent, built in or of a plugin, whether it can start; starts no session. */
  checkAgent(kind: string, env: CliIo['env'], asked?: ResolvedAgent): Promise<AgentCheck>;
  /** Asks Claude Code of this version whether it is logged in; undefined if it can't tell. */
  checkLogin(version: string, env: CliIo['env']): Promise<ClaudeLogin | undefined>;
}
