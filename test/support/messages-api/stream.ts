import type { ServerResponse } from 'node:http';
import type { Block, ChosenUsage, Refusal, Reply } from './answers.ts';
import type { RequestBody } from './request.ts';

/**
 * Sends one answer as the API would: server-sent events, or one JSON document if `stream` is off. Returns the number of
 * output tokens sent.
 */
export async function sendReply(
  reply: Reply,
  body: RequestBody,
  id: string,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<number> {
  const model = reply.model ?? body.model;
  const content = [
    ...searchBlocks(reply.usage, id),
    ...reply.content.map((block, index) => wireBlock(block, `${id}_${index}`)),
  ];
  const stopReason =
    reply.stopReason ?? (content.some(block => block.type === 'tool_use') ? 'tool_use' : 'end_turn');
  const message = { id, type: 'message', role: 'assistant', model, stop_sequence: null };
  const output = reply.usage?.output ?? 25;
  const headers = { 'request-id': `req_${id}`, ...reply.headers };
  if (body.stream !== true) {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    const usage = wireUsage(reply.usage, true);
    const whole = JSON.stringify({ ...message, content, stop_reason: stopReason, usage });
    if (reply.broken === 'cut') response.destroy();
    else response.end(reply.broken === 'malformed' ? whole.slice(0, -1) : whole);
    return output;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
  const send = (event: { type: string } & Record<string, unknown>): void => {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  send({
    type: 'message_start',
    message: { ...message, content: [], stop_reason: null, usage: wireUsage(reply.usage, false) },
  });
  let sent = 0;
  for (const [index, block] of content.entries()) {
    send({ type: 'content_block_start', index, content_block: emptied(block) });
    for (const [position, delta] of deltasOf(block, reply.pace !== undefined).entries()) {
      await reply.pace?.next(signal);
      if (signal.aborted) return Math.min(sent, output);
      if (reply.broken && position > 0) {
        await breakStream(reply.broken, response);
        return Math.min(sent, output);
      }
      send({ type: 'content_block_delta', index, delta });
      sent += 1;
    }
    send({ type: 'content_block_stop', index });
  }
  send({
    type: 'message_delta',
    delta: { stop_reason: stopReason, stop_sequence: null },
    usage: { output_tokens: output, ...serverTools(reply.usage) },
  });
  send({ type: 'message_stop' });
  response.end();
  return output;
}

export function sendRefusal(refusal: Refusal, id: string, response: ServerResponse): void {
  const headers = { 'content-type': 'application/json', 'request-id': `req_${id}`, ...refusal.headers };
  response.writeHead(refusal.status, headers);
  const error = { type: refusal.type, message: refusal.message };
  response.end(JSON.stringify({ type: 'error', error, request_id: `req_${id}` }));
}

type WireBlock =
  | { type: 'text'; text: string }
  | { type: 'server_tool_use'; id: string; name: string; input: Record<string, unknown> }
  | { type: 'web_search_tool_result'; tool_use_id: string; content: readonly unknown[] }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };

function wireBlock(block: Block, id: string): WireBlock {
  if ('text' in block) return { type: 'text', text: block.text };
  return { type: 'tool_use', id: block.id ?? `toolu_${id}`, name: block.tool, input: block.input };
}

/** Each search of the API's is a block, and its results, here none, are another. */
const searchBlocks = ({ webSearches = 0 }: ChosenUsage = {}, id: string): WireBlock[] =>
  Array.from({ length: webSearches }, (_, index) => `srvtoolu_${id}_${index}`).flatMap(use => [
    { type: 'server_tool_use', id: use, name: 'web_search', input: {} },
    { type: 'web_search_tool_result', tool_use_id: use, content: [] },
  ]);

const emptied = (block: WireBlock): WireBlock => {
  if (block.type === 'text') return { ...block, text: '' };
  return 'input' in block ? { ...block, input: {} } : block;
};

/** A paced text is sent word by word, any other in two halves (so that a stream can break between them). */
function deltasOf(block: WireBlock, wordByWord: boolean): Record<string, unknown>[] {
  if (block.type === 'web_search_tool_result') return [];
  if (block.type !== 'text') {
    return [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }];
  }
  const middle = Math.ceil(block.text.length / 2);
  const pieces = wordByWord
    ? (block.text.match(/\S+\s*/g) ?? [block.text])
    : [block.text.slice(0, middle), block.text.slice(middle)];
  return pieces.map(piece => ({ type: 'text_delta', text: piece }));
}

async function breakStream(how: 'cut' | 'malformed', response: ServerResponse): Promise<void> {
  if (how === 'malformed') {
    response.end('event: content_block_delta\ndata: {"type":"content_block_delta", this is no JSON\n\n');
    return;
  }
  // The connection ends in the middle of the body, but what was sent so far arrives; hence not `destroy`.
  await new Promise<void>(resolve => response.write(': the end\n\n', () => resolve()));
  response.socket?.end();
}

function wireUsage(usage: ChosenUsage = {}, final: boolean): Record<string, unknown> {
  const { input = 100, output = 25, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0 } = usage;
  return {
    input_tokens: input,
    output_tokens: final ? output : Math.min(1, output),
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWrite5m,
      ephemeral_1h_input_tokens: cacheWrite1h,
    },
    service_tier: 'standard',
    ...(final && serverTools(usage)),
  };
}

const serverTools = ({ webSearches }: ChosenUsage = {}): Record<string, unknown> =>
  webSearches === undefined
    ? {}
    : { server_tool_use: { web_search_requests: webSearches, web_fetch_requests: 0 } };
