// What the entry points of the package export, by name, each with the doc comment at its declaration.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The entry points as hosts import them, with their source: `session-groups/testing` is `src/testing.ts`. */
export const ENTRIES = entriesOf(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

function entriesOf({ name, exports }) {
  return Object.entries(exports).flatMap(([path, { types } = {}]) => {
    const source = types?.replace('./dist/', '').replace('.d.ts', '.ts');
    return source === undefined ? [] : [{ specifier: join(name, path), source }];
  });
}

/**
 * The names that an entry exports, with the file that declares each and its name there, and whether only its type is
 * exported, in the order of the entry.
 * @param text what the entry says, as `export { … } from '…'`.
 */
export function namesIn(text, entry) {
  return [...text.matchAll(/export (type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(([, type, list, path]) =>
    list
      .split(',')
      .map(word => word.trim())
      .filter(word => word !== '')
      .map(word => {
        const isType = type !== undefined || word.startsWith('type ');
        const [declared, name = declared] = word.replace(/^type /, '').split(' as ');
        return { name, declared, isType, file: join(dirname(entry), path) };
      }),
  );
}

/**
 * The declarations of a name in a file's text: what each is, and its doc comment, if it has one. A schema and its type
 * share a name.
 */
export function declarationsIn(text, name) {
  const pattern = new RegExp(
    `^export (?:declare )?(?:abstract )?(?:async )?(function|class|interface|type|const|enum) ${name}\\b(: (?:<.*?>)?\\()?`,
    'gm',
  );
  return [...text.matchAll(pattern)].map(({ 1: kind, 2: callable, index }) => ({
    kind: callable === undefined ? kind : 'function',
    comment: /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(text.slice(0, index))?.[1],
  }));
}

/** The first sentence of a doc comment, on one line. */
export function firstSentence(comment) {
  const text = comment
    .replace(/^[ \t]*\*[ \t]?/gm, '')
    .split(/\n\s*\n|\n\s*@/)[0]
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^@deprecated /, 'Deprecated: ');
  return /^.*?[.](?= [A-Z`(]|$)/.exec(text)?.[0] ?? text;
}
