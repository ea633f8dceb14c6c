#!/usr/bin/env node
// Screenshots of the live view for the README, from real runs: node scripts/terminal-screenshots.mjs
// Each run gets a pseudo-terminal (from `script`); its output goes to a terminal emulator, and Chromium renders the
// screen at one moment. Needs chromium (SESSION_GROUPS_CHROMIUM, else /usr/bin/chromium).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';
import { chromium } from 'playwright-core';
import { setUp } from '../examples/cross-project-refactor/setup.mjs';
import { buildIfNeeded } from './build-if-needed.mjs';

const OUT = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const BIN = fileURLToPath(new URL('../dist/src/cli/bin.js', import.meta.url));
const LONGEST_RUN_MS = 60_000;
const COLORS = ['#2b303b', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#dcdfe4'];
const BRIGHT = ['#7f848e', '#ff7b86', '#b5e890', '#ffd68a', '#7cc5ff', '#de8ff0', '#6fd3de', '#ffffff'];

buildIfNeeded();
mkdirSync(OUT, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'session-groups-shots-'));
const browser = await chromium.launch({
  executablePath: process.env.SESSION_GROUPS_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
try {
  const demo = join(setUp(join(folder, 'demo')), 'group', 'demo.yaml');
  await shot('terminal-running', ['run', demo], { columns: 110, rows: 18 }, text =>
    /web\s.*overloaded|retrying/.test(text),
  );
  await shot('terminal-narrow', ['run', demo], { columns: 54, rows: 18 }, text => /completed.*\n/.test(text));
  await shot('terminal-budget', ['run', many('Nightly review', 0.4)], { columns: 110, rows: 24 }, text =>
    text.includes('paused (the budget is used up)'),
  );
  await shot('terminal-many', ['run', many('Forty packages', 9)], { columns: 110, rows: 20 }, text =>
    / 1[0-9] completed/.test(text),
  );
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Forty sessions, of which the third fails; a small budget stops them early. */
function many(name, maxBudgetUsd) {
  const project = join(folder, name);
  mkdirSync(project, { recursive: true });
  const sessions = Array.from({ length: 40 }, (_, index) => ({
    id: `package-${String(index + 1).padStart(2, '0')}`,
    projectPath: project,
    prompt: 'Review it.',
    ...(index % 7 === 6 ? { dependsOn: [`package-${String(index).padStart(2, '0')}`] } : {}),
    agent: {
      kind: 'scripted',
      steps: [
        { text: `I read package ${index + 1} and its tests.` },
        { tool: 'Read', duration: 200 + (index % 5) * 60 },
        { tokens: { input: 2_000 + 90 * index, output: 300, cacheRead: 8_000 } },
        { cost: 0.02 },
        { tool: 'Bash(npm test)', duration: 350 + (index % 4) * 90 },
        index === 2
          ? { failure: 'invalid_request', message: 'the model does not take this request' }
          : { result: 'Two findings.' },
      ],
    },
  }));
  const config = {
    budget: { maxBudgetUsd },
    concurrency: { maxConcurrent: 6, maxPerProject: 40, errorThreshold: 9 },
  };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ version: 1, name, config, sessions }));
  return file;
}

/** The screen when its text first satisfies `when`. */
async function shot(name, argv, { columns, rows }, when) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const command = [process.execPath, BIN, ...argv].map(word => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols ${columns} rows ${rows}; ${command}`, '/dev/null'], {
    env: {
      ...process.env,
      ...{ TERM: 'xterm-256color', FORCE_COLOR: '1', LC_ALL: 'C.UTF-8', CI: '', NO_COLOR: undefined }, // Node warns of an empty NO_COLOR
      SESSION_GROUPS_DATA_DIR: join(folder, 'kept'),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let found = '';
  let pending = Promise.resolve();
  child.stdout.on('data', bytes => {
    pending = pending.then(
      () =>
        new Promise(resolve => {
          terminal.write(bytes, () => {
            if (found === '' && when(screenText(terminal))) {
              found = screenHtml(terminal);
              child.stdin.write('\u0003'); // Ctrl-C: the run pauses and ends
            }
            resolve();
          });
        }),
    );
  });
  child.stdin.on('error', () => {}); // it may have ended meanwhile
  const patience = setTimeout(() => child.kill(), LONGEST_RUN_MS);
  await new Promise(resolve => child.once('close', resolve));
  clearTimeout(patience);
  await pending;
  if (found === '') throw new Error(`${name}: the expected screen did not appear:\n${screenText(terminal)}`);
  const page = await browser.newPage({ deviceScaleFactor: 2 });
  await page.setContent(document(found));
  await page.locator('#screen').screenshot({ path: join(OUT, `${name}.png`) });
  await page.close();
  console.log(`docs/screenshots/${name}.png`);
}

function linesOf(terminal) {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.viewportY + row));
  const last = lines.findLastIndex(line => (line?.translateToString(true) ?? '') !== '');
  return lines.slice(0, last + 1);
}

function screenText(terminal) {
  return linesOf(terminal)
    .map(line => line.translateToString(true))
    .join('\n');
}

function screenHtml(terminal) {
  return linesOf(terminal)
    .map(line => {
      const cells = Array.from({ length: terminal.cols }, (_, column) => line.getCell(column));
      return cells.map(cellHtml).join('').replace(/ +$/, '');
    })
    .join('\n');
}

function cellHtml(cell) {
  if (!cell || cell.getWidth() === 0) return '';
  const text = (cell.getChars() || ' ').replace(/[&<>]/g, character => `&#${character.charCodeAt(0)};`);
  const index = cell.isFgDefault() ? undefined : cell.getFgColor();
  const color = index === undefined ? undefined : index < 8 ? COLORS[index] : BRIGHT[index - 8];
  const style = [
    color && `color:${color}`,
    cell.isBold() && 'font-weight:600',
    cell.isDim() && 'opacity:.65',
  ].filter(Boolean);
  return style.length === 0 ? text : `<span style="${style.join(';')}">${text}</span>`;
}

function document(screen) {
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #fff; }
#screen { display: inline-block; background: #1e222a; color: #dcdfe4; padding: 16px 20px; border-radius: 8px; }
pre { margin: 0; font: 14px/1.35 'DejaVu Sans Mono', 'Liberation Mono', monospace; }
</style><div id="screen"><pre>${screen}</pre></div>`;
}
