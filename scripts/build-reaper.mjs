#!/usr/bin/env node
// Writes the reaper, with all that it imports, as one script into the compiled dist/src/sdk/process/reaper/reaper-program.js.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const FOLDER = fileURLToPath(new URL('../dist/src/sdk/process/reaper/', import.meta.url));
const TARGET = `${FOLDER}reaper-program.js`;
const EMPTY = /^export const REAPER_PROGRAM = (['"]).*\1;$/m;

const bundle = await rolldown({
  input: `${FOLDER}reaper-main.js`,
  platform: 'node',
  external: /^node:/,
  onLog(level, log) {
    throw new Error(`${level}: ${log.message}`);
  },
});
const { output } = await bundle.generate({ format: 'cjs', minify: true });
const [{ code }, ...more] = output;
if (more.length > 0) throw new Error('the reaper is more than one file');
const text = readFileSync(TARGET, 'utf8');
if (!EMPTY.test(text)) throw new Error(`${TARGET} has no place for the program`);
writeFileSync(
  TARGET,
  text.replace(EMPTY, () => `export const REAPER_PROGRAM = ${JSON.stringify(code.trim())};`),
);
