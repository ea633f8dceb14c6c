// Writes schema.json from the zod schemas. Run by `npm run schema`, which builds first.
import { writeFileSync } from 'node:fs';
import { definitionJsonSchema } from '../dist/src/sdk/group/json-schema.js';

const target = new URL('../schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(definitionJsonSchema(), null, 2)}\n`);
