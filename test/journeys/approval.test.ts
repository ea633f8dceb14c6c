import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
let browser: Browser;
beforeAll(async () => {
  place = openWorkplace();
  browser = await chromium.launch({
    executablePath: process.env.SESSION_GROUPS_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
});
afterAll(async () => {
  await browser.close();
  await place.close();
});

test('an approval, given on a page as wide as a phone', async () => {
  place.write(
    'work/session-groups.yaml',
    `
version: 1
name: Release
config: { agent: scripted }
sessions:
  - id: publish
    projectPath: .
    prompt: Publish it.
    agent:
      kind: scripted
      steps:
        - { approval: Bash, input: { command: npm publish --dry-run } }
        - { result: published }
`,
  );
  const terminal = place.terminal('session-groups run session-groups.yaml --web');
  const shown = await terminal.shows(/http:\/\/127\.0\.0\.1:\d+\/#token=\S+/);
  const address = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(shown.replaceAll('\n', ''))?.[0] ?? '';
  await terminal.shows(/approval|approve/);

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await phone.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(address);
  const allow = page.getByRole('button', { name: /^Allow/ }).first();
  await allow.waitFor();
  // All of it is on the screen: what is asked for, and the button, without scrolling sideways.
  expect(await page.locator('body').textContent()).toContain('npm publish --dry-run');
  const box = await allow.boundingBox();
  expect(box && box.x >= 0 && box.x + box.width <= 390 && box.height >= 24).toBe(true);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await allow.tap();

  expect(await terminal.ended).toBe(0);
  expect(terminal.screen()).toMatch(/✓ completed\s+Release/);
  expect(place.sh('session-groups session show @latest publish').out).toContain('published');
  await phone.close();
});
