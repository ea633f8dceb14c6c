import type { ErrorCode } from '../../../../machines/vocabulary.ts';

/**
 * Maps the client's name for an API error, or else the HTTP status, to our code; undefined if neither says anything.
 * The names are those of 2.1.330; on `rate_limited` the caller looks for a reset time.
 */
export function errorCodeOf(
  kind: string | null | undefined,
  status: number | null | undefined,
): ErrorCode | undefined {
  const byKind = kind ? CODE_OF_KIND.get(kind) : undefined;
  // For 529 the client says overloaded while it retries, but server_error in the end.
  if (status === 529) return 'overloaded';
  return byKind ?? (status ? codeOfStatus(status) : undefined);
}

const CODE_OF_KIND: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['authentication_failed', 'authentication_failed'],
  ['oauth_org_not_allowed', 'authentication_failed'],
  ['cloud_credential_error', 'authentication_failed'],
  ['account_on_hold', 'billing_error'],
  ['verification_required', 'billing_error'],
  ['billing_error', 'billing_error'],
  ['rate_limit', 'rate_limited'],
  ['overloaded', 'overloaded'],
  ['invalid_request', 'invalid_request'],
  ['model_not_found', 'model_not_found'],
  ['server_error', 'server_error'],
  ['max_output_tokens', 'agent_error'],
]);

function codeOfStatus(status: number): ErrorCode | undefined {
  if (status === 401 || status === 403) return 'authentication_failed';
  if (status === 402) return 'billing_error';
  if (status === 404) return 'model_not_found';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'server_error';
  return status >= 400 ? 'invalid_request' : undefined;
}
