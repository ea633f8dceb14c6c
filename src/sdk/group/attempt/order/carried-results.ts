import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SessionGroupsError, textOfThrown } from '../../../errors.ts';
import type { AttemptOrder } from './attempt-order.ts';

/** A file with the whole text of a session's result, which prompts name. */
export interface ResultFile {
  /** As prompts name it; absolute. */
  readonly path: string;
  /** Where it is now. */
  readonly place: string;
  /** Unique in the group, and a name of a file. */
  readonly name: string;
}

/** Stands for the path of a file in an order's texts. */
const MARK = 'session-groups-result:';

/**
 * An order that names none of these files by its path: what its texts name, it carries along (`results`).
 * @param filesOf called only if there is something to look for.
 * @throws SessionGroupsError `result_lost`.
 */
export function carryResults(order: AttemptOrder, filesOf: () => Iterable<ResultFile>): AttemptOrder {
  if (!textsOf(order).some(text => text.includes('[truncated: '))) return order;
  const texts = textsOf(order);
  const named = [...filesOf()].filter(({ path }) => texts.some(text => text.includes(path)));
  if (named.length === 0) return order;
  // The longest first: a path may begin another.
  const marks = named
    .toSorted((a, b) => b.path.length - a.path.length)
    .map(({ path, name }) => [path, `${MARK}${name}`] as const);
  return {
    ...replaced(order, marks),
    results: Object.fromEntries(named.map(file => [file.name, textOf(file)])),
  };
}

/** The order with the paths of the files that it carries, which are written into this folder. */
export function unpackResults(order: AttemptOrder, folder: string): AttemptOrder {
  const files = Object.entries(order.results ?? {});
  if (files.length === 0) return order;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const paths = files
    .toSorted(([a], [b]) => b.length - a.length)
    .map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return [`${MARK}${name}`, path] as const;
    });
  const { results: _, ...rest } = replaced(order, paths);
  return rest;
}

const textsOf = ({ prompt, originalPrompt, config }: AttemptOrder): string[] => [
  prompt,
  originalPrompt,
  ...Object.values(config?.files ?? {}),
];

function replaced(order: AttemptOrder, pairs: readonly (readonly [string, string])[]): AttemptOrder {
  const filled = (text: string) => pairs.reduce((all, [from, to]) => all.replaceAll(from, () => to), text);
  const { prompt, originalPrompt, config } = order;
  const more = config && {
    config: {
      ...config,
      files: Object.fromEntries(Object.entries(config.files).map(([name, text]) => [name, filled(text)])),
    },
  };
  return { ...order, prompt: filled(prompt), originalPrompt: filled(originalPrompt), ...more };
}

function textOf({ place }: ResultFile): string {
  try {
    return readFileSync(place, 'utf8');
  } catch (cause) {
    const reason = textOfThrown(cause);
    throw new SessionGroupsError('result_lost', `the result of a session cannot be read: ${reason}`, {
      cause,
      hint: `Restore ${place}, or retry the session.`,
    });
  }
}
