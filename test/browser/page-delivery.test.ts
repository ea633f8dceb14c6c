import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deferred } from '../../src/sdk/process/deferred.ts';
import { type Repository, repository } from '../support/repository.ts';
import { appears, expectGroup, loadedAssets, PageBench, press } from './page-bench.ts';

const bench = new PageBench();
let repo: Repository;
let id = '';

const NASTY = '<img src=x onerror="window.pwned=1"><script>window.pwned=2<\\/script>';
/** Writes files whose names and lines try to be markup, headers of a diff, or hidden. */
const HOSTILE = [
  `printf '%s\\n' '${NASTY}' '+++ b/forged' > '<img src=x onerror=window.pwned=3>.html'`,
  "printf 'safe \\342\\200\\256 hidden\\033[2J\\n' > \"$(printf 'turned\\342\\200\\256gnp.exe')\"",
  'seq 1 2500 > long.txt',
].join('\n');

const script = (name: string, text: string, more: object = {}) => ({
  id: name,
  projectPath: 'repo',
  prompt: 'go',
  agent: { kind: 'command', command: ['sh', '-c', text] },
  ...more,
});

const run = async (name: string, sessions: readonly object[], config: object): Promise<string> => {
  const definition = { version: 1, name, config: { workspace: { mode: 'worktree' }, ...config }, sessions };
  const made = await bench.ask<{ groupId: string }>('POST', '/groups', { definition, baseDir: bench.folder });
  await bench.run(made.groupId);
  return made.groupId;
};

beforeAll(async () => {
  await bench.start();
  repo = repository(join(bench.folder, 'repo'));
  repo.write('README.md', 'the project\n');
  repo.commit('first');
  id = await run(
    'Delivers',
    [script('lib', HOSTILE, { workspace: { keep: 'always' } }), script('app', 'echo app > app.txt')],
    {
      verify: { commands: ["printf 'checked \\033[31mred\\n'; test ! -e red"] },
      integrate: { mode: 'merge' },
    },
  );
});
afterEach(() => bench.expectClean());
afterAll(() => bench.close());

test("a session's chips, its changes in any form that an agent gives them, and its checks", async () => {
  const page = await bench.open(id);
  await expectGroup(page, 'completed');
  await page.locator('.sessions a', { hasText: 'lib' }).click();
  await page.locator('.panel').getByRole('tab', { name: 'Changes' }).click();
  for (const chip of ['set up', 'checks passed', 'merged'])
    await appears(page, `.panel .chips .badge:has-text("${chip}")`);

  // By keyboard alone: the button, a file, and the fold of its hunk.
  await page.getByRole('button', { name: 'Show changes' }).focus();
  await page.keyboard.press('Enter');
  await appears(page, '.diff-file >> nth=2');
  const names = await page.locator('.diff-file > summary bdi').allTextContents();
  expect(names).toEqual(['<img src=x onerror=window.pwned=3>.html', 'long.txt', 'turned<U+202E>gnp.exe']);
  await page.locator('.diff-file > summary').first().focus();
  await page.keyboard.press('Enter');
  await appears(page, '.diff-file[open] .hunk .code');
  const rows = await page.locator('.diff-file[open] .hunk tr').allTextContents();
  expect(rows.map(row => row.replace(/^\d+/, ''))).toEqual([`+${NASTY}`, '++++ b/forged']);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await appears(page, '.diff-file[open] .hunk', { state: 'hidden' });

  await page.locator('.diff-file > summary', { hasText: 'turned' }).click();
  await expect
    .poll(() => page.locator('.diff-file[open] .hunk .code', { hasText: 'safe' }).textContent())
    .toBe('safe <U+202E> hidden<U+001B>[2J');
  // A long file is shown in parts.
  await page.locator('.diff-file > summary', { hasText: 'long.txt' }).click();
  await press(page, 'Show more lines (1500 left)');
  await press(page, 'Show more lines (500 left)');
  await appears(page, '.hunk .code:has-text("2500")');

  await press(page, 'Show output of checks');
  await appears(page, '.panel pre.output:has-text("checked")');
  await expect
    .poll(() => page.locator('.panel pre.output').allTextContents())
    .not.toContainEqual(expect.stringContaining('\u001b'));
  await press(page, 'Check again');
  await appears(page, '.panel [role=status]:has-text("The checks pass")');
  expect(await page.evaluate(() => (window as { pwned?: number }).pwned)).toBeUndefined();
});

