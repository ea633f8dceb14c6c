import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { z } from 'zod';

const ContentBlock = z.looseObject({ type: z.string(), text: z.string().optional() });
const Message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(ContentBlock)]),
});

/** What the stand-in reads of a request; everything else is kept unchanged. */
export const RequestBody = z.looseObject({
  model: z.string(),
  messages: z.array(Message),
  stream: z.boolean().optional(),
  tools: z.array(z.looseObject({ name: z.string().optional() })).optional(),
  system: z.union([z.string(), z.array(ContentBlock)]).optional(),
});
export type RequestBody = z.infer<typeof RequestBody>;

export interface RecordedRequest {
  /** Counts from 0, side requests included. */
  readonly index: number;
  readonly path: string;
  readonly body: RequestBody;
  /** Without the API key and other credentials. */
  readonly headers: IncomingHttpHeaders;
  /** Made by the client for itself (a title, a summary): it offers no tools. */
  readonly side: boolean;
}

/** All texts of the last user message, joined; the client adds its own reminders to them. */
export function lastUserText(body: RequestBody): string {
  const last = body.messages.filter(message => message.role === 'user').at(-1);
  return last ? textOf(last) : '';
}

/** All texts of the conversation, one per line. */
export const conversationText = (body: RequestBody): string => body.messages.map(textOf).join('\n');

/** How many replies the model has already given in this conversation. */
export const turnsSoFar = (body: RequestBody): number =>
  body.messages.filter(message => message.role === 'assistant').length;

function textOf(message: z.infer<typeof Message>): string {
  if (typeof message.content === 'string') return message.content;
  return message.content.map(block => block.text ?? '').join('\n');
}

const CREDENTIALS = ['x-api-key', 'authorization', 'cookie'];

export async function readRequest(message: IncomingMessage, index: number): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  const body = RequestBody.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  const headers = { ...message.headers };
  for (const name of CREDENTIALS) delete headers[name];
  return { index, path: message.url ?? '', body, headers, side: (body.tools?.length ?? 0) === 0 };
}
