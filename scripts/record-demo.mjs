#!/usr/bin/env node
// `npm run recording`: writes docs/recording.svg, the demo on a terminal, from a real run of the command line.
// `-- FILE` writes there instead.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTerminal } from '../test/support/pseudo-terminal.ts';
import { recordingSvg } from '../test/support/recording-svg.ts';
import { buildIfNeeded } from './build-if-needed.mjs';

const [target = fileURLToPath(new URL('../docs/recording.svg', import.meta.url))] = process.argv.slice(2);
const BIN = fileURLToPath(new URL('../dist/src/cli/bin.js', import.meta.url));
const SIZE = { columns: 100, rows: 27 };

buildIfNeeded();
const folder = mkdtempSync(join(tmpdir(), 'session-groups-recording-'));
try {
  const env = { ...process.env, FORCE_COLOR: '1', TMPDIR: folder, SESSION_GROUPS_CONFIG_DIR: folder };
  const line = `printf '$ session-groups demo\\n'; exec '${process.execPath}' '${BIN}' demo`;
  const terminal = openTerminal(line, { cwd: folder, env, ...SIZE });
  const code = await terminal.ended;
  if (code !== 0) throw new Error(`the demo ended with ${code}:\n${terminal.screen()}`);
  const title = 'session-groups demo: six sessions in three repositories, until the group is completed';
  const svg = recordingSvg(terminal.frames, { title, ...SIZE });
  for (const own of [folder, process.env.HOME, process.cwd()])
    if (own && own !== '/' && svg.includes(own))
      throw new Error(`the recording has a path of this machine: ${own}`);
  writeFileSync(target, svg);
  console.log(`${target}: ${terminal.frames.length} screens, ${Math.round(svg.length / 1000)} kB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
