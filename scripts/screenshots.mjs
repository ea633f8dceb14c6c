#!/usr/bin/env node
// `npm run screenshots`: screenshots of the page for the documentation, in docs/screenshots/, each of a real run of
// scripted agents behind a real `serve` in a real Chromium. Each is taken once the page shows its content.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { buildIfNeeded } from './build-if-needed.mjs';
import {
  delivering,
  failing,
  overBudget,
  quick,
  refactor,
  services,
  upcoming,
} from './screenshot-groups.mjs';

const OUT = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const BIN = fileURLToPath(new URL('../dist/src/cli/bin.js', import.meta.url));

buildIfNeeded();
mkdirSync(OUT, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'refactor-'));
const { child, address } = await serve();
const browser = await chromium.launch({
  executablePath: process.env.SESSION_GROUPS_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
});
try {
  await takeAll();
} finally {
  await browser.close();
  child.kill('SIGTERM');
  await new Promise(resolve => child.once('close', resolve));
  rmSync(folder, { recursive: true, force: true });
}

async function takeAll() {
  await run(quick, 'completed');
  await create(upcoming);
  const failed = await run(failing, 'failed');
  const paused = await run(overBudget, 'paused');
  const running = await create(refactor);
  await ask('POST', `/groups/${running}/run`);
  const works = [
    '.node[data-id="gateway"][data-status="running"]:has-text("Bash(npm test)")',
    '.node[data-id="web"][data-status="retrying"]',
    '.node[data-id="mobile"][data-status="awaiting_approval"]',
    '.node[data-id="docs"][data-status="completed"]',
  ];

  await take('page-running-light', {
    group: running,
    session: 'gateway',
    colorScheme: 'light',
    size: [1440, 940],
    waits: [...works, '.panel .transcript li:nth-child(4)'],
  });
  await take('page-running-dark', {
    group: running,
    colorScheme: 'dark',
    size: [1280, 960],
    waits: works,
    act: page => page.getByRole('tab', { name: 'Timeline' }).click(),
  });
  await take('page-narrow', { group: running, colorScheme: 'light', size: [390, 1240], waits: works });
  await take('page-paused-over-budget', {
    group: paused,
    colorScheme: 'light',
    size: [1280, 1330],
    waits: ['.offer:has-text("The budget is used up")'],
    async act(page) {
      await page.getByRole('tab', { name: 'Statechart' }).click();
      await page.waitForSelector('.state[data-active]');
    },
  });
  await take('page-failed', {
    group: failed,
    session: 'migrate',
    colorScheme: 'dark',
    size: [1440, 820],
    waits: [
      '.node[data-id="release"][data-status="skipped"]',
      '.panel .error',
      '.panel .transcript li:nth-child(3)',
    ],
  });
  makeRepository(join(folder, 'services'), services);
  const conflicting = await run(delivering, 'paused');
  await take('page-delivery', {
    group: conflicting,
    session: 'scheme',
    colorScheme: 'light',
    size: [1440, 1000],
    waits: ['.panel .transcript li'],
    async act(page) {
      await page.getByRole('tab', { name: 'Delivery' }).click();
      await page.locator('.panel').getByRole('tab', { name: 'Changes' }).click();
      await page.getByRole('button', { name: 'Show changes' }).click();
      await page.waitForSelector('.panel .diff-file');
    },
  });
  await take('page-list', { colorScheme: 'light', size: [1280, 630], waits: ['.groups li:nth-child(6)'] });
}

async function take(name, { group, session, colorScheme, size: [width, height], waits, act }) {
  const options = { viewport: { width, height }, colorScheme, deviceScaleFactor: 1.5 };
  const page = await browser.newPage(options);
  await page.goto(`${address}${group === undefined ? '' : `&group=${group}`}`);
  await page.waitForSelector('h1');
  if (session !== undefined) {
    // Not by a click on its row, which moves down when a permission request appears above.
    await page.evaluate(place => {
      location.hash = place;
    }, `#/groups/${group}/sessions/${session}`);
    await page.waitForSelector(`.panel[aria-label="Session ${session}"]`);
  }
  for (const wait of waits) await page.waitForSelector(wait, { state: 'attached' });
  await act?.(page);
  await page.mouse.move(0, 0);
  await page.evaluate(where => {
    document.activeElement?.blur();
    // Hide the temporary folder of this machine.
    const hide = () => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const { currentNode: text } = texts;
        if (text.data.includes(where)) text.data = text.data.replaceAll(where, '~/refactor');
      }
    };
    hide();
    // A page that goes on writes it again.
    const all = { subtree: true, childList: true, characterData: true };
    new MutationObserver(hide).observe(document.body, all);
  }, folder);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
  await page.close();
  console.log(join('docs/screenshots', `${name}.png`));
}

async function run(group, status) {
  const id = await create(group);
  const { result } = await ask('POST', `/groups/${id}/run?wait=true`);
  if (result.status !== status) throw new Error(`${group.name} is ${result.status}, not ${status}`);
  return id;
}

/** A repository with these files as its first commit. */
function makeRepository(path, files) {
  const git = (...args) => execFileSync('git', ['-C', path, ...args], { stdio: 'ignore' });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('-c', 'user.name=Example', '-c', 'user.email=example@example.invalid', 'commit', '-q', '-m', 'Start');
}

async function create(definition) {
  for (const { projectPath } of definition.sessions)
    mkdirSync(join(folder, projectPath, '.git'), { recursive: true });
  return (await ask('POST', '/groups', { definition, baseDir: folder })).groupId;
}

async function ask(method, path, body = {}) {
  const { origin, hash } = new URL(address);
  const authorization = `Bearer ${new URLSearchParams(hash.slice(1)).get('token')}`;
  const response = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Stores its groups in the temporary folder. */
async function serve() {
  const env = {
    ...process.env,
    SESSION_GROUPS_DATA_DIR: join(folder, 'kept'),
    SESSION_GROUPS_WORK_DIR: join(folder, 'work'),
  };
  const child = spawn(process.execPath, [BIN, 'serve', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) return { child, address: JSON.parse(line).url };
  throw new Error('serve ended before it printed its address');
}