test('what is loaded when it is first opened: slowly, not at all, and then once more', async () => {
  bench.allowed.push(/Failed to load resource: net::ERR_FAILED/);
  const page = await bench.open(id);
  await expectGroup(page, 'completed');
  expect(await loadedAssets(page)).not.toContainEqual(expect.stringContaining('/work/'));
  const { promise: gate, resolve: open } = deferred<void>();
  await page.route('**/assets/texts/diff.js', async route => {
    await gate;
    await route.abort();
  });
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await appears(page, '.later [role=status]:has-text("Loading…")');
  open();
  await appears(page, '.later [role=alert]:has-text("cannot be loaded")');
  // What was loaded before goes on.
  await page.getByRole('tab', { name: 'Sessions' }).click();
  await appears(page, '.sessions a:has-text("lib")');
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await page.unroute('**/assets/texts/diff.js');
  await press(page, 'Try again');
  await appears(page, '.works li >> nth=1');
});

test('the tab says what waits, where it would go, why not yet, and the command', async () => {
  const page = await bench.open(id, { viewport: { width: 390, height: 844 } });
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await appears(
    page,
    '.waits:text-is("What was merged in repo waits for delivery. Name the branch of yours that it goes into.")',
  );
  const deliver = page.getByRole('button', { name: 'Deliver…' });
  const refused = async (why: string) => {
    await appears(page, `#deliver-why p:text-is("${why}")`);
    expect(await deliver.getAttribute('aria-disabled')).toBe('true');
  };
  const into = page.getByLabel('Into your branch');
  const commandIs = (words: string) =>
    expect
      .poll(() => page.locator('.delivery .command code').textContent())
      .toBe(`session-groups group integrate ${id} --into ${words}`);
  await refused('Name a branch first.');
  await commandIs('BRANCH');
  await into.fill('mian');
  await refused('There is no branch mian.');
  await appears(page, '.repository:has-text("refused: there is no branch mian")');
  await deliver.click({ force: true });
  await into.fill('main');
  await appears(page, '.waits:text-is("What was merged in repo waits for delivery into main.")');
  await appears(page, '#deliver-why', { state: 'hidden' });
  expect(await deliver.getAttribute('aria-disabled')).toBe(null);
  await commandIs('main');
  expect(await page.locator('dialog').count()).toBe(0);
});

test('where nothing was merged, there is nothing to press', async () => {
  const apart = await run('Apart', [script('one', 'echo one > one.txt')], {});
  const page = await bench.open(apart);
  await expectGroup(page, 'completed');
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await appears(page, '.waits:text-is("What one changed is on its branch; nothing is merged.")');
  await appears(page, `.works code:text-is("session-groups/${apart}/one")`);
  await appears(page, '.repository:has-text("repo: nothing has been merged")');
  for (const name of ['Deliver…', 'Show what was merged'])
    expect(await page.getByRole('button', { name }).count()).toBe(0);
});

test('delivering lists exactly the refs that move, asks, and moves those alone', async () => {
  const page = await bench.open(id);
  const refs = () => repo.git('for-each-ref', '--format=%(refname) %(objectname)');
  const before = refs();
  const main = repo.git('rev-parse', 'main').trim();
  const merged = repo.git('rev-parse', `session-groups/${id}/_merged`).trim();
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await appears(page, '.works li >> nth=1');
  await page.getByLabel('Into your branch').fill('main');
  await page.keyboard.press('Enter');
  await appears(page, 'dialog .moves li');
  await expect
    .poll(() => page.locator('dialog .moves li').allTextContents())
    .toEqual([`refs/heads/main  ${main.slice(0, 12)} → ${merged.slice(0, 12)}`]);
  await press(page, 'Cancel');
  await appears(page, 'dialog', { state: 'detached' });
  expect(refs()).toBe(before);

  await press(page, 'Deliver…');
  await page.locator('dialog').getByRole('button', { name: 'Deliver', exact: true }).click();
  await appears(page, '.repository:has-text("main has it already")');
  await appears(page, '.waits:text-is("Nothing waits for delivery: main has all that was merged.")');
  expect(refs()).toBe(before.replace(`refs/heads/main ${main}`, `refs/heads/main ${merged}`));
});

