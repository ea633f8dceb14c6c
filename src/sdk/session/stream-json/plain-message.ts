import { isObject } from '../../argument.ts';
import { isShallow } from '../../json.ts';
import { type ContentBlock, TokenUsage } from './parts.ts';

/**
 * `assistant` messages are nearly all that a client prints. What is as expected in every field is read here; undefined: the
 * schema reads it, with the same result for what both can read.
 */
export interface PlainAssistant {
  readonly message: {
    readonly id: string | undefined;
    readonly model: string | undefined;
    readonly stop_reason: string | undefined;
    readonly content: ContentBlock[];
    readonly usage: TokenUsage | undefined;
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** The message of the line, if all of these fields of the line are text, null or missing. */
export function plainAssistant(json: unknown, texts: readonly string[]): PlainAssistant | undefined {
  if (!isObject(json) || !areTexts(json, texts)) return undefined;
  const { message } = json;
  if (!isObject(message) || !areTexts(message, OF_MESSAGE) || !Array.isArray(message.content))
    return undefined;
  const usage = usageOf(message.usage);
  if (usage === null) return undefined;
  const content: ContentBlock[] = [];
  for (const block of message.content) {
    const read = plainBlock(block);
    if (!read) return undefined;
    content.push(read);
  }
  const { id, model, stop_reason } = message;
  return { message: { id: text(id), model: text(model), stop_reason: text(stop_reason), content, usage } };
}

const OF_MESSAGE = ['id', 'model', 'stop_reason'];
const OF_BLOCK = ['text', 'thinking', 'id', 'name', 'tool_use_id'];

function plainBlock(block: unknown): ContentBlock | undefined {
  if (!isObject(block) || typeof block.type !== 'string' || !areTexts(block, OF_BLOCK)) return undefined;
  const { is_error = null, input } = block;
  if ((is_error !== null && typeof is_error !== 'boolean') || !isShallow(input)) return undefined;
  return {
    type: block.type,
    text: text(block.text),
    thinking: text(block.thinking),
    id: text(block.id),
    name: text(block.name),
    tool_use_id: text(block.tool_use_id),
    is_error: is_error ?? undefined,
    ...('input' in block && { input }),
    ...('content' in block && { content: block.content }),
  };
}

/** null if not all of it can be read. */
function usageOf(json: unknown): TokenUsage | undefined | null {
  if (json === undefined || json === null) return undefined;
  const { data } = TokenUsage.safeParse(json);
  return data ?? null;
}

export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Of what `areTexts` has found to be text, null or missing. */
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function areTexts(fields: Fields, names: readonly string[]): boolean {
  for (const name of names) {
    const value = fields[name];
    if (!isAbsent(value) && typeof value !== 'string') return false;
  }
  return true;
}
