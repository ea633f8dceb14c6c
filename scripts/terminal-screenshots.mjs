#!/usr/bin/env node
// Screenshots of the live view for the documents, from real runs (`npm run screenshots`): Chromium renders the screen of a
// terminal at one moment. Needs chromium (SESSION_GROUPS_CHROMIUM, else /usr/bin/chromium).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { setUp } from '../examples/cross-project-refactor/setup.mjs';
import { openTerminal, textOf } from '../test/support/pseudo-terminal.ts';
import { COLORS, escaped } from '../test/support/recording-svg.ts';
import { buildIfNeeded } from './build-if-needed.mjs';

const OUT = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const BIN = fileURLToPath(new URL('../dist/src/cli/bin.js', import.meta.url));

buildIfNeeded();
mkdirSync(OUT, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'session-groups-shots-'));
const browser = await chromium.launch({
  executablePath: process.env.SESSION_GROUPS_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
try {
  const demo = join(setUp(join(folder, 'demo')), 'group', 'demo.yaml');
  await shot('terminal-running', ['run', demo], { columns: 110, rows: 18 }, /web\s.*overloaded|retrying/);
  await shot('terminal-narrow', ['run', demo], { columns: 54, rows: 18 }, /completed.*\n/);
  await shot(
    'terminal-budget',
    ['run', many('Nightly review', 0.4)],
    { columns: 110, rows: 24 },
    /paused \(the budget is used up\)/,
  );
  await shot(
    'terminal-many',
    ['run', many('Forty packages', 9)],
    { columns: 110, rows: 20 },
    / 1[0-9] completed/,
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
  const command = [process.execPath, BIN, ...argv].map(word => `'${word}'`).join(' ');
  const env = { ...process.env, FORCE_COLOR: '1', SESSION_GROUPS_DATA_DIR: join(folder, 'kept') };
  const terminal = openTerminal(command, { cwd: folder, env, columns, rows });
  await terminal.shows(when);
  const { lines } = terminal.frames.find(frame => when.test(textOf(frame.lines)));
  terminal.type('\u0003'); // Ctrl-C: the run pauses and ends
  await terminal.ended;
  const page = await browser.newPage({ deviceScaleFactor: 2 });
  await page.setContent(document(lines.map(line => line.map(runHtml).join('')).join('\n')));
  await page.locator('#screen').screenshot({ path: join(OUT, `${name}.png`) });
  await page.close();
  console.log(`docs/screenshots/${name}.png`);
}

function runHtml({ text, color, bold, dim }) {
  const style = [
    color !== undefined && `color:${COLORS[color]}`,
    bold && 'font-weight:600',
    dim && 'opacity:.65',
  ].filter(Boolean);
  return style.length === 0 ? escaped(text) : `<span style="${style.join(';')}">${escaped(text)}</span>`;
}

function document(screen) {
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #fff; }
#screen { display: inline-block; background: #1e222a; color: #dcdfe4; padding: 16px 20px; border-radius: 8px; }
pre { margin: 0; font: 14px/1.35 'DejaVu Sans Mono', 'Liberation Mono', monospace; }
</style><div id="screen"><pre>${screen}</pre></div>`;
}
