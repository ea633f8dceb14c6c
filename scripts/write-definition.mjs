#!/usr/bin/env node
// Writes docs/definition.md, the reference of the definition format, from its schema. Run by `npm run definition`, which builds
// first. `--check` writes nothing and fails if the file is out of date.
import { definitionJsonSchema } from '../dist/src/index.js';
import { writeOrCheck } from './write-or-check.mjs';

const schema = definitionJsonSchema();

const listOf = value => (value === undefined ? [] : [value].flat());
const partsOf = node => [node, ...listOf(node.anyOf), ...listOf(node.oneOf), ...listOf(node.allOf)];
const allParts = node => {
  const [own, ...parts] = partsOf(node);
  return [own, ...parts.flatMap(allParts)];
};

/** The keys of an object in any of its forms, by path below it. */
function keysOf(node) {
  const keys = new Map();
  for (const part of allParts(node)) {
    for (const [name, value] of Object.entries(part.properties ?? {})) {
      const known = keys.get(name);
      if (!known || (!known.description && value.description)) keys.set(name, value);
    }
  }
  return keys;
}

/** What is below a key: `.key`, `[].key` or `.*.key`. */
function below(node) {
  for (const part of allParts(node)) {
    const [item] = listOf(part.items);
    const found = [
      ['', part],
      ['[]', item],
      ['.*', typeof part.additionalProperties === 'object' ? part.additionalProperties : undefined],
    ].find(([, inner]) => inner && keysOf(inner).size > 0);
    if (found) return found;
  }
  return undefined;
}

const types = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  array: 'list',
  object: 'map',
};
const typeOf = node => {
  const found = new Set(
    allParts(node).flatMap(part => {
      if (part.enum || part.const !== undefined) return ['one of the values'];
      return listOf(part.type).map(type => types[type] ?? type);
    }),
  );
  return [...found].join(' or ').replace('number or text', 'duration');
};

const code = value => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
const cell = text => text.replaceAll('|', '\\|').replaceAll('\n', '<br>');

function row(name, node) {
  const [first, ...values] = String(node.description ?? '').split('\n');
  const meant = values.map(line => line.replace(/^(.+?): /, (_, value) => `${code(value)}: `));
  const more = [
    ...(node.default === undefined || JSON.stringify(node.default) === '{}'
      ? []
      : [`Default: ${code(node.default)}`]),
    ...(node.examples?.length > 0 && node.examples[0] !== node.default
      ? [`Example: ${code(node.examples[0])}`]
      : []),
  ];
  return `| ${code(name)} | ${typeOf(node)} | ${cell([`${first}.`, ...meant, ...more].join('\n'))} |`;
}

const table = node => [
  '| key | value | |',
  '| --- | --- | --- |',
  ...[...keysOf(node)].map(([name, value]) => row(name, value)),
];

/** A section for each map with keys of its own; those that sessions share with the group are described once. */
function* sections(node, path, depth) {
  for (const [name, value] of keysOf(node)) {
    const inner = below(value);
    if (!inner) continue;
    const here = `${path === '' ? '' : `${path}.`}${name}${inner[0]}`;
    if (path === 'sessions[]' && shared.has(name)) continue;
    yield `${'#'.repeat(Math.min(4, depth))} \`${here}\``;
    yield '';
    if (value.description && inner[0] !== '[]') yield* [`${value.description.split('\n')[0]}.`, ''];
    if (here === 'sessions[]') yield* [sharedWords(inner[1]), ''];
    yield* table(inner[1]);
    yield '';
    yield* sections(inner[1], here, depth + 1);
  }
}

const shared = new Set(keysOf(schema.properties.config).keys());
shared.delete('config');
function sharedWords(node) {
  const names = [...keysOf(node).keys()].filter(name => shared.has(name));
  return `${names.map(code).join(', ')} mean what they mean under \`config\`, for this session.`;
}

const written = `<!-- Written by \`npm run definition\` from the schema. -->

# Definition

A definition is YAML or JSON, or an object in code. \`session-groups plan FILE\` checks it and says what it would do; for editors there
is [schema.json](../schema.json). Durations are \`500ms\`, \`5s\`, \`10m\`, \`2h\`, \`30d\`, or a number of milliseconds. Paths are
relative to the definition file.

${[...table(schema), '', ...sections(schema, '', 2)].join('\n').trimEnd()}
`;

writeOrCheck('docs/definition.md', written, 'definition');
