#!/usr/bin/env node
// `npm run changelog`: writes the section of CHANGELOG.md on what is not released yet, from .changeset: the first sentence of
// each, and what users have to change. Sections of releases, which `npm run release:version` writes, stay as they are.
// `--check` writes nothing and fails if the file is out of date.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeOrCheck } from './write-or-check.mjs';

const TITLE = '# session-groups\n';
/** Characters. */
const ENOUGH = 60;
const HEADING = '## Unreleased\n';
const root = path => new URL(`../${path}`, import.meta.url);

const changes = readdirSync(root('.changeset'))
  .filter(name => name.endsWith('.md') && name !== 'README.md')
  .sort()
  .map(name => {
    const [, , ...text] = readFileSync(root(`.changeset/${name}`), 'utf8').split(/^---$/m);
    const whole = text.join('---').trim();
    const parts = whole.split(/\n\n+|\n(?=- )/).map(part =>
      part
        .replace(/^- /, '')
        .replace(/\s*\n\s*/g, ' ')
        .replaceAll('](../', ']('),
    );
    return {
      summaries: (whole.startsWith('- ') ? parts : parts.slice(0, 1)).map(beginning),
      migrations: parts
        .flatMap(part => /\bMigration: (.*)$/.exec(part)?.[1] ?? [])
        .map(migration => `\`${name.replace('.md', '')}\`: ${migration}`),
    };
  });

const unreleased =
  changes.length === 0
    ? ''
    : `
${HEADING}
In short; \`.changeset/\` has each change in full.

${listed(changes.flatMap(({ summaries }) => summaries))}

### What you may have to change

By the name of the change.

${listed(changes.flatMap(({ migrations }) => migrations))}
`;

writeOrCheck('CHANGELOG.md', `${TITLE}${unreleased}${released()}`, 'changelog');

function released() {
  const file = root('CHANGELOG.md');
  if (!existsSync(file)) return '';
  const sections = readFileSync(file, 'utf8').split(/^(?=## )/m);
  return sections
    .slice(1)
    .filter(section => !section.startsWith(HEADING))
    .map(section => `\n${section.trim()}\n`)
    .join('');
}

function listed(texts) {
  return texts.map(text => `- ${text}`).join('\n');
}

/** Its first sentences, until they say something: each up to a full stop, or a colon before a list. */
function beginning(text) {
  for (const { index } of text.matchAll(/[.:](?=\s+[A-Z`]|$)/g))
    if (index >= ENOUGH) return `${text.slice(0, index)}.`;
  return text;
}
