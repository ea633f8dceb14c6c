import { z } from 'zod';
import type { Changes, Diff } from '../../sdk/group/delivery/delivered.ts';
import { repositoryName } from '../../words/delivery-words.ts';
import type { CliIo } from '../io.ts';
import { lookOf } from '../terminal.ts';
import { cleanLine, jsonLine } from '../text.ts';
import { renderDiff, renderNames, renderStat } from './diff-text.ts';

/** What the two commands that show changes have in common. */
export const DiffOptions = z.object({
  stat: z.boolean().default(false),
  nameOnly: z.boolean().default(false),
  json: z.boolean().default(false),
});
export type DiffOptions = z.output<typeof DiffOptions>;

/** Where to read them: as text, or as a list of files. */
export interface DiffSources {
  readonly changes: () => Promise<readonly Changes[]>;
  readonly diffs: () => Promise<readonly Diff[]>;
}

/** @param of the group, and the session if it is about one. */
export async function printChanges(
  { changes, diffs }: DiffSources,
  { stat, nameOnly, json }: DiffOptions,
  of: { readonly groupId: string; readonly sessionId?: string },
  { stdout, stderr, env }: CliIo,
): Promise<void> {
  const look = lookOf(stdout, env);
  const found: readonly { read: Changes | Diff; text: string; line: object }[] =
    stat || nameOnly
      ? (await changes()).map(read => ({
          read,
          text: nameOnly ? renderNames(read) : renderStat(read, look),
          line: { type: 'changes', ...of, ...read },
        }))
      : (await diffs()).map(read => ({
          read,
          text: renderDiff(read, look),
          line: { type: 'diff', ...of, ...read },
        }));
  const all = found.map(({ read }) => read);
  for (const { read, text, line } of found) {
    if (json) stdout.write(jsonLine(line));
    else {
      if (found.length > 1 && !nameOnly) stdout.write(`# ${cleanLine(repositoryName(read, all))}\n`);
      stdout.write(text);
    }
  }
  if (found.length === 0) stderr.write(`${of.sessionId === undefined ? NOT_MERGED : NOT_SAVED}\n`);
}

const NOT_MERGED = 'Nothing has been merged yet.';
const NOT_SAVED = 'Nothing of it has been saved yet: it has no workspace of its own, or has not begun.';
