import { z } from 'zod';
import type { ThrownCode } from '../../sdk/error-codes.ts';

/**
 * What the owner of a group and other processes say to each other: lines of JSON over a unix socket.
 *
 * CONTROL-1 a request is `{v, id, method, params?, wait?}`; each gets exactly one reply under its id, `ok` true or
 *    false, and before it any number of streamed records.
 * CONTROL-2 whatever cannot be understood is refused with a code; what has no readable id is answered under `null`.
 * CONTROL-3 unknown keys are refused, not ignored: an older owner must not do half of what a newer client asked for.
 */
export const CONTROL_VERSION = 1;
/** A request longer than this closes the connection. */
export const LONGEST_REQUEST_BYTES = 1024 * 1024;

const RequestId = z.union([z.number().int().nonnegative(), z.string().min(1).max(100)]);
export type RequestId = z.output<typeof RequestId>;

/** What can be read of a request of any version, to answer it. */
export const AnyRequest = z.looseObject({ v: z.unknown().optional(), id: RequestId });

export const ControlRequest = z.strictObject({
  v: z.literal(CONTROL_VERSION),
  id: RequestId,
  method: z.string(),
  params: z.unknown().optional(),
  /** Whether the reply waits until the state is reached. Default: true. */
  wait: z.boolean().optional(),
});
export type ControlRequest = z.output<typeof ControlRequest>;

const Place = { file: z.string().optional(), line: z.number().optional(), column: z.number().optional() };
const FailedDiagnostic = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])),
  ...Place,
  frame: z.string().optional(),
  suggestion: z.string().optional(),
});

export const ControlFailure = z.object({
  code: z.string(),
  /** Which class of error it is for the caller; absent for the base class. */
  kind: z.string().optional(),
  message: z.string(),
  hint: z.string().optional(),
  /** The problems of a definition. */
  diagnostics: z.array(FailedDiagnostic).optional(),
});
export type ControlFailure = z.output<typeof ControlFailure>;

const head = { v: z.literal(CONTROL_VERSION), id: z.union([RequestId, z.null()]) };

/** What the owner says: a reply, a streamed record, or a word about the stream such as `lagged`. */
export const ControlMessage = z.union([
  z.object({ ...head, ok: z.literal(true), result: z.unknown() }),
  z.object({ ...head, ok: z.literal(false), error: ControlFailure }),
  z.object({ ...head, record: z.looseObject({ type: z.string() }) }),
  z.object({ ...head, notice: z.string() }),
]);
export type ControlMessage = z.output<typeof ControlMessage>;
export type ControlReply = Extract<ControlMessage, { readonly ok: boolean }>;

/** The codes of the protocol itself; all other codes are those of the engine. */
export const PROTOCOL_CODES = [
  'bad_request',
  'unsupported_version',
  'unknown_method',
  'invalid_params',
  'line_too_long',
  'too_many_connections',
  'too_many_requests',
  'internal_error',
] as const satisfies readonly ThrownCode[];
export type ProtocolCode = (typeof PROTOCOL_CODES)[number];
