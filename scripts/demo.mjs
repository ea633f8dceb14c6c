#!/usr/bin/env node
// `npm run demo`: the example group on scripted agents, in a temporary folder. No key, no server, nothing spent.
// Options are passed to `session-groups run`, e.g. `npm run demo -- --plain`.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from '../examples/cross-project-refactor/setup.mjs';
import { buildIfNeeded } from './build-if-needed.mjs';

buildIfNeeded();
const folder = setUp();
const bin = fileURLToPath(new URL('../dist/src/cli/bin.js', import.meta.url));
const file = join(folder, 'group', 'demo.yaml');
// The group is stored in the temporary folder: the demo leaves nothing among the user's own groups.
const env = { ...process.env, SESSION_GROUPS_DATA_DIR: join(folder, 'kept') };
const child = spawn(process.execPath, [bin, 'run', file, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
});
// The child gets Ctrl-C from the terminal and decides what to do.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('close', (code, signal) => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = signal === null ? code : 128 + constants.signals[signal];
});
