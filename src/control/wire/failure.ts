import { THROWN_CODES, type ThrownCode } from '../../sdk/error-codes.ts';
import { AgentUnavailableError, RefusedError, SessionGroupsError } from '../../sdk/errors.ts';
import { given } from '../../sdk/given.ts';
import type { Diagnostic } from '../../sdk/group/document/diagnostics.ts';
import { DefinitionError } from '../../sdk/group/document/diagnostics.ts';
import { continueCommand, suspendedSince } from '../../words/wait-words.ts';
import type { ControlFailure } from './protocol.ts';

/** An error of the owner in the protocol's form. An unexpected error reveals no internals. */
export function toFailure(error: unknown): ControlFailure {
  if (!(error instanceof SessionGroupsError)) {
    return { code: 'internal_error', message: 'the owner of the group failed on this request' };
  }
  const { code, message, hint } = error;
  if (error instanceof DefinitionError) return { code, message, diagnostics: shown(error.diagnostics) };
  const kind = KINDS.find(([, type]) => error instanceof type)?.[0];
  return given({ code, message, hint, kind });
}

/** The error that the owner threw, for the client's caller. A code that this version lacks is in the message. */
export function fromFailure(failure: ControlFailure): SessionGroupsError {
  const { message, hint, kind, diagnostics } = failure;
  const code = THROWN_CODES.find(known => known === failure.code) ?? 'unknown_error';
  if (code === OWNER_GONE) return new OwnerGoneError(message);
  if (diagnostics) return new DefinitionError(message, diagnostics.map(given));
  const Type = KINDS.find(([name]) => name === kind)?.[1] ?? SessionGroupsError;
  const text = code === failure.code ? message : `${message} (${failure.code})`;
  return new Type(code, text, hint === undefined ? {} : { hint });
}

export const protocolFailure = (code: ThrownCode, message: string, hint?: string): ControlFailure =>
  given({ code, message, hint });

/** A definition may have thousands of problems. */
const MAX_DIAGNOSTICS = 100;

const shown = (diagnostics: readonly Diagnostic[]): NonNullable<ControlFailure['diagnostics']> =>
  diagnostics
    .slice(0, MAX_DIAGNOSTICS)
    .map(({ related: _, path, ...rest }) => ({ ...rest, path: [...path] }));

const KINDS = [
  ['refused', RefusedError],
  ['agent_unavailable', AgentUnavailableError],
] as const;

const OWNER_GONE = 'owner_gone';

/** The owner is releasing the group: ask again, the group will soon have no owner. */
export const OWNER_LEAVING = 'owner_leaving';

/** The process that ran the group has exited, or no process listens at its address. */
export class OwnerGoneError extends SessionGroupsError {
  override readonly name = 'OwnerGoneError';

  constructor(message = 'the process that ran the group has exited', cause?: unknown, groupId = 'ID') {
    super(OWNER_GONE, message, { cause, hint: `Resume it with: session-groups group resume ${groupId}` });
  }
}

/** The process that runs the group is alive but does not answer: it may be suspended or overloaded. */
const OWNER_NOT_ANSWERING = 'owner_not_answering';

/** The process that runs a group. */
interface NamedOwner {
  readonly groupId: string;
  readonly pid: number;
  readonly host: string;
}

const ownerWords = ({ groupId, pid, host }: NamedOwner): string =>
  `process ${pid} on ${host}, which runs ${groupId},`;

/** @param named the process, if it is known. Exit code 5. */
export function ownerNotAnswering(named?: NamedOwner): RefusedError {
  const owner = named ? ownerWords(named) : 'the process that runs the group';
  const hint = named
    ? `It may be suspended. Continue it with: kill -CONT ${named.pid}, or end it with: kill -9 ${named.pid}, and then: session-groups group resume ${named.groupId}`
    : 'It may be suspended. Continue it, or end it and resume the group.';
  const text = `${owner} does not answer; the request has not been carried out, and will not be`;
  return new RefusedError(OWNER_NOT_ANSWERING, text, { hint });
}

/**
 * The process is stopped by a signal, so nothing was asked of it.
 * @param since ISO 8601; undefined where that is not known.
 */
export function ownerSuspended(named: NamedOwner, since: string | undefined, now: number): RefusedError {
  const text = `${ownerWords(named)} is ${suspendedSince(since, now)}; the request has not been carried out, and will not be`;
  const hint = `Continue it with \`fg\` in its terminal, or with: ${continueCommand(named.pid)}`;
  return new RefusedError(OWNER_NOT_ANSWERING, text, { hint });
}

export const isNotAnswering = (error: unknown): boolean =>
  error instanceof RefusedError && error.code === OWNER_NOT_ANSWERING;
