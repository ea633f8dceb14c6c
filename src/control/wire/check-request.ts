import type { z } from 'zod';
import { DEEPEST_JSON, isShallow, parseJson } from '../../sdk/json.ts';
import type { WireVerb } from '../../words/verbs.ts';
import {
  type ControlHandlers,
  ControlParams,
  type ControlResults,
  isWireVerb,
  type ParamsOf,
} from '../verbs.ts';
import { protocolFailure } from './failure.ts';
import {
  AnyRequest,
  CONTROL_VERSION,
  type ControlFailure,
  ControlRequest,
  type RequestId,
} from './protocol.ts';
import type { ControlContext } from './request-context.ts';

export interface CheckedRequest {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly wait: boolean;
  call(handlers: ControlHandlers, context: ControlContext): Promise<unknown>;
}

export type Checked =
  | CheckedRequest
  | { readonly kind: 'refused'; readonly id: RequestId | null; readonly error: ControlFailure }
  /** Not JSON: nothing after it can be trusted either. */
  | { readonly kind: 'garbage'; readonly error: ControlFailure };

/** Checks one line from a client. Never throws. */
export function checkRequest(line: string): Checked {
  const value = parseJson(line);
  if (value === undefined) {
    return { kind: 'garbage', error: protocolFailure('bad_request', 'not a JSON line') };
  }
  if (!isShallow(value)) return refused(null, 'bad_request', `nested deeper than ${DEEPEST_JSON} levels`);
  const any = AnyRequest.safeParse(value);
  if (!any.success) return refused(null, 'bad_request', `not a request: ${firstIssue(any.error)}`);
  const { v, id } = any.data;
  if (v !== CONTROL_VERSION) {
    const text = `version ${JSON.stringify(v)} of the protocol is not known, only ${CONTROL_VERSION}`;
    return refused(id, 'unsupported_version', text, 'Use the same version of session-groups on both sides.');
  }
  const request = ControlRequest.safeParse(value);
  if (!request.success) return refused(id, 'bad_request', firstIssue(request.error));
  const { method, params = {}, wait = true } = request.data;
  if (!isWireVerb(method)) {
    return refused(id, 'unknown_method', `unknown method ${JSON.stringify(method.slice(0, 100))}`);
  }
  return withParams(id, method, params, wait);
}

function withParams<M extends WireVerb>(id: RequestId, method: M, params: unknown, wait: boolean): Checked {
  const parsed = ControlParams[method].safeParse(params);
  if (!parsed.success) return refused(id, 'invalid_params', `${method}: ${firstIssue(parsed.error)}`);
  const call = async (handlers: ControlHandlers, context: ControlContext): Promise<ControlResults[M]> =>
    handlers[method](parsed.data as ParamsOf<M>, context);
  return { kind: 'request', id, wait, call };
}

const refused = (
  id: RequestId | null,
  code: Parameters<typeof protocolFailure>[0],
  message: string,
  hint?: string,
): Checked => ({ kind: 'refused', id, error: protocolFailure(code, message, hint) });

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'invalid'}`.slice(0, 500);
}
