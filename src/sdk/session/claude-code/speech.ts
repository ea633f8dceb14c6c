/**
 * What is written to the client's standard input: the user's message and the control protocol, one JSON
 * object a line.
 */

/** `composed`: the text was not typed by a person; slash commands and `@file` in it stay text. */
export const userMessage = (prompt: string, composed: boolean): string =>
  line({
    type: 'user',
    message: { role: 'user', content: prompt },
    parent_tool_use_id: null,
    ...(composed && { client_composed: true }),
  });

/** Cuts the turn, keeps what was said so far, prints a result and leaves. Not in the public protocol. */
export const endSession = (): string =>
  line({ type: 'control_request', request_id: 'end-session', request: { subtype: 'end_session' } });

/** Changes nothing; it is answered as soon as the client is up. */
export const hello = (): string =>
  line({ type: 'control_request', request_id: 'hello', request: { subtype: 'initialize' } });

export function permissionAnswer(
  requestId: string,
  input: Record<string, unknown>,
  decision: 'allow' | 'deny',
  message = 'The person who was asked said no.',
): string {
  const response =
    decision === 'allow' ? { behavior: 'allow', updatedInput: input } : { behavior: 'deny', message };
  return line({
    type: 'control_response',
    response: { subtype: 'success', request_id: requestId, response },
  });
}

/** Says that a control request is of a kind that nobody here can answer. */
export const refusal = (requestId: string): string =>
  line({
    type: 'control_response',
    response: { subtype: 'error', request_id: requestId, error: 'not supported by this host' },
  });

const line = (message: Record<string, unknown>): string => `${JSON.stringify(message)}\n`;
