#!/usr/bin/env node
/**
 * Takes a picture of a terminal: runs a command in tmux, captures the screen with its colours and writes it
 * as SVG, and as PNG too where a program that converts it is found.
 *
 *   node scripts/screenshot-terminal.mjs --out docs/images/run.svg [options] -- COMMAND [ARGUMENT…]
 *
 * Options:
 *   --columns N, --rows N     size of the terminal (100 by 30)
 *   --wait-for TEXT           take it when this stands on the screen; otherwise when the command has ended
 *   --then TEXT               after that, wait for this too (may be given several times)
 *   --delay-ms N              and then this much longer (0)
 *   --timeout-ms N            give up after this (60000)
 *   --title TEXT              shown in the window's bar (the command)
 *   --prompt                  show the command line above its output
 *   --png                     write a PNG beside the SVG; fails when nothing can convert it
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { screenToSvg } from './terminal-svg.mjs';

const run = promisify(execFile);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    columns: { type: 'string', default: '100' },
    rows: { type: 'string', default: '30' },
    'wait-for': { type: 'string' },
    // biome-ignore lint/suspicious/noThenProperty: the name of an option, no promise
    then: { type: 'string', multiple: true, default: [] },
    'delay-ms': { type: 'string', default: '0' },
    'timeout-ms': { type: 'string', default: '60000' },
    title: { type: 'string' },
    prompt: { type: 'boolean', default: false },
    png: { type: 'boolean', default: false },
  },
});
if (values.out === undefined || positionals.length === 0) {
  console.error('usage: screenshot-terminal.mjs --out FILE.svg [options] -- COMMAND [ARGUMENT…]');
  process.exit(2);
}

const server = `screenshot-${process.pid}`;
const tmux = (...args) => run('tmux', ['-L', server, '-f', '/dev/null', ...args], { maxBuffer: 2 ** 24 });
const quote = word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
const command = positionals.map(quote).join(' ');

try {
  const screen = await capture();
  const svg = screenToSvg(screen, {
    columns: Number(values.columns),
    title: values.title ?? command,
    prompt: values.prompt ? command : undefined,
  });
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, svg);
  console.log(values.out);
  if (values.png) console.log(toPng(values.out));
} finally {
  spawnSync('tmux', ['-L', server, 'kill-server'], { stdio: 'ignore' });
}

/** The command's screen. The pane outlives the command, so that the last picture can still be read. */
async function capture() {
  const env = { TERM: 'tmux-256color', COLORTERM: 'truecolor', LC_ALL: 'C.UTF-8', CI: '', NO_COLOR: '' };
  const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const size = ['-x', values.columns, '-y', values.rows];
  // The shell waits for the option that keeps the pane: a fast command would be gone before it.
  const line = `tmux -L ${server} wait-for go; ${command}`;
  await tmux('new-session', '-d', '-s', 'shot', ...size, ...settings, 'sh', '-c', line);
  await tmux('set-option', '-g', 'remain-on-exit', 'on');
  await tmux('set-option', '-g', 'remain-on-exit-format', '');
  await tmux('set-option', '-g', 'status', 'off');
  await tmux('wait-for', '-S', 'go');

  const deadline = Date.now() + Number(values['timeout-ms']);
  const wanted = [values['wait-for'], ...values.then].filter(text => text !== undefined);
  for (const text of wanted) await until(async () => (await screenText()).includes(text), text, deadline);
  if (wanted.length === 0) await until(hasEnded, 'the end of the command', deadline);
  await sleep(Number(values['delay-ms']));
  const { stdout } = await tmux('capture-pane', '-e', '-p', '-t', 'shot');
  return stdout;
}

async function screenText() {
  return (await tmux('capture-pane', '-p', '-t', 'shot')).stdout;
}

async function hasEnded() {
  const { stdout } = await tmux('display-message', '-p', '-t', 'shot', '#{pane_dead}');
  return stdout.trim() === '1';
}

async function until(holds, what, deadline) {
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`gave up waiting for ${what}:\n${await screenText()}`);
    await sleep(50);
  }
}

/** By what is there: a browser is the most faithful, then librsvg, then ImageMagick. */
function toPng(svg) {
  const png = svg.replace(/\.svg$/, '.png');
  const [width, height] = sizeOf(svg);
  const browser = ['--headless', '--no-sandbox', '--hide-scrollbars', '--force-device-scale-factor=2'];
  const page = `file://${process.cwd()}/${svg}`;
  const ways = [
    ...['chromium', 'chromium-browser', 'google-chrome'].map(name => [
      name,
      [...browser, `--window-size=${width},${height}`, `--screenshot=${png}`, page],
    ]),
    ['rsvg-convert', ['--zoom=2', '-o', png, svg]],
    ['convert', ['-density', '192', '-background', 'none', svg, png]],
  ];
  for (const [program, args] of ways) {
    if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return png;
  }
  throw new Error('found no chromium, rsvg-convert or convert that makes a PNG of it');
}

function sizeOf(svg) {
  const head = execFileSync('head', ['-c', '400', svg], { encoding: 'utf8' });
  return [/ width="(\d+)"/, / height="(\d+)"/].map(pattern => Number(pattern.exec(head)?.[1] ?? 800));
}
