import { z } from 'zod';
import { SessionId } from '../../sdk/group/types.ts';

/**
 * What the owner of a group and other processes say to each other: lines of JSON over a unix socket.
 *
 * P1 a request is `{v, id, method, params?, wait?}`; each gets exactly one reply under its id, `ok` true or false,
 *    and before it any number of streamed records.
 * P2 whatever cannot be understood is refused with a code; what has no readable id is answered under `null`.
 * P3 unknown keys are refused, not ignored: an older owner must not do half of what a newer client asked for.
 */
export const CONTROL_VERSION = 1;
/** A request longer than this closes the connection. */
export const LONGEST_REQUEST_BYTES = 1024 * 1024;

const Usd = z.number().positive();
const Json = z.record(z.string(), z.unknown());
const Texts = z.record(z.string(), z.string());

/**
 * What is to become of the definition. It is checked as any definition is; paths in it are absolute. A key of a
 * session that is null is taken away.
 */
export const WireChange = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('update'),
    definition: Json,
    files: z.strictObject({ templates: Texts, sharedConfig: Texts }).optional(),
    source: z.strictObject({ file: z.string(), text: z.string() }).optional(),
  }),
  z.strictObject({ kind: z.literal('add'), session: Json }),
  z.strictObject({ kind: z.literal('remove'), id: SessionId }),
  z.strictObject({ kind: z.literal('change'), id: SessionId, changes: Json }),
]);
export type WireChange = z.output<typeof WireChange>;

const none = z.strictObject({});

/** The parameters of each method. */
export const ControlParams = {
  status: none,
  pause: none,
  resume: z.strictObject({ maxBudgetUsd: Usd.optional() }),
  stop: none,
  retry: z.strictObject({
    sessions: z.array(SessionId).min(1).optional(),
    fresh: z.boolean().optional(),
    dryRun: z.boolean().optional(),
  }),
  /** One of `change` and `changeFile`, the path of a file with the change as JSON: a definition may be longer than a request. */
  redefine: z.strictObject({
    change: WireChange.optional(),
    changeFile: z.string().min(1).optional(),
    dryRun: z.boolean().optional(),
  }),
  set_max_budget: z.strictObject({ usd: z.union([Usd, z.literal('none')]) }),
  session_pause: z.strictObject({ id: SessionId }),
  session_resume: z.strictObject({ id: SessionId }),
  answer: z.strictObject({
    sessionId: SessionId.optional(),
    requestId: z.string().min(1),
    decision: z.enum(['allow', 'deny']),
    /** Through what the person answered, for the journal. Default: the command line. */
    by: z.enum(['cli', 'http']).optional(),
  }),
  why: z.strictObject({ id: SessionId.optional() }),
  watch: z.strictObject({ fromSeq: z.number().int().nonnegative().optional() }),
};
export type ControlMethod = keyof typeof ControlParams;
export type ParamsOf<M extends ControlMethod> = z.output<(typeof ControlParams)[M]>;

export const isControlMethod = (name: string): name is ControlMethod => Object.hasOwn(ControlParams, name);

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
  'too_slow',
  'internal_error',
] as const;
export type ProtocolCode = (typeof PROTOCOL_CODES)[number];
