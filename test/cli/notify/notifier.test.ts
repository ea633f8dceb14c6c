// @module-tag processes
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NOTICE_KINDS, noticeOf } from '../../../src/cli/notify/notice.ts';
import { createNotifier } from '../../../src/cli/notify/notifier.ts';
import { NotifyConfig } from '../../../src/cli/notify/notify-config.ts';
import { desktopCommand } from '../../../src/cli/notify/programs.ts';
import { type Clock, systemClock } from '../../../src/sdk/clock.ts';
import type { GroupEvent, GroupEventBody } from '../../../src/sdk/group/journal/events.ts';
import { signal } from '../../../src/sdk/process/end-tree.ts';
import { processStartTime } from '../../../src/sdk/process/process-identity.ts';

const eventOf = (body: GroupEventBody, seq = 1): GroupEvent => ({
  ...{ seq, time: '2026-01-01T00:00:00.000Z', groupId: 'g' },
  ...body,
});
const EVIL = 'Evil\u001b]0;owned\u0007\u001b[2J\u202egnp"; rm -rf ~; $(x) `y`';

const asked: GroupEventBody = {
  ...{ type: 'approval_requested', sessionId: 'web', requestId: 'r', tool: 'Write' },
  input: { file_path: 'secret.txt' },
};
const failed: GroupEventBody = {
  ...{ type: 'session_failed', sessionId: 'web', costUsd: 0 },
  error: { code: 'verify_failed', message: 'TOKEN=abc' },
};

test.each<[GroupEventBody, string | undefined, string?]>([
  [asked, 'approval', 'web needs approval: Write'],
  [{ ...asked, tool: 'ExitPlanMode' } as GroupEventBody, 'approval', 'web wants its plan approved'],
  [{ ...asked, tool: 'AskUserQuestion' } as GroupEventBody, 'question', 'web asks a question'],
  [{ type: 'group_paused', reason: 'error_threshold' }, 'paused', 'paused: too many failures'],
  [{ type: 'group_paused', reason: 'manual' }, undefined],
  [{ type: 'group_failed', reason: 'sessions_failed' }, 'failed', 'failed'],
  [failed, 'failed', 'web failed: verify_failed'],
  [{ type: 'group_completed' }, 'completed', 'completed'],
  [{ type: 'group_stopped', reason: 'manual' }, undefined],
  [
    { type: 'budget_warning', usageUsd: 8, limitUsd: 10 },
    'budget_warning',
    'the group has spent $8.00 of $10.00',
  ],
  [
    { type: 'budget_exceeded', usageUsd: 3, limitUsd: 3, action: 'warn', sessionId: 'web' },
    'budget_warning',
    'web has spent $3.00 of $3.00',
  ],
  [{ type: 'session_message', sessionId: 'web', role: 'assistant', text: 'hello' }, undefined],
])('%o is told as %s', (body, kind, text) => {
  const notice = noticeOf(eventOf(body), 'Demo');
  expect(notice?.kind).toBe(kind);
  expect(notice?.text).toBe(text);
});

test('what is told has no control characters, a bounded length, and nothing of what an agent has said', () => {
  const tool = `${EVIL}${'x'.repeat(5_000)}`;
  const notice = noticeOf(eventOf({ ...asked, tool } as GroupEventBody), EVIL);
  expect(JSON.stringify(notice)).not.toMatch(/\\u00[01]|\\u202e|secret\.txt/);
  expect(notice?.text.length).toBeLessThanOrEqual(300);
  expect(JSON.stringify(noticeOf(eventOf(failed), 'Demo'))).not.toContain('TOKEN');
});

test.each([
  ['mcp__github__create_issue', 'mcp__github__create_issue'],
  ['Upload /etc/passwd to evil.example', 'a tool'],
  ['x'.repeat(65), 'a tool'],
  ['', 'a tool'],
])('of the tool %s, %s is told', (tool, told) => {
  const notice = noticeOf(eventOf({ ...asked, tool } as GroupEventBody), 'Demo');
  expect(notice?.text).toBe(`web needs approval: ${told}`);
});

test('desktop notices are arguments, of no shell and no script', () => {
  const title = '-e evil';
  for (const platform of ['linux', 'darwin']) {
    const command = desktopCommand({ title, text: EVIL }, platform);
    expect(command.slice(-2)).toEqual([title, EVIL]);
    expect(command.slice(0, -2).join(' ')).not.toContain('evil');
  }
});

/** A notifier with everything that it writes and warns of. */
function notifierWith(given: object, isTTY = true, env: Record<string, string> = {}, clock = systemClock) {
  const written: string[] = [];
  const warnings: string[] = [];
  const stderr = { isTTY, write: (text: string) => written.push(text) };
  const notifier = createNotifier(NotifyConfig.parse(given), {
    io: { stderr: stderr as never, env: { PATH: process.env.PATH, ...env } },
    clock,
    warn: line => warnings.push(line),
  });
  return { notifier, written, warnings };
}

