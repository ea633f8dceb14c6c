import { z } from 'zod';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import { parseJson } from '../sdk/json.ts';
import type { AgentEvent } from '../sdk/session/agent.ts';
import type { SessionRefs } from '../sdk/workspace/transfer/transfer-port.ts';
import type { BlobName } from './channel.ts';

/**
 * What groups and workers say to each other, as JSON.
 *
 * PROTOCOL-1 a worker of another version than its group's refuses the order, with both versions in the reason, and runs nothing.
 * PROTOCOL-2 what can't be read is answered or left out; nothing is thrown.
 */
export const PROTOCOL = 2;

/** A name of a folder, and a part of a key. */
const Id = z.string().regex(/^[\w-][\w.-]{0,219}$/);

/** The parts of an order of a workspace that name folders. */
export const TREE_FOLDERS = {
  repository: z.string().regex(/^[\w.-]*\w$/),
  folder: z.string().regex(/^(?!.*\.\.)[\w-][\w./-]*$/),
  inner: z.string().regex(/^(?!(.*\/)?\.\.(\/|$))(?!\/)/s),
};

/** What the worker that takes an order is told with it. */
const Note = z.object({
  protocol: z.number(),
  group: Id,
  session: Id,
  epoch: z.number().int().positive(),
  /** A step in a session's tree is told apart from an attempt. */
  kind: z.enum(['attempt', 'step']).default('attempt'),
  /** The blob with the order. */
  order: z.string(),
});
export type Note = z.infer<typeof Note>;

export const noteText = (note: Omit<Note, 'protocol'>): string =>
  JSON.stringify({ protocol: PROTOCOL, ...note });

/** undefined: it is no note. */
export const readNote = (text: string): Note | undefined => Note.safeParse(parseJson(text)).data;

/** A ready tree: its folders are below those of the worker. */
export const ReadyTree = z.looseObject({ order: z.looseObject(TREE_FOLDERS), commit: z.string() });

/** An order as a blob. */
export const orderBytes = (order: AttemptOrder): Uint8Array => Buffer.from(JSON.stringify(order));

const Order = z.looseObject({
  ...{ groupId: z.string(), sessionId: z.string(), attempt: z.number().int().positive() },
  ...{ prompt: z.string(), originalPrompt: z.string(), composed: z.boolean(), logs: z.boolean() },
  /** Contents, or the blobs that have them, by names of files. */
  results: z.record(z.string().regex(/^[\w-][\w.-]*$/), z.string()).optional(),
  agent: z.looseObject({ kind: z.string() }),
  conversation: z.looseObject({ id: z.uuid(), exists: z.boolean(), resume: z.boolean() }),
  env: z.record(z.string(), z.string()),
  envPolicy: z.enum(['inherit', 'allowlist']),
  config: z
    .looseObject({
      files: z.record(z.string().regex(/^(?!.*\.\.)[^/]/s), z.string()),
      variables: z.record(z.string(), z.string()),
      isolated: z.boolean(),
    })
    .optional(),
  tree: z.looseObject({ ready: ReadyTree, at: z.string(), has: z.array(z.string()) }).optional(),
});

/** undefined: it is none, or it would leave its folder. The rest of it is as its group wrote it. */
export const readOrder = (bytes: Uint8Array): AttemptOrder | undefined =>
  Order.safeParse(parseJson(Buffer.from(bytes).toString())).data as AttemptOrder | undefined;

/** What a worker reports of an attempt. */
export type WorkerReport =
  /** It has the order. `host`: where. `place`: whose orders it takes first that wait there; absent: of none. */
  | { readonly type: 'placed'; readonly worker: string; readonly host: string; readonly place?: string }
  /** It does not carry it out, and nothing has run. */
  | { readonly type: 'refused'; readonly message: string }
  /** The worker is being stopped, so that the attempt is interrupted: nobody's failure. */
  | { readonly type: 'drained' }
  /** `kept`: with the end, what is in the session's tree. */
  | { readonly type: 'event'; readonly event: AgentEvent; readonly kept?: ToldWork };

/** A session's work that is on its way; its pack is a blob. */
export interface ToldWork {
  readonly refs: SessionRefs;
  readonly warnings: readonly string[];
  readonly pack?: BlobName | undefined;
}

/** Full refs of a session, with what they stand at. */
export const Refs = z.record(
  z.string().regex(/^refs\/(heads\/)?session-groups\/(?!.*\.\.)[\w./-]+$/),
  z.string().regex(/^[0-9a-f]{40,64}$/),
);

/** Part of the name of a pool. */
const Place = z.string().regex(/^[\w-]{1,100}$/);

const Report = z.discriminatedUnion('type', [
  z.object({ type: z.literal('placed'), worker: z.string(), host: z.string(), place: Place.optional() }),
  z.object({ type: z.literal('refused'), message: z.string() }),
  z.object({ type: z.literal('drained') }),
  z.object({
    type: z.literal('event'),
    event: z.looseObject({ type: z.string() }),
    kept: z.object({ refs: Refs, warnings: z.array(z.string()), pack: z.string().optional() }).optional(),
  }),
]);

export const reportText = (report: WorkerReport): string => JSON.stringify(report);

/** undefined: a report of another version, or none. What an event says is checked by who takes it (`superviseAttempt`). */
export const readWorkerReport = (text: string): WorkerReport | undefined =>
  Report.safeParse(parseJson(text)).data as WorkerReport | undefined;

const Control = z.intersection(
  z.object({ key: z.string() }),
  z.discriminatedUnion('do', [
    z.object({ do: z.enum(['interrupt', 'terminate', 'kill']) }),
    /** Another engine listens: what waits for an answer is to be reported again. */
    z.object({ do: z.literal('repeat') }),
    z.object({
      do: z.literal('answer'),
      requestId: z.string(),
      decision: z.enum(['allow', 'deny']),
      message: z.string().optional(),
      answers: z.array(z.string()).optional(),
    }),
    z.object({ do: z.literal('send'), id: z.string(), text: z.string() }),
  ]),
);
/** What an attempt is told, by the key of its order. */
export type Control = z.infer<typeof Control>;

export const controlText = (control: Control): string => JSON.stringify(control);

export const readControl = (text: string): Control | undefined => Control.safeParse(parseJson(text)).data;
