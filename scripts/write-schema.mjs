// Writes schema.json from the zod schemas. Run by `npm run schema`, which builds first. `--check` writes nothing and
// fails if the file is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { definitionJsonSchema } from '../dist/src/index.js';

const target = new URL('../schema.json', import.meta.url);
const written = `${JSON.stringify(definitionJsonSchema(), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, written);
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== written) {
  console.error('schema.json is out of date: run `npm run schema` and commit it.');
  process.exit(1);
}
