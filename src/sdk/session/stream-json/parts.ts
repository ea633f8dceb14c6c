import { z } from 'zod';
import { isShallow } from '../../json.ts';
import { count, maybe } from './tolerant.ts';

/** Parts of messages that every program which prints stream-json has in common. */

const shallow = (value: unknown): boolean => isShallow(value);

/** Any value that is not nested too deep to be written again. */
export const Json = z.unknown().refine(shallow);

/** What a tool is called with. */
export const ToolInput = maybe(z.record(z.string(), z.unknown()).refine(shallow));

export const TokenUsage = z.object({
  input_tokens: maybe(count),
  output_tokens: maybe(count),
  cache_read_input_tokens: maybe(count),
  cache_creation_input_tokens: maybe(count),
  cache_creation: maybe(z.object({ ephemeral_1h_input_tokens: maybe(count) })),
  server_tool_use: maybe(z.object({ web_search_requests: maybe(count) })),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

export const NO_USAGE: TokenUsage = TokenUsage.parse({});

const ContentBlock = z.object({
  type: z.string(),
  text: maybe(z.string()),
  thinking: maybe(z.string()),
  input: Json.optional(),
  id: maybe(z.string()),
  name: maybe(z.string()),
  tool_use_id: maybe(z.string()),
  is_error: maybe(z.boolean()),
  /** Of a tool's result: text, or blocks. */
  content: z.unknown().optional(),
});
export type ContentBlock = z.infer<typeof ContentBlock>;

/** A list of blocks; a text alone is one block. */
export const Content = z.preprocess(
  given => (typeof given === 'string' ? [{ type: 'text', text: given }] : (given ?? [])),
  z.array(ContentBlock),
);

/** Permissions that were denied, each with a name, even if that can't be read. */
export const Denials = maybe(
  z.array(
    z
      .object({
        tool_name: maybe(z.string()),
        tool_use_id: maybe(z.string()),
        tool_input: ToolInput,
      })
      .transform(({ tool_name = 'unknown', ...denied }) => ({ tool_name, ...denied })),
  ),
);

export function textsOf(content: readonly ContentBlock[]): string[] {
  const texts: string[] = [];
  for (const { type, text } of content) if (type === 'text' && text) texts.push(text);
  return texts;
}
