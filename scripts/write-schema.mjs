// Writes schema.json from the zod schemas. Run by `npm run schema`, which builds first. `--check` writes nothing and
// fails if the file is out of date.
import { definitionJsonSchema } from '../dist/src/index.js';
import { writeOrCheck } from './write-or-check.mjs';

const written = `${JSON.stringify(definitionJsonSchema(), null, 2)}\n`;

writeOrCheck('schema.json', written, 'schema');
