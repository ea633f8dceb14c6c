#!/usr/bin/env node
// Writes docs/api.md: what the package exports, with the first sentence of each declaration. Needs a build (`npm run api`
// builds first). `--check` writes nothing and fails if the file is out of date; `--since REF` prints which names are new
// and which are gone since that commit.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declarationsIn, ENTRIES, firstSentence, namesIn, ROOT } from './exported-names.mjs';
import { writeOrCheck } from './write-or-check.mjs';

const KINDS = { interface: 'type', const: 'value' };

/** A row for each name, by name. */
function rowsOf(source) {
  const entry = join(ROOT, 'dist', source.replace(/\.ts$/, '.d.ts'));
  const rows = namesIn(readFileSync(entry, 'utf8'), entry).map(({ name, declared, isType, file }) => {
    const found = declarationsIn(readFileSync(file.replace(/\.ts$/, '.d.ts'), 'utf8'), declared);
    const kinds = new Set(found.map(({ kind }) => KINDS[kind] ?? kind));
    const comment = found.find(declaration => declaration.comment !== undefined)?.comment ?? '';
    const kind = isType ? 'type' : kinds.size > 1 ? 'schema, type' : [...kinds].join();
    return { name, kind, text: firstSentence(comment) };
  });
  return rows.sort((a, b) => a.name.toLowerCase().localeCompare(b.name.toLowerCase(), 'en'));
}

const parts = ENTRIES.map(({ specifier, source }) => ({ specifier, source, rows: rowsOf(source) }));
const line = ({ name, kind, text }) => `| \`${name}\` | ${kind} | ${text.replaceAll('|', '\\|')} |`;
const written = `<!-- Made by \`npm run api\` from the doc comments of the sources. Edit those. -->

# What the package exports

The first sentence of each; your editor shows the rest. A *schema* is a zod schema, whose type has the same name.
${parts
  .map(
    ({ specifier, rows }) =>
      `\n## \`${specifier}\`\n\n| name | | |\n| --- | --- | --- |\n${rows.map(line).join('\n')}\n`,
  )
  .join('')}`;

const since = process.argv[process.argv.indexOf('--since') + 1];
if (process.argv.includes('--since')) {
  for (const { specifier, source, rows } of parts) {
    const before = new Set(namesIn(textAt(since, source), source).map(({ name }) => name));
    const now = new Set(rows.map(({ name }) => name));
    console.log(`\n${specifier}`);
    for (const { name, text } of rows) if (!before.has(name)) console.log(`+ ${name}: ${text}`);
    for (const name of before) if (!now.has(name)) console.log(`- ${name}`);
  }
} else writeOrCheck('docs/api.md', written, 'api');

/** A file at a commit; empty if it was not there. */
function textAt(ref, path) {
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  const there = git('ls-tree', '--name-only', ref, '--', path) !== '';
  return there ? git('show', `${ref}:${path}`) : '';
}