test('a terminal rings and has a title until the group is at rest; what is no terminal gets nothing', async () => {
  for (const isTTY of [true, false]) {
    const { notifier, written } = notifierWith({ bell: true, title: true, on: ['completed'] }, isTTY);
    notifier.tell(eventOf(asked), EVIL);
    notifier.tell(eventOf({ type: 'group_completed' }), EVIL);
    await notifier.finish();
    const clean = noticeOf(eventOf({ type: 'group_completed' }), EVIL);
    const shown = ['\u001b[22;2t', `\u001b]2;${clean?.title}: completed\u0007`, '\u0007', '\u001b[23;2t'];
    expect(written).toEqual(isTTY ? shown : []);
  }
});

test('a program that fails is named once, and the others are told', async () => {
  const { notifier, warnings } = notifierWith({ command: ['false'] });
  for (let seq = 0; seq < 3; seq++) notifier.tell(eventOf({ type: 'group_completed' }, seq), 'Demo');
  await notifier.finish();
  expect(warnings).toEqual(['warning: notify.command in config.yaml failed: it exited with code 1']);
});

test('a program that does not exist harms nothing', async () => {
  const { notifier, warnings } = notifierWith({ command: ['/nowhere/at/all'] });
  notifier.tell(eventOf({ type: 'group_completed' }), 'Demo');
  await notifier.finish();
  expect(warnings).toEqual([expect.stringContaining('ENOENT')]);
});

test('what takes too long is ended with the group that is cut short', async () => {
  const { notifier, warnings } = notifierWith({ command: ['sleep', '1000'] });
  notifier.tell(eventOf({ type: 'group_completed' }), 'Demo');
  await notifier.finish(true);
  await expect.poll(() => warnings).toEqual([expect.stringContaining('it was cut short')]);
});

describe('what a program has started', () => {
  let folder: string;
  let started: number | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'session-groups-notify-'));
    started = undefined;
  });
  afterEach(async () => {
    if (started !== undefined) signal(started, 'SIGKILL');
    await rm(folder, { recursive: true });
  });

  /** Tells a program with these lines, and waits until it has started something. */
  async function tellsProgram(lines: string, clock = systemClock) {
    const file = join(folder, 'pid');
    const command = [
      'sh',
      '-c',
      `sleep 1000 & echo $! > '${file}.part'; mv '${file}.part' '${file}'; ${lines}`,
    ];
    const told = notifierWith({ command }, false, {}, clock);
    told.notifier.tell(eventOf({ type: 'group_completed' }), 'Demo');
    await vi.waitFor(() => expect(existsSync(file)).toBe(true), 20_000);
    started = Number(await readFile(file, 'utf8'));
    return told;
  }
  const isAlive = () => processStartTime(started ?? 0) !== undefined;

  test('is ended with it', async () => {
    const { notifier, warnings } = await tellsProgram('exit 0');
    await notifier.finish();
    expect([isAlive(), warnings]).toEqual([false, []]);
  });

  test('is ended when its time is over', async () => {
    let end = () => {};
    const setTimeout: Clock['setTimeout'] = (fn, ms) => {
      if (ms === 30_000) end = fn;
      return systemClock.setTimeout(fn, ms);
    };
    const { notifier, warnings } = await tellsProgram('wait', { ...systemClock, setTimeout });
    end();
    await notifier.finish();
    expect([isAlive(), warnings]).toEqual([
      false,
      ['warning: notify.command in config.yaml failed: it took longer than 30 s'],
    ]);
  });

  test('is ended when the group is cut short', async () => {
    const { notifier } = await tellsProgram('wait');
    await notifier.finish(true);
    await vi.waitFor(() => expect(isAlive()).toBe(false), 20_000);
  });
});

test.each([
  ['https://user:CANARY@example.com/hook', 'its url has a user name or a password in it'],
  ['CANARY', 'its url is not an http or https address'],
  ['ftp://example.com/CANARY', 'its url is not an http or https address'],
])(
  'a webhook whose address can not be used is left out, and its address is not printed: %s',
  async (HOOK, why) => {
    const { notifier, warnings } = notifierWith({ webhook: { url: '${HOOK}' } }, false, { HOOK });
    notifier.tell(eventOf({ type: 'group_completed' }), 'Demo');
    await notifier.finish();
    expect(warnings).toEqual([`warning: notify.webhook in config.yaml is left out: ${why}`]);
  },
);

test.each([{ webhook: { url: '${HOOK}' } }, { webhook: { url: 'http://127.0.0.1:9', secret: '${KEY}' } }])(
  'a webhook whose reference has no value is left out: %o',
  async given => {
    const { notifier, warnings } = notifierWith(given);
    notifier.tell(eventOf({ type: 'group_completed' }), 'Demo');
    await notifier.finish();
    expect(warnings).toEqual([
      expect.stringMatching(/notify\.webhook .* is left out: (HOOK|KEY) is not set/),
    ]);
  },
);

test.each([
  [{ on: [] }],
  [{ on: ['everything'] }],
  [{ command: 'echo hi' }],
  [{ webhook: { url: 'ftp://example.com' } }],
  [{ webhook: { url: 'javascript:alert(1)' } }],
  [{ webhook: { url: 'https://example.com', secret: 'written-down' } }],
  [{ sound: true }],
])('is refused: %o', given => {
  expect(NotifyConfig.safeParse(given).success).toBe(false);
});

test('everything is told unless it is said what', () => {
  expect(NotifyConfig.parse({}).on).toEqual(NOTICE_KINDS);
});
