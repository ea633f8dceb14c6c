#!/usr/bin/env node
// Writes src/sdk/group/cost/price-table.ts: the prices of each model according to the real client, measured against
// the stand-in for the Messages API (test/support/measure-prices.ts). Run it when the client's version changes.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from './run-ts.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ensured = spawnSync(process.execPath, [join(root, 'scripts/ensure-claude.mjs')], { encoding: 'utf8' });
if (ensured.status !== 0) {
  console.error(ensured.stderr);
  process.exit(1);
}
const claude = ensured.stdout.trim();
const version = spawnSync(claude, ['--version'], { encoding: 'utf8' }).stdout.split(' ')[0];
const measuring = await import(pathToFileURL(compile(join(root, 'test/support/measure-prices.ts'))).href);

const number = amount => String(amount).replace(/\B(?=(\d{3})+$)/g, '_');
const row = ({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }) =>
  `row(${[input, output, cacheRead, cacheWrite5m, cacheWrite1h].map(number).join(', ')})`;
const entry = ([model, { longContext: long, ...price }]) =>
  long === undefined
    ? `    '${model}': ${row(price)},\n`
    : `    '${model}': {\n      ...${row(price)},\n      longContext: { over: ${number(long.over)}, ...${row(long)} },\n    },\n`;

const models = {};
for (const model of measuring.MEASURED_MODELS) {
  const price = await measuring.measurePrice(claude, model);
  console.error(model, price ? JSON.stringify(price) : 'the client does not know its price');
  if (price) models[model] = price;
  else process.exitCode = 1;
}

const webSearch = await measuring.measureWebSearch(claude);
if (webSearch === undefined) process.exitCode = 1;

const path = join(root, 'src/sdk/group/cost/price-table.ts');
const rest = readFileSync(path, 'utf8').split('export const PRICE_TABLE')[0];
const table = `export const PRICE_TABLE: PriceTable = {
  measured: '${new Date().toISOString().slice(0, 10)}',
  source: 'Claude Code ${version}',
  webSearch: ${number(webSearch ?? 0)},
  models: {
${Object.entries(models).map(entry).join('')}  },
};
`;
if (!process.exitCode) writeFileSync(path, rest + table);
