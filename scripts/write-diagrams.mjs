#!/usr/bin/env node
// Writes design-docs/statecharts.md: the prose of statecharts.template.md, with a table and diagrams of each machine
// that the template names. `--check` writes nothing and fails if the file is out of date.
// Needs a build (`npm run diagrams` builds first).
import { readFileSync } from 'node:fs';
import { CHARTS } from '../dist/src/inspect/charts.js';
import { toMermaid } from '../dist/src/inspect/mermaid.js';
import { toTransitionTable } from '../dist/src/inspect/transition-table.js';
import { writeOrCheck } from './write-or-check.mjs';

const template = new URL('../design-docs/statecharts.template.md', import.meta.url);

const fenced = text => `\`\`\`mermaid\n${text}\`\`\``;
const PARTS = {
  overview: machine => fenced(toMermaid(machine, { brief: true })),
  table: machine => toTransitionTable(machine).trimEnd(),
  diagram: machine =>
    `<details><summary>The whole chart as one diagram</summary>\n\n${fenced(toMermaid(machine))}\n\n</details>`,
};

const text = readFileSync(template, 'utf8').replace(/^<!-- (\w+) of (\w+) -->$/gm, (_, part, name) => {
  const machine = CHARTS[name];
  if (!PARTS[part] || !machine) throw new Error(`the template asks for "${part} of ${name}"`);
  return PARTS[part](machine);
});
const head =
  '<!-- Made by `npm run diagrams` from statecharts.template.md and machines/. Edit those. -->\n\n';
const written = `${head}${text}`;

writeOrCheck('design-docs/statecharts.md', written, 'diagrams');
