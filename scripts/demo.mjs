#!/usr/bin/env node
// `npm run demo`: `session-groups demo` of this clone, which is built first if need be.
// Options are passed on, e.g. `npm run demo -- --plain`.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './build-if-needed.mjs';

buildIfNeeded();
const bin = fileURLToPath(new URL('../dist/src/cli/bin.js', import.meta.url));
const child = spawn(process.execPath, [bin, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
// The child gets Ctrl-C from the terminal and decides what to do.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('close', (code, signal) => {
  process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  if (code === 0) console.error('In this clone, `npm link` puts session-groups on your PATH.');
});