test('a conflict names its files with their paths', async () => {
  const same = (text: string) => `mkdir -p src; echo ${text} > src/same.txt`;
  const conflicting = await run('Conflicts', [script('a', same('a')), script('b', same('b'))], {
    integrate: { mode: 'merge' },
  });
  const page = await bench.open(conflicting);
  await expectGroup(page, 'paused');
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await appears(page, '.works .badge:has-text("conflict")');
  await expect.poll(() => page.locator('.works .files li').allTextContents()).toEqual(['src/same.txt']);
});

test('a session that failed does not look like one that completed', async () => {
  const fails = script('bad', 'exit 1', { retry: { maximumAttempts: 1 } });
  const failed = await run('Fails', [fails, script('good', 'echo good > good.txt')], {});
  const page = await bench.open(failed);
  await expectGroup(page, 'failed');
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await appears(page, '.works li:has-text("bad") .badge:has-text("failed")');
  await expect.poll(() => page.locator('.works .badge:has-text("failed")').count()).toBe(1);
  await appears(page, '.repository:text("repo: ")');
});

test('a tree with work that is nowhere else goes once its archiving was confirmed', async () => {
  const left = await run('Leaves', [script('odd', 'echo kept > kept.txt')], {});
  const page = await bench.open(left);
  await expectGroup(page, 'completed');
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await appears(page, '.works .badge:has-text("set up")');
  const archived = () => repo.git('for-each-ref', '--format=%(refname)', 'refs/session-groups/archive/');
  const remove = async () => {
    await press(page, 'Remove trees…');
    await page.locator('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await appears(page, 'dialog .losses li');
  };
  await remove();
  const tip = repo.git('rev-parse', `session-groups/${left}/odd`).trim();
  await expect.poll(() => page.locator('dialog').textContent()).toContain('refs/session-groups/archive/');
  await expect
    .poll(() => page.locator('dialog .losses li').allTextContents())
    .toEqual([`odd in ${repo.path}: commit ${tip.slice(0, 12)}, not merged`]);
  await press(page, 'Cancel');
  await appears(page, 'text=Kept, with work that is nowhere else: odd.');
  expect(archived()).toBe('');

  await remove();
  await press(page, 'Archive and remove');
  await appears(page, '.works .badge:has-text("tree removed")');
  expect(archived()).toContain(`refs/session-groups/archive/${left}/odd/`);
});

test('a delivery that stopped between two repositories is taken back, after its refs were listed', async () => {
  const two = repository(join(bench.folder, 'two'));
  two.commit('first');
  const before = repo.git('rev-parse', 'main').trim();
  // Its index is held by another git, which shows only once it is to be delivered to.
  writeFileSync(join(two.path, '.git/index.lock'), '');
  const stopped = await run(
    'Stops',
    [script('a', 'echo a > stops.txt'), { ...script('b', 'echo b > b.txt'), projectPath: 'two' }],
    { integrate: { mode: 'merge', into: 'main' } },
  );
  const page = await bench.open(stopped);
  await expectGroup(page, 'paused');
  const moved = repo.git('rev-parse', 'main').trim();
  expect(moved).not.toBe(before);
  await page.getByRole('tab', { name: 'Delivery' }).click();
  await press(page, 'Take back…');
  await appears(page, 'dialog .moves li');
  await expect
    .poll(() => page.locator('dialog .moves li').allTextContents())
    .toEqual([`refs/heads/main  ${moved.slice(0, 12)} → ${before.slice(0, 12)}`]);
  await press(page, 'Take back');
  await appears(page, 'button:has-text("Take back…")', { state: 'hidden' });
  expect(repo.git('rev-parse', 'main').trim()).toBe(before);
  expect(repo.git('status', '--porcelain')).toBe('');
});
