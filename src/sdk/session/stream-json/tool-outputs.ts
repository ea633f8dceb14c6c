import { createReadStream, statSync } from 'node:fs';
import { isObject } from '../../argument.ts';
import { given } from '../../given.ts';
import { parseJson } from '../../json.ts';
import { lineSplitter } from '../../process/line-splitter.ts';

/** What tools have returned, and where the next read begins. */
export interface ToolOutputs<T> {
  readonly outputs: ReadonlyMap<string, T>;
  readonly end: number;
}

/**
 * What tools have returned, from the transcript file of a session: it is in no journal.
 *
 * TOOL-OUTPUTS-1 what is kept of each is what `take` makes of it, so that memory doesn't grow with the file.
 * TOOL-OUTPUTS-2 a file that is missing, or damaged in parts, is no error: what can't be read is left out.
 *
 * @param wanted the calls, by `toolUseId`.
 * @param part `start`: the byte to begin at; `most`: so many are kept, the latest. Default: all.
 */
export async function readToolOutputs<T>(
  path: string,
  wanted: { has(toolUseId: string): boolean },
  take: (text: string) => T,
  { start = 0, most = Number.POSITIVE_INFINITY }: { readonly start?: number; readonly most?: number } = {},
): Promise<ToolOutputs<T>> {
  const outputs = new Map<string, T>();
  let position = start;
  let end = start;
  const lines = lineSplitter(line => {
    if (!line.includes('"tool_result"')) return;
    for (const { id, text } of resultsIn(parseJson(line))) if (wanted.has(id)) outputs.set(id, take(text));
    for (const id of outputs.keys()) {
      if (outputs.size <= most) break;
      outputs.delete(id);
    }
  });
  try {
    for await (const chunk of createReadStream(path, { start })) {
      const bytes: Buffer = chunk;
      const newline = bytes.lastIndexOf(NEWLINE);
      if (newline !== -1) end = position + newline + 1;
      position += bytes.length;
      lines.push(bytes);
    }
  } catch {
    // It is not there, or not any more.
  }
  lines.end();
  return { outputs, end };
}

/** Where a read of a session's file has ended. */
export interface OutputsCursor {
  /** Which file it was: one that became too large has been replaced by another. */
  readonly file: number;
  readonly end: number;
}

/** The same of what has come since an earlier read, of the same file; of another one, all of it. */
export async function readNewOutputs<T>(
  path: string,
  wanted: { has(toolUseId: string): boolean },
  take: (text: string) => T,
  { after, most }: { readonly after?: OutputsCursor | undefined; readonly most?: number } = {},
): Promise<{ readonly outputs: ToolOutputs<T>['outputs']; readonly cursor: OutputsCursor }> {
  const file = statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
  const start = after?.file === file ? after.end : 0;
  const { outputs, end } = await readToolOutputs(path, wanted, take, given({ start, most }));
  return { outputs, cursor: { file, end } };
}

const NEWLINE = 10;

/** The results of a message's own calls; those of subagents stand in no journal. */
function resultsIn(json: unknown): { readonly id: string; readonly text: string }[] {
  if (!isObject(json) || json.type !== 'user' || json.parent_tool_use_id) return [];
  const content = isObject(json.message) ? json.message.content : undefined;
  if (!Array.isArray(content)) return [];
  return content.flatMap((block: unknown) =>
    isObject(block) && block.type === 'tool_result' && typeof block.tool_use_id === 'string'
      ? [{ id: block.tool_use_id, text: textOf(block.content) }]
      : [],
  );
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map(part => (isObject(part) ? wordsOf(part) : '')).join('\n');
}

const wordsOf = ({ type, text }: Readonly<Record<string, unknown>>): string =>
  typeof text === 'string' ? text : `[${typeof type === 'string' ? type : 'something'}]`;
