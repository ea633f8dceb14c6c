import type { Command } from '../../delivery/config.ts';
import type { CommandsOutcome } from '../../delivery/run-commands.ts';
import type { ObjectId, ReadyWorkspace } from '../../workspace/orders.ts';
import type { Site, WorkspacePort } from '../../workspace/port.ts';
import type { SessionDefinition } from '../types.ts';

/** Methods of the port that need the session's tree; the others need its repository only. */
export const TREE_STEPS = [
  ...(['prepare', 'restore', 'checkpoint', 'planResult', 'takeResult', 'takeMerge', 'putConflict'] as const),
  ...(['standing', 'archive', 'planRelease', 'release'] as const),
] as const;
export type TreeStep = (typeof TREE_STEPS)[number];

type Args<K extends TreeStep> = Parameters<WorkspacePort[K]> extends [Site, ...infer Rest] ? Rest : never;

/** One step in a session's tree, as plain JSON: a method of the port with its arguments, or commands. */
export type TreeCall =
  | { readonly [K in TreeStep]: { readonly do: K; readonly args: Readonly<Args<K>> } }[TreeStep]
  | { readonly do: 'run'; readonly args: readonly [ReadyWorkspace, OrderedCommands] };

/** What a call answers. */
export type TreeAnswers = { readonly [K in TreeStep]: Awaited<ReturnType<WorkspacePort[K]>> } & {
  readonly run: RunElsewhere;
};

/** How commands ended on another machine. `log`: the end of what they have added to their log, without secrets. */
export type RunElsewhere = CommandsOutcome & { readonly log?: string };

/** Set-up or checks, by names and references: their environment is made where they run. */
export interface OrderedCommands extends Pick<SessionDefinition, 'env' | 'envPolicy'> {
  readonly commands: readonly Command[];
  readonly timeoutMs: number;
  /** The name of the file in the session's folder of logs. */
  readonly log: string;
}

/** Work of a session that is on its way: what its refs stand at, and the commits that may be lacking, as a pack. */
export interface SentWork {
  /** Full refs, with the ids of commits. */
  readonly refs: Readonly<Record<string, string>>;
  /** As `git pack-objects` writes it. */
  readonly pack?: Uint8Array;
}

/** A session's work when an attempt of it has ended elsewhere. */
export interface KeptWork extends SentWork {
  readonly warnings: readonly string[];
}

/** A ready tree on another machine, for an attempt that works in it. */
export interface OrderedTree {
  readonly ready: ReadyWorkspace;
  readonly at: string;
  /** Commits of the session that the group's repository has. */
  readonly has: readonly ObjectId[];
}

/** The object ids in something that is plain JSON, each once. */
export function idsIn(value: unknown): ObjectId[] {
  const found = new Set<ObjectId>();
  const look = (part: unknown): void => {
    if (typeof part === 'string') {
      if (OBJECT_ID.test(part)) found.add(part);
    } else if (typeof part === 'object' && part !== null)
      for (const inner of Object.values(part)) look(inner);
  };
  look(value);
  return [...found];
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** What an order waits for: `workers` serve its pool now, and `ahead` others go first. */
export interface QueueNews {
  readonly workers: number;
  readonly ahead: number;
  /** Whose workers, by the name that its user gave it; absent of an executor that has no pools. */
  readonly pool?: string;
}
