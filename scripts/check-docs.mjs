#!/usr/bin/env node
// `npm run check:docs`: every exported name of the package has a doc comment at its declaration. The package's
// declarations include these comments, so hosts see them in their editors.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRIES = [
  'src/index.ts',
  'src/testing.ts',
  'src/inspect/index.ts',
  'src/serve/index.ts',
  'machines/index.ts',
];

const missing = ENTRIES.flatMap(entry => namesOf(join(ROOT, entry)).flatMap(undocumented));
const total = ENTRIES.reduce((sum, entry) => sum + namesOf(join(ROOT, entry)).length, 0);
for (const { name, file } of missing) console.error(`${relative(ROOT, file)}: ${name} has no doc comment`);
console.log(`${total - missing.length} of ${total} exported names have a doc comment`);
process.exit(missing.length === 0 ? 0 : 1);

/** The names that an entry exports, each with the file that declares it. */
function namesOf(entry) {
  if (!existsSync(entry)) throw new Error(`${entry} does not exist`);
  const text = readFileSync(entry, 'utf8');
  return [...text.matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(([, list, path]) =>
    list
      .split(',')
      .map(
        word =>
          word
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0],
      )
      .filter(name => name !== '')
      .map(name => ({ name, file: join(dirname(entry), path) })),
  );
}

/** For a schema and a type of the same name one comment is enough. */
function undocumented({ name, file }) {
  const text = readFileSync(file, 'utf8');
  const declared = new RegExp(
    `(\\*/\\n)?export (?:declare )?(?:abstract )?(?:async )?(?:function|class|interface|type|const|enum) ${name}\\b`,
    'g',
  );
  const found = [...text.matchAll(declared)];
  if (found.length === 0) return [{ name: `${name} (not declared there)`, file }];
  return found.some(([, comment]) => comment !== undefined) ? [] : [{ name, file }];
}
