import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Transcript } from '../../src/serve/api-types.ts';
import { appears, expectGroup, expectSession, faults, PageBench, press, session } from './page-bench.ts';

/** The first time, two of twelve fail. */
const AUDIT = `case "$PWD" in
  */pkg-3|*/pkg-7) test -e tried || { touch tried; echo "The lock file is broken" >&2; exit 1; };;
esac
echo "Nothing is unused in $(basename "$PWD")."; echo "More below."`;
const PACKAGES = Array.from({ length: 12 }, (_, index) => `pkg-${index + 1}`);

const TOLD = [
  '# Findings',
  'The **gateway** reads `token`: see [the docs](https://docs.example/a), ![logo](http://evil.example/x.png),',
  '[here](javascript:alert(1)) and <img src=x onerror="window.pwned=1">.',
  '',
  '- [x] one',
  '',
  '```',
  '<script>window.pwned=2</script>',
  '```',
].join('\n');

describe('a day with many sessions', () => {
  const bench = new PageBench();
  beforeAll(() => bench.start());
  afterEach(() => bench.expectClean());
  afterAll(() => bench.close());

  test('a fan-out of which two fail is found, read, and retried', async () => {
    for (const name of PACKAGES) await bench.create(`Makes ${name}`, [session(name, [])]);
    const id = await bench.create(
      'Audit',
      [
        session('plan', [{ cost: 0.2 }, { result: '# Twelve packages\nto look at' }]),
        {
          ...session('audit', [], { projectPath: '{{ each }}', forEach: PACKAGES, dependsOn: ['plan'] }),
          agent: { kind: 'command', command: ['sh', '-c', AUDIT] },
          retry: { maximumAttempts: 1 },
        },
      ],
      { concurrency: { maxConcurrent: 4, errorThreshold: 9 } },
    );
    await bench.ask('POST', `/groups/${id}/run?wait=true`, {});
    const page = await bench.open(id);
    await expectGroup(page, 'failed');
    // Failures first, the fan-out as one row, the first line of a result.
    const rows = page.locator('.sessions tbody:not([aria-hidden]) tr');
    await expect.poll(() => rows.count()).toBe(2);
    await appears(page, '.sessions tr.fan-out:first-child .detail:text-is("10 of 12 done, 2 failed")');
    await appears(page, '.sessions tr:nth-child(2) .detail:text-is("Twelve packages")');
    // The graph has one box for it as well, which unfolds in place.
    const boxes = page.locator('.graph .node');
    await expect.poll(() => boxes.count()).toBe(2);
    await appears(page, '.node[data-id="audit[*]"][data-tone="bad"]:has-text("10 of 12 done, 2 failed")');
    await page.locator('.node[data-id="plan"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => boxes.count()).toBe(14);
    await appears(page, '.node[data-id="audit[*]"][aria-expanded="true"]:focus');
    await expectSession(page, 'audit.pkg-7', 'failed');
    await expect.poll(() => faults(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await appears(page, '.node[data-id="audit.pkg-1"]:focus .node-id:text-is("pkg-1")');
    await page.keyboard.press('Enter');
    await appears(page, '.panel h2:text-is("audit.pkg-1")');
    await appears(page, '.node[data-id="audit.pkg-1"][aria-current]');
    await page.keyboard.press('Escape');
    await page.locator('.node[data-id="audit[*]"]').press('Enter');
    await expect.poll(() => boxes.count()).toBe(2);
    await page.locator('.fold').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(14);
    const ids = () => page.locator('.sessions th a').allTextContents();
    await expect.poll(async () => (await ids()).slice(0, 2)).toEqual(['audit.pkg-3', 'audit.pkg-7']);
    await appears(page, '.sessions .inner .detail:has-text("The lock file is broken")');
    await appears(page, '.sessions .inner .detail:text-is("Nothing is unused in pkg-1.")');

    // By status and words, in the address: a reload keeps it.
    await page.locator('button.count:has-text("failed")').click();
    await expect.poll(ids).toEqual(['audit.pkg-3', 'audit.pkg-7']);
    await page.keyboard.press('/');
    await page.keyboard.type('pkg-7');
    await expect.poll(ids).toEqual(['audit.pkg-7']);
    expect(page.url()).toMatch(/\?text=pkg-7&status=failed$/);
    await page.reload();
    await expect.poll(ids).toEqual(['audit.pkg-7']);
    await page.locator('.sessions th a').click();
    await appears(page, '.panel .error:has-text("The lock file is broken")');
    await expect.poll(() => page.url()).toMatch(/sessions\/audit\.pkg-7\?text=pkg-7&status=failed$/);
    await press(page, 'Close');
    await press(page, 'Clear');
    await expect.poll(() => rows.count()).toBe(2);

    await press(page, 'Retry');
    await expectGroup(page, 'completed');
    await appears(page, '.fan-out .detail:text-is("12 of 12 done")');
    await page.getByRole('tab', { name: 'Cost' }).click();
    await appears(page, '.cost-chart .small:has-text("$0.20")');
    await appears(page, '.dearest li:has-text("plan")');

    // What can be taken away: every event, and the result.
    const saved = async (name: string) => {
      await page.locator('.menu summary').click();
      const [file] = await Promise.all([page.waitForEvent('download'), press(page, name)]);
      return readFileSync(await file.path(), 'utf8');
    };
    const { nextSeq } = await bench.ask<{ nextSeq: number }>('GET', `/groups/${id}`);
    const events = (await saved('Download journal')).trimEnd().split('\n');
    expect(events.map(line => JSON.parse(line).seq)).toEqual(Array.from({ length: nextSeq }, (_, at) => at));
    const { result } = await bench.ask<{ result: object }>('GET', `/groups/${id}/result`);
    expect(JSON.parse(await saved('Download result'))).toEqual(result);
  });

  test("a session's transcript, outputs, prompt, configuration and attempts", async () => {
    const id = await bench.create(
      'Tells',
      [
        session(
          'tells',
          [
            ...Array.from({ length: 230 }, (_, index) => ({ text: `line ${index}` })),
            { tool: 'Bash', input: { command: 'npm test' } },
            { text: TOLD },
            { result: TOLD },
          ],
          { prompt: 'Say what you find in {{ group.name }}.', config: { claudeMdTemplate: 'Be brief.' } },
        ),
      ],
      { permissions: { allow: ['Bash(npm *)'] } },
    );
    await bench.ask('POST', `/groups/${id}/run?wait=true`, {});
    const page = await bench.open(id);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('.sessions a').click();
    // The result is marked where it was said, and said once.
    await appears(page, '.panel .result .heading:text-is("Findings")');
    expect(await page.locator('.panel .lines :text("Findings")').count()).toBe(1);
    const links = page.locator('.panel .markdown a');
    await expect
      .poll(() => links.evaluateAll(all => all.map(link => link.outerHTML)))
      .toEqual([
        expect.stringMatching(/href="https:\/\/docs\.example\/a".* rel="noopener noreferrer"/),
        expect.stringContaining('href="http://evil.example/x.png"'),
      ]);
    const foreign = () =>
      page.evaluate(() => [document.querySelectorAll('img, script:not([src])').length, 'pwned' in window]);
    expect(await foreign()).toEqual([0, false]);
    await press(page, 'Copy result');
    await appears(page, '.panel button:has-text("Copied")');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(TOLD);

    // In pages: earlier lines.
    await expect.poll(() => page.locator('.panel .lines > li').count()).toBe(200);
    await press(page, 'Show earlier lines');
    await appears(page, '.panel .said p:text-is("line 0")', { state: 'attached' });
    // What a tool has returned: a client's file, which a scripted agent has not.
    const { lines } = await bench.ask<Transcript>('GET', `/groups/${id}/sessions/tells/transcript`);
    const toolUseId = lines.find(({ kind }) => kind === 'tool')?.toolUseId;
    const output = `first <b>${'x'.repeat(9_000)} last`;
    const block = { type: 'tool_result', tool_use_id: toolUseId, content: output };
    const sessions = join(bench.folder, 'data', 'groups', id, 'sessions');
    const [own = ''] = readdirSync(sessions);
    const said = JSON.stringify({ type: 'user', message: { role: 'user', content: [block] } });
    writeFileSync(join(sessions, own, 'transcript.ndjson'), `${said}\n`);
    await press(page, 'Output');
    await press(page, 'Show more (1014 characters left)');
    await expect.poll(() => page.locator('.tool-output pre.output').textContent()).toBe(output);

    const panel = page.locator('.panel');
    await panel.getByRole('tab', { name: 'Prompt' }).click();
    await appears(page, '.panel .prompt:text-is("Say what you find in Tells.")');
    await panel.getByRole('tab', { name: 'Configuration' }).click();
    await appears(page, '.panel dd:text-is("Bash(npm *)")');
    await page.locator('.panel summary', { hasText: 'CLAUDE.md' }).click();
    await appears(page, '.panel .file pre:has-text("Be brief.")');
    await panel.getByRole('tab', { name: 'Attempts' }).click();
    await appears(page, '.panel .attempts td:text-is("completed")');

    await page.evaluate(hash => {
      location.hash = hash;
    }, `#/groups/${id}/sessions/nobody`);
    await appears(page, '.notice:has-text("This group has no session nobody.")');
    await appears(page, '.panel', { state: 'detached' });
  });

  test('outputs of tools open by themselves while they are followed', async () => {
    const id = await bench.create('Follows', [
      session('works', [
        { tool: 'Read' },
        { tool: 'Bash', input: { command: 'npm test' } },
        { approval: 'Bash' },
        { tool: 'Grep' },
        { tool: 'Bash', duration: '10m' },
      ]),
    ]);
    await bench.run(id);
    const page = await bench.open(id);
    await expectSession(page, 'works', 'awaiting_approval');
    const tools = async () =>
      (await bench.ask<Transcript>('GET', `/groups/${id}/sessions/works/transcript`)).lines.flatMap(
        ({ toolUseId, running }) => (toolUseId === undefined || running ? [] : [toolUseId]),
      );
    const folder = join(bench.folder, 'data', 'groups', id, 'sessions', '0-works');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'transcript.ndjson');
    const returns = (toolUseId: string | undefined, content: string) => {
      const block = { type: 'tool_result', tool_use_id: toolUseId, content };
      appendFileSync(
        path,
        `${JSON.stringify({ type: 'user', message: { role: 'user', content: [block] } })}\n`,
      );
    };
    const [read, bash] = await tools();
    returns(read, 'a file');
    returns(bash, 'y'.repeat(2_500));
    await page.locator('.sessions a').click();
    const asked: string[] = [];
    page.on('request', request => asked.push(new URL(request.url()).search));
    await press(page, 'Follow outputs');
    await appears(page, '.tool-output pre.output:text-is("a file")');
    const more = page.getByRole('button', { name: 'Show more (500 characters left)' });
    await more.focus();
    await page.keyboard.press('Enter');
    await appears(page, `.tool-output pre.output:text-is("${'y'.repeat(2_500)}")`);

    // What comes is read from where the file ended; a call that has not ended has nothing to open.
    returns('scripted-unknown', 'of no call');
    await page.locator('.panel').getByRole('button', { name: 'Allow Bash for works' }).click();
    await expect.poll(async () => (await tools()).length).toBe(3);
    returns((await tools())[2], 'three matches');
    await bench.ask('POST', `/groups/${id}/sessions/works/send`, { text: 'Go on.' });
    await appears(page, '.tool-output pre.output:text-is("three matches")');
    await appears(page, '.panel .said-by-tool:has-text("Bash …"):not(:has(button))');
    const cursors = asked.flatMap(query => new URLSearchParams(query).getAll('outputs'));
    expect(cursors.filter(one => one === '')).toHaveLength(1);
    expect(cursors.length).toBeGreaterThan(1);
  });

  test('what waits for a person is found over all groups, and approved on a phone', async () => {
    const asking = await bench.create('Asks', [
      session('asks', [{ approval: 'Bash', input: { command: 'npm install' } }, { result: 'x' }]),
      session('held', [{ tool: 'Read', duration: '10m' }]),
    ]);
    const other = await bench.create('Asks too', [
      session('other', [{ approval: 'Bash', input: { command: 'make' } }, { result: 'x' }]),
    ]);
    const spent = await bench.create('Spends', [session('costs', [{ cost: 1 }, { tool: 'Read' }])], {
      budget: { maxBudgetUsd: 0.5 },
    });
    await bench.ask('POST', `/groups/${spent}/run?wait=true`, {});
    await bench.run(asking);
    await bench.run(other);

    const page = await bench.open(undefined, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.clock.install();
    const waits = () => page.locator('.waits:visible').allTextContents();
    await page.getByLabel('Waits for you').check();
    await expect
      .poll(waits)
      .toEqual([
        'Waits for you: 1 approval',
        'Waits for you: 1 approval',
        'Waits for you: the budget is used up',
      ]);
    await page.locator('.groups a:text-is("Asks")').tap();
    const allow = page.getByRole('button', { name: 'Allow Bash for asks' });
    const { width = 0, height = 0 } = (await allow.boundingBox()) ?? {};
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
    await appears(page, '.others:has-text("2 other groups wait for you")');
    await allow.tap();
    await expectSession(page, 'asks', 'completed');

    // Its time stands while the group does.
    await press(page, 'Pause');
    await expectGroup(page, 'paused');
    const times = () => page.locator('.sessions td.number, .figures dd').allTextContents();
    const before = await times();
    await page.clock.runFor(2_100);
    expect(await times()).toEqual(before);
    await page.locator('.others').tap();
    await expect.poll(async () => (await waits()).length).toBe(3);
    await bench.ask('POST', `/groups/${other}/stop?wait=true`, {});
    await expect.poll(async () => (await waits()).length).toBe(2);
  });
});
