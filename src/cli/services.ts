import type { TakenGroup } from '../control/verbs.ts';
import type { ControlClient } from '../control/wire/client.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { SessionGroupHandle, SessionGroupOptions } from '../sdk/group/api/handle.ts';
import type { OpenOptions } from '../sdk/group/api/take-over.ts';
import type { Diagnostic } from '../sdk/group/document/diagnostics.ts';
import type { GroupFiles } from '../sdk/group/document/group-files.ts';
import type { GroupView } from '../sdk/group/standing/view.ts';
import type { GroupStore, StoredGroup } from '../sdk/group/store/store.ts';
import type { SessionGroupDefinition, SessionGroupInput } from '../sdk/group/types.ts';
import type { AgentCheck } from '../sdk/session/agent.ts';
import type { AgentKind } from '../sdk/session/agent-kinds.ts';
import type { GroupServer } from '../serve/server.ts';
import type { CliIo } from './io.ts';

/** A definition that was read and found valid. */
export interface LoadedGroup {
  readonly definition: SessionGroupDefinition;
  readonly warnings: readonly Diagnostic[];
  /** Templates and shared configuration that were read with it. Default: none. */
  readonly files?: GroupFiles;
  /** The file as it was read. */
  readonly source?: { readonly file: string; readonly text: string };
}

/** A group that can be shown while it runs, here or in another process. */
export type ShownGroup = Pick<
  SessionGroupHandle,
  'id' | 'group' | 'events$' | 'progress$' | 'getProgress' | 'getResult' | 'pause' | 'stop' | 'dispose'
>;

/** A group that this process owns. */
export interface DrivenGroup
  extends ShownGroup,
    TakenGroup,
    Pick<SessionGroupHandle, 'dir' | 'update' | 'addSession'> {
  /** Lets other processes drive the group, until it is disposed of. */
  serve(): Promise<void>;
  /** This process is about to let the group go: other processes' requests are refused with `owner_leaving`. */
  leave(): void;
}

export type GroupOptions = SessionGroupOptions & { readonly store: GroupStore };

export interface ServerOptions {
  readonly store: GroupStore;
  readonly env: CliIo['env'];
  /** 0: any that is free. */
  readonly port: number;
  /** Default: a new one. */
  readonly token?: string;
}

/** What the commands call in the library; tests put their own in its place. */
export interface CliServices {
  loadDefinition(file: string): LoadedGroup | Promise<LoadedGroup>;
  /** Where the groups of this user are kept. */
  openStore(env: CliIo['env']): Promise<GroupStore>;
  createGroup(definition: SessionGroupInput, options: GroupOptions): Promise<DrivenGroup>;
  /** Becomes the owner of a group that nobody runs. */
  openGroup(id: string, options: GroupOptions & OpenOptions): Promise<DrivenGroup>;
  /** The owner of a group, to be asked. */
  connect(address: string): Promise<ControlClient>;
  /** A group as its journal tells it. */
  viewGroup(stored: StoredGroup): Promise<GroupView>;
  /** Keeps a group out of lists. */
  archiveGroup(id: string, store: GroupStore): Promise<void>;
  /** Removes a group for good; refused while somebody runs it. */
  deleteGroup(id: string, store: GroupStore): Promise<void>;
  /** Asks the person at the terminal; false for anything but yes. */
  confirm(question: string): Promise<boolean>;
  /** Shows actors in the Stately Inspector. @param port 0: any free one. */
  createInspector(port: number): Promise<Inspector>;
  /** Serves the page and the API of the kept groups. @throws SessionGroupsError `port_busy`, `package_missing`. */
  createServer(options: ServerOptions): Promise<GroupServer>;
  /** Opens a file in the user's browser; false where that is not possible. */
  openInBrowser(path: string, env: CliIo['env']): Promise<boolean>;
  /** Looks for the program of an agent; starts no work. */
  checkAgent(kind: AgentKind, env: CliIo['env']): Promise<AgentCheck>;
}
