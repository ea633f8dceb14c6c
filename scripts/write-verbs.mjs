#!/usr/bin/env node
// Writes src/words/chart-answers.ts: what each group status accepts, from the group's chart. Run by `npm run verbs`,
// from the sources. `--check` writes nothing and fails if the file is out of date.
import { chartAnswers } from '../src/inspect/chart-answers.ts';
import { writeOrCheck } from './write-or-check.mjs';

const word = text => (/^\w+$/.test(text) ? text : `'${text}'`);
const rows = Object.entries(chartAnswers()).map(([status, row]) => {
  const entries = Object.entries(row).map(([request, answer]) => `    ${word(request)}: '${answer}',\n`);
  return `  ${word(status)}: {\n${entries.join('')}  },\n`;
});
const written = `// Made by \`npm run verbs\` from the group's chart. Edit machines/group.machine.ts.

/**
 * How each status answers each request: it \`accepts\`, it \`depends\` on the group's contents, it is in effect
 * \`already\`, or it refuses with a code. Requests that are not listed are refused with \`not_in_this_state\`.
 */
export const CHART_ANSWERS = {
${rows.join('')}} as const;
`;

writeOrCheck('src/words/chart-answers.ts', written, 'verbs');
