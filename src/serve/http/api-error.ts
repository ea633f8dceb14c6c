import type { ThrownCode } from '../../sdk/error-codes.ts';
import { AgentUnavailableError, RefusedError, SessionGroupsError } from '../../sdk/errors.ts';
import { given } from '../../sdk/given.ts';
import { UnmergedWorkError } from '../../sdk/group/delivery/unmerged-work-error.ts';
import { DefinitionError } from '../../sdk/group/document/diagnostics.ts';
import { GroupOwnedError } from '../../sdk/group/store/store.ts';
import type { ApiError } from '../api-types.ts';

/** A request that is refused before it reaches the engine. */
export class HttpError extends SessionGroupsError {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(status: number, code: ThrownCode, message: string, hint?: string) {
    super(code, message, hint === undefined ? {} : { hint });
    this.status = status;
  }
}

/** The only mapping from errors to statuses. Unexpected errors reveal nothing about the internals. */
export function errorAnswer(error: unknown): { readonly status: number; readonly body: ApiError } {
  if (!(error instanceof SessionGroupsError)) {
    const message = 'the server failed to handle this request';
    return { status: 500, body: { error: { code: 'internal_error', message } } };
  }
  const { code, message, hint } = error;
  const diagnostics = error instanceof DefinitionError ? error.diagnostics : undefined;
  const work = error instanceof UnmergedWorkError ? error.work : undefined;
  return { status: statusOf(error), body: { error: given({ code, message, hint, diagnostics, work }) } };
}

function statusOf(error: SessionGroupsError): number {
  if (error instanceof HttpError) return error.status;
  if (error instanceof DefinitionError) return 400;
  if (error instanceof RefusedError || error instanceof GroupOwnedError) return 409;
  if (error instanceof AgentUnavailableError) return 503;
  return STATUS_OF[error.code] ?? 500;
}

/** Other codes are 500: store, disk or internal errors. */
const STATUS_OF: Readonly<Partial<Record<ThrownCode, number>>> = {
  unknown_group: 404,
  ambiguous_group: 404,
  unknown_session: 404,
  invalid_argument: 400,
  owner_gone: 503,
  manager_disposed: 503,
  disposed: 503,
};
