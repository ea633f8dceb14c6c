import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appears, expectGroup, loadedAssets, PageBench, press, session } from './page-bench.ts';

describe('the list of groups', () => {
  const bench = new PageBench();
  let completed: string;
  beforeAll(async () => {
    await bench.start();
    completed = await bench.create('Finished work', [session('quick', [{ cost: 0.25 }, { result: 'x' }])]);
    await bench.ask('POST', `/groups/${completed}/run?wait=true`, {});
    await bench.create(
      'Waiting work',
      [session('later', [{ result: 'x' }])],
      {},
      { description: 'Of next week' },
    );
  });
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  const names = async (page: Awaited<ReturnType<PageBench['open']>>) =>
    page.locator('.groups a').allTextContents();

  test('filters by status, text, project and archive, and keeps the filter in the address', async () => {
    const page = await bench.open();
    await appears(page, '.groups li');
    await expect.poll(() => names(page)).toEqual(['Waiting work', 'Finished work']);
    await expect.poll(() => page.locator('.groups li').last().textContent()).toContain('$0.25');

    await page.getByLabel('Status').selectOption('completed');
    await expect.poll(() => names(page)).toEqual(['Finished work']);
    expect(page.url()).toMatch(/#\/\?status=completed$/);
    await page.getByLabel('Status').selectOption('');
    await page.getByLabel('Search').fill('next WEEK');
    await expect.poll(() => names(page)).toEqual(['Waiting work']);
    await page.getByLabel('Search').fill('nothing like it');
    await appears(page, '.empty:has-text("No groups match the filters.")');
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Project folder').fill(`${bench.folder}/quick`);
    await expect.poll(() => names(page)).toEqual(['Finished work']);

    await page.locator('.groups a').click();
    await expectGroup(page, 'completed');
    await press(page, 'Archive');
    await appears(page, '.owner:has-text("archived")');
    await page.goBack();
    await expect.poll(() => page.getByLabel('Project folder').inputValue()).toBe(`${bench.folder}/quick`);
    await appears(page, '.empty:has-text("No groups match the filters.")');
    await page.getByLabel('Include archived').check();
    await expect.poll(() => names(page)).toEqual(['Finished work']);
  });

  test('shows a group that another client creates, without a reload', async () => {
    const page = await bench.open();
    await appears(page, '.groups li');
    await bench.create('Brand new', [session('new', [{ result: 'x' }])]);
    await appears(page, '.groups a:text-is("Brand new")');
  });

  test.each(['reduce', 'no-preference'] as const)(
    'shows what a chip filters on a phone (motion: %s)',
    async reducedMotion => {
      const many = Array.from({ length: 9 }, (_, at) => session(`step-${at}`, [{ result: 'x' }]));
      const agent = { kind: 'command', command: ['sh', '-c', 'exit 1'] };
      const broken = { ...session('broken', []), agent };
      const id = await bench.create('Many steps', [...many, broken], { retry: { maximumAttempts: 1 } });
      await bench.ask('POST', `/groups/${id}/run?wait=true`, {});
      const page = await bench.open(id, { viewport: { width: 390, height: 844 }, reducedMotion });
      await expectGroup(page, 'failed');
      const found = page.locator('.sessions tbody a:text-is("broken")');
      const isInView = () =>
        found.evaluate(node => {
          const { top, bottom } = node.getBoundingClientRect();
          return top >= 0 && bottom <= innerHeight;
        });
      expect(await isInView()).toBe(false);
      await page.locator('.count:has-text("failed")').click();
      await expect.poll(isInView).toBe(true);
    },
  );

  test('navigates to the group and session in the address, and back', async () => {
    const page = await bench.open(completed);
    await expectGroup(page, 'completed');
    expect(new URL(page.url()).hash).toBe(`#/groups/${completed}`);
    expect(page.url()).not.toContain(bench.token);
    await page.evaluate(hash => {
      location.hash = hash;
    }, `#/groups/${completed}/sessions/quick`);
    await appears(page, '.panel h2:text-is("quick")');
    await page.reload();
    await appears(page, '.panel h2:text-is("quick")');
    await page.locator('a.home').click();
    await appears(page, '.list-view');
    await page.goBack();
    await appears(page, '.panel h2:text-is("quick")');
  });

  test('asks for the token if it is missing or wrong, and reports an unknown group', async () => {
    const page = await bench.open();
    await appears(page, '.groups li');
    bench.allowed.push(/401 \(Unauthorized\)/, /404 \(Not Found\)/);
    await page.evaluate(() => {
      location.hash = '#/groups/nothing-like-it';
    });
    await appears(page, '.notice.failed:has-text("nothing-like-it")');

    await page.evaluate(() => sessionStorage.setItem('session-groups-token', 'wrong'));
    await page.reload();
    await appears(page, 'h1:has-text("This link is no longer valid")');
    await page.getByLabel('Or paste the token here').fill(bench.token);
    await press(page, 'Open');
    await appears(page, '.notice.failed, .list-view');
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await appears(page, 'h1:has-text("Sign in")');
    // The printed address in the same tab: only its hash differs.
    await page.goto(bench.address.href);
    await appears(page, '.groups li');
    expect(page.url()).not.toContain('token');
    await page.goto(new URL('#token=wrong', bench.address).href);
    await appears(page, 'h1:has-text("This link is no longer valid")');
    expect(page.url()).not.toContain('token');
    await page.goto(`${bench.address.href}&group=${completed}`);
    await expectGroup(page, 'completed');
    expect(new URL(page.url()).hash).toBe(`#/groups/${completed}`);
  });

  test('says that a project folder has to be a whole path, and stays connected', async () => {
    const page = await bench.open();
    await appears(page, '.groups li');
    const project = page.getByLabel('Project folder');
    await project.fill('lib');
    await appears(page, '.empty:has-text("it begins with a slash")');
    await appears(page, '#filter-project[aria-invalid]');
    await expect.poll(() => names(page)).toEqual([]);
    expect(await page.locator('.notice').count()).toBe(0);
    expect(await page.locator('.connection').textContent()).toBe('live');
    await project.press('Escape');
    await appears(page, '.groups li');
    expect(await page.locator('#filter-project[aria-invalid]').count()).toBe(0);
  });

  test('weighs less than 115 kB', async () => {
    const page = await bench.open();
    await appears(page, '.groups li');
    const assets = ['/', ...(await loadedAssets(page))];
    expect(assets.length).toBeGreaterThan(20);
    let bytes = 0;
    for (const path of assets) {
      const response = await fetch(new URL(path, bench.address));
      expect(response.status).toBe(200);
      bytes += (await response.arrayBuffer()).byteLength;
    }
    expect(bytes).toBeGreaterThan(30_000);
    expect(bytes).toBeLessThan(115_000);
  });
});
