import { given } from '../../../given.ts';
import { refusedInput } from '../../reports/tool-input.ts';
import type { ContentBlock } from '../../stream-json/parts.ts';
import type { PermissionDenial, RefusedBy } from '../../usage.ts';
import type { ClaudeMessage, ResultMessage } from '../stream/messages.ts';

type User = Extract<ClaudeMessage, { type: 'user' }>;

/** What the stream has said about refused tool calls, by tool use. */
export interface Refusals {
  /** The client asks the host, so whatever it refuses by itself was refused by a rule or a hook. */
  readonly asks: boolean;
  readonly by: Map<string, RefusedBy>;
}

export const newRefusals = (asks: boolean): Refusals => ({ asks, by: new Map() });

/** Learns from the results of tool calls who refused the ones that were not run. */
export function learnRefusals(refusals: Refusals, { message, tool_result_meta: metas }: User): void {
  for (const block of message.content) {
    const id = block.type === 'tool_result' && block.is_error === true ? block.tool_use_id : undefined;
    if (id === undefined || refusals.by.has(id)) continue;
    const meta = metas?.find(one => one.id === id);
    const by = meta ? byMeta(meta) : byText(resultText(block), refusals.asks);
    if (by !== undefined) refusals.by.set(id, by);
  }
}

/** The denials that a result lists. */
export const denialsOf = (refusals: Refusals, result: ResultMessage): PermissionDenial[] =>
  (result.permission_denials ?? []).map(({ tool_name: tool, tool_use_id: toolUseId, tool_input: input }) =>
    given({
      tool,
      toolUseId,
      refusedBy: toolUseId === undefined ? undefined : refusals.by.get(toolUseId),
      input: refusedInput(input ?? undefined),
    }),
  );

/** 2.1.332. A mode that refuses what no rule allows (`dontAsk`) is nobody's decision about this call. */
function byMeta(meta: NonNullable<User['tool_result_meta']>[number]): RefusedBy | undefined {
  const { decision, source, reason_type: reason } = meta.permission_decision ?? {};
  if (decision !== 'reject') return undefined;
  if (source === 'hook') return 'hook';
  if (source?.startsWith('user')) return 'person';
  return meta.non_execution_kind === 'permission-rule' && reason !== 'mode' ? 'rule' : 'nobody';
}

/** Older clients say it only in the text for the model, and not always. */
function byText(text: string, asks: boolean): RefusedBy | undefined {
  if (/^\w+:\S* hook error:/.test(text)) return 'hook';
  if (/^Permission to use .* has been denied\.|denied by your permission settings/s.test(text)) return 'rule';
  if (/don't ask mode/.test(text) || !asks) return 'nobody';
  return 'hook';
}

/** What the result of a tool call says. */
export function resultText({ content }: ContentBlock): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.flatMap(part => (typeof part?.text === 'string' ? [part.text] : [])).join('\n');
}
