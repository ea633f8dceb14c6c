// @module-tag processes
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { builtCli } from './built-cli.ts';
import { finished, openWorkshop, session, type Workshop } from './workshop.ts';

let shop: Workshop;
beforeAll(() => void builtCli(), 120_000);
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const QUESTION =
  '{ approval: AskUserQuestion, input: { questions: [{ question: "Which \\x1b[2Jdatabase?", multiSelect: false, options: [{ label: Postgres, description: A server }, { label: My SQL }] }] } }';
const PLAN = '{ approval: ExitPlanMode, input: { plan: "# Plan\\nFirst this" } }';
const TOKEN = `ghp_${'x'.repeat(36)}`;
const BASH = `{ approval: Bash, input: { command: "curl -H ${TOKEN} localhost" } }`;

/** The kinds of things, and the id of the group of each. */
const kinds = (lines: readonly Record<string, unknown>[]) => lines.map(({ kind }) => kind);

it('tells what waits in all groups, the most urgent first, and the command that answers it', async () => {
  expect(await shop.finished('attention')).toMatchObject({
    code: 0,
    out: '',
    err: 'Nothing waits for you.\n',
  });
  await shop.finished(
    'run',
    await shop.group(session('a', '{ failure: invalid_request }'), '', 'fails.yaml'),
  );
  const spends = session('a', '{ cost: 0.3 }, { delay: 1ms }, { result: done }');
  await shop.finished('run', await shop.group(spends, 'budget: { maxBudgetUsd: 0.1 }', 'spends.yaml'));
  await shop.finished('run', await shop.group(session('a', '{ result: done }'), '', 'done.yaml'));
  const asks = session('a', BASH) + session('b', PLAN) + session('c', `${QUESTION}, { result: done }`);
  const run = shop.start('run', await shop.group(asks), '--attended');
  await run.says('a: wants to use Bash');
  await run.says('b: wants its plan approved: # Plan First this (session-groups session approve');
  await run.says('c: asks: Which database? (Postgres, My SQL)');

  const { code, lines } = await shop.finished('attention', '--json');
  expect(code).toBe(3);
  expect(kinds(lines)).toEqual(['question', 'plan', 'approval', 'budget', 'failed']);
  expect(lines[2]).toMatchObject({ sessionId: 'a', tool: 'Bash', input: 'curl -H [redacted] localhost' });
  expect(lines[3]).toMatchObject({ name: 'Demo', usageUsd: 0.3, limitUsd: 0.1 });
  const { out } = await shop.finished('attention');
  const text = out
    .replaceAll(/\d{8}-\d{6}-demo(-\d+)?/g, 'ID')
    .replaceAll(/\S*request-1(?=[ \n])/g, 'REQUEST');
  expect(text).toBe(`? ID  c asks: Which database?
    1 Postgres: A server
    2 My SQL
  session-groups session approve ID c REQUEST --answer 1
  session-groups session approve ID c REQUEST --answer 2
  session-groups session deny ID c REQUEST
? ID  b wants its plan approved
    # Plan
    First this
  session-groups session approve ID b REQUEST
  session-groups session deny ID b REQUEST
? ID  a wants to use Bash curl -H [redacted] localhost
  session-groups session approve ID a REQUEST
  session-groups session deny ID a REQUEST
‖ ID  the budget is used up: $0.30 of $0.10
  session-groups group resume ID --max-budget-usd 1
✗ ID  failed: 1 session
  session-groups group show ID
  session-groups group retry ID
  session-groups group archive ID
`);

  // The list of groups says the same, in short.
  const listed = async () =>
    (await shop.finished('group', 'list', '--archived', '--json')).lines.map(line => line.attention);
  const below = [undefined, { paused: 'budget_exceeded' }, { failed: 1 }];
  expect(await listed()).toEqual([{ approvals: 3 }, ...below]);
  const column = (await shop.finished('group', 'list')).out.split('\n').map(line => line.trimEnd());
  expect(column[4]).toMatch(/✗ failed .* {2}1 session failed +Demo$/);

  const id = String(lines[0]?.groupId);
  expect((await shop.finished('session', 'why', id, 'c')).out).toContain(
    'asks: Which database?\n  1 Postgres: A server\n  2 My SQL\n',
  );
  const wrong = await shop.finished('session', 'approve', id, 'c', '--answer', '3');
  expect(wrong).toMatchObject({ code: 5 });
  expect(wrong.err).toContain('"3" is none of the options of');
  expect(wrong.err).toContain('The options are: 1 Postgres, 2 My SQL.');
  expect(await shop.finished('session', 'approve', id, 'c', '--answer', '2')).toMatchObject({ code: 0 });
  expect(await shop.finished('session', 'deny', id, 'b', '--answer', 'Too short')).toMatchObject({ code: 0 });
  expect(await shop.finished('session', 'deny', id, 'a')).toMatchObject({ code: 0 });
  const { err } = await finished(run);
  expect(err).toContain('c: permission request answered from a terminal: My SQL');
  const logs = await shop.finished('logs', id, 'c');
  expect(logs.out).toMatch(
    /asks: Which \S*database\? \(Postgres, My SQL\)\n.*answered from a terminal: My SQL/,
  );
  expect(kinds((await shop.finished('attention', '--json')).lines)).toEqual(['budget', 'failed']);
  await shop.finished(
    'group',
    'archive',
    String((await shop.finished('attention', '--json')).lines[1]?.groupId),
  );
  expect(kinds((await shop.finished('attention', '--json')).lines)).toEqual(['budget']);
  expect(await listed()).toEqual([undefined, undefined, { paused: 'budget_exceeded' }, undefined]);
}, 60_000);

it('tells who waits for a project which group and session hold it, and what those do', async () => {
  const holds = shop.start('run', await shop.group(session('a', `${BASH}, { hang: true }`)), '--attended');
  await holds.says('a: wants to use Bash');
  const [{ groupId = '' } = {}] = (await shop.finished('attention', '--json')).lines;
  const file = await shop.group(
    session('b', '{ result: done }').replace('projectPath: b', 'projectPath: a'),
    '',
    'waits.yaml',
  );
  const planned = await shop.finished('plan', file);
  expect(planned.err).toContain(`the project is busy: a of ${groupId} (waits for your approval)`);
  const waits = shop.start('run', file);
  await waits.says('group: running');
  const [id = ''] = (await shop.finished('group', 'list', '--json')).lines.map(line => String(line.id));
  const why = async () => (await shop.finished('session', 'why', id, 'b')).out;
  await vi.waitFor(
    async () =>
      expect(await why()).toBe(`pending: project busy: a of ${groupId} (waits for your approval)\n`),
    20_000,
  );
  await shop.finished('session', 'approve', String(groupId), 'a');
  await vi.waitFor(
    async () =>
      expect((await shop.finished('group', 'show', id)).out).toMatch(
        new RegExp(`project busy: a of ${groupId} \\(works since \\d\\d:\\d\\d`),
      ),
    20_000,
  );
  expect((await shop.finished('group', 'show', id, '--json')).lines).toMatchObject([
    {
      sessions: [
        {
          why: {
            kind: 'project',
            heldBy: [],
            others: [{ groupId, sessionId: 'a', since: expect.any(Number) }],
          },
        },
      ],
    },
  ]);
  await shop.finished('group', 'stop', String(groupId));
  expect(await waits.ended).toBe(0);
}, 60_000);
