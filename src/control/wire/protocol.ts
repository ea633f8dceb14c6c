import { z } from 'zod';
import { parseJson } from '../../sdk/json.ts';

/**
 * The protocol between the owner of a group and other processes: JSON lines over a unix socket.
 *
 * CONTROL-1 a request is `{v, id, method, params?, wait?}`; each gets exactly one reply under its id, `ok` true or
 *    false, after any number of streamed records.
 * CONTROL-2 anything that cannot be parsed is refused with a code; without a readable id, the reply's id is `null`.
 * CONTROL-3 unknown keys are refused, not ignored: an older owner must not do half of what a newer client asked for.
 */
export const CONTROL_VERSION = 1;
/** A reply may be long, because the status of a large group is. */
export const MAX_REPLY_BYTES = 256 * 1024 * 1024;

/** A request longer than this closes the connection. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

const RequestId = z.union([z.number().int().nonnegative(), z.string().min(1).max(100)]);
export type RequestId = z.output<typeof RequestId>;

/** The part of a request that is the same in every version, needed to answer it. */
export const AnyRequest = z.looseObject({ v: z.unknown().optional(), id: RequestId });

export const ControlRequest = z.strictObject({
  v: z.literal(CONTROL_VERSION),
  id: RequestId,
  method: z.string(),
  params: z.unknown().optional(),
  /** Whether to reply only once the state is reached. Default: true. */
  wait: z.boolean().optional(),
});
export type ControlRequest = z.output<typeof ControlRequest>;

const Position = { file: z.string().optional(), line: z.number().optional(), column: z.number().optional() };
const FailedDiagnostic = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])),
  ...Position,
  frame: z.string().optional(),
  suggestion: z.string().optional(),
});

export const ControlFailure = z.object({
  code: z.string(),
  /** The error class for the caller; absent for the base class. */
  kind: z.string().optional(),
  message: z.string(),
  hint: z.string().optional(),
  /** The problems of a definition. */
  diagnostics: z.array(FailedDiagnostic).optional(),
});
export type ControlFailure = z.output<typeof ControlFailure>;

const head = { v: z.literal(CONTROL_VERSION), id: z.union([RequestId, z.null()]) };

/** A message from the owner: a reply, a streamed record, or a notice about the stream such as `lagged`. */
export const ControlMessage = z.union([
  z.object({ ...head, ok: z.literal(true), result: z.unknown() }),
  z.object({ ...head, ok: z.literal(false), error: ControlFailure }),
  z.object({ ...head, record: z.looseObject({ type: z.string() }) }),
  z.object({ ...head, notice: z.string() }),
]);
export type ControlMessage = z.output<typeof ControlMessage>;
/** Parses a message from the owner; undefined if it isn't one. */
export const readMessage = (line: string): ControlMessage | undefined =>
  ControlMessage.safeParse(parseJson(line)).data;
export type ControlReply = Extract<ControlMessage, { readonly ok: boolean }>;
