#!/usr/bin/env node
// `npm run check:docs`: every exported name of the package has a doc comment at its declaration. The package's
// declarations include these comments, so hosts see them in their editors.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { declarationsIn, ENTRIES, namesIn, ROOT } from './exported-names.mjs';

const names = ENTRIES.flatMap(({ source }) => {
  const entry = join(ROOT, source);
  return namesIn(readFileSync(entry, 'utf8'), entry);
});
const missing = names.flatMap(undocumented);
for (const { name, file } of missing) console.error(`${relative(ROOT, file)}: ${name} has no doc comment`);
console.log(`${names.length - missing.length} of ${names.length} exported names have a doc comment`);
process.exit(missing.length === 0 ? 0 : 1);

/** For a schema and a type of the same name one comment is enough. */
function undocumented({ declared, file }) {
  const found = declarationsIn(readFileSync(file, 'utf8'), declared);
  if (found.length === 0) return [{ name: `${declared} (not declared there)`, file }];
  return found.some(({ comment }) => comment !== undefined) ? [] : [{ name: declared, file }];
}
