/** A permission request as it is shown to a person: with its input as long as it is open. */
export interface ShownRequest {
  readonly requestId: string;
  readonly tool: string;
  readonly input?: unknown;
}

/** An input can be long: a group keeps those of open requests only. */
export function withoutInput(request: ShownRequest | undefined): ShownRequest | undefined {
  if (request?.input === undefined) return request;
  const { requestId, tool } = request;
  return { requestId, tool };
}
