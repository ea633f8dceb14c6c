// @module-tag processes
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { builtCli } from './built-cli.ts';
import { finished, openWorkshop, session, type Workshop } from './workshop.ts';

/** Controlling a group from other processes. */

let shop: Workshop;
beforeAll(() => void builtCli(), 120_000);
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const QUICK = session('a', '{ text: hello }, { cost: 0.25 }, { result: done }');
const SLOW = session('b', '{ text: half }, { cost: 0.1 }, { delay: 8s }, { text: rest }');
const AFTER_B = session('c', '{ text: last }', ', dependsOn: [b]');
const HANGING = session('b', '{ text: half }, { hang: true }');

/** `run`, once it has printed this. */
async function running(sessions: string, until: string, ...argv: string[]) {
  const run = shop.start('run', await shop.group(sessions), ...argv);
  await run.says(until);
  return run;
}

describe('pause and resume from another process', () => {
  it('pauses the group, and resumes the same conversations (I14)', async () => {
    const run = await running(QUICK + SLOW + AFTER_B, 'a: completed');
    const pause = await shop.finished('group', 'pause', 'demo');
    expect(pause).toMatchObject({ code: 0 });
    expect(pause.out).toContain('‖ paused (on request)  Demo');
    expect(pause.err).toMatch(/^Resume it with: session-groups group resume \d{8}-\d{6}-demo\n$/);
    expect(await run.ended).toBe(3);

    const resume = await shop.finished('group', 'resume', 'demo', '--json');
    expect(resume).toMatchObject({ code: 0, err: '' });
    const events = resume.lines.slice(0, -1).map(line => GroupEvent.parse(line));
    expect(events[0]?.type).toBe('group_resumed');
    const begun = events.filter(({ type }) => type === 'session_started' || type === 'session_resumed');
    expect(begun.map(event => 'sessionId' in event && `${event.type} ${event.sessionId}`)).toEqual([
      'session_resumed b',
      'session_started c',
    ]);
    expect(resume.lines.at(-1)).toMatchObject({
      type: 'result',
      status: 'completed',
      sessions: { a: { attempts: 1 }, b: { attempts: 2, costUsd: 0.1 } },
    });
  });

  it('--no-wait returns at once', async () => {
    const run = await running(SLOW, 'b: started');
    const pause = await shop.finished('group', 'pause', 'demo', '--no-wait', '--json');
    expect(pause).toMatchObject({ code: 0, lines: [{ type: 'accepted', request: 'pause' }] });
    expect(await run.ended).toBe(3);
  });

  it('lets one of two concurrent resumes take the group over, and refuses the other (I12)', async () => {
    const run = await running(SLOW, 'b: started');
    run.process.kill('SIGINT');
    expect(await run.ended).toBe(3);
    const both = await Promise.all([1, 2].map(() => finished(shop.start('group', 'resume', 'demo'))));
    expect(both.map(({ code }) => code).sort()).toEqual([0, 5]);
    expect(both.find(({ code }) => code === 5)?.err).toMatch(
      /error: not possible while the group is running\nhint: .*session-groups group watch \S+-demo\n/,
    );
  });

  it('raises the limit of a group that it paused', async () => {
    const spending = session('a', '{ cost: 2 }, { delay: 1ms }, { text: more }');
    const run = await shop.finished('run', await shop.group(spending, 'budget: { maxBudgetUsd: 1 }'));
    expect(run.code).toBe(3);
    const refused = await shop.finished('group', 'resume', 'demo');
    expect(refused.code).toBe(5);
    expect(refused.err).toMatch(/error: the budget is used up.*\nhint: .*--max-budget-usd USD\n/);
    const [command] = /group resume .*$/m.exec(run.err) ?? [''];
    expect(await shop.finished(...command.split(' '))).toMatchObject({ code: 0 });
  });

  it('raises the limit of a running group, and follows it', async () => {
    const run = await running(QUICK + SLOW, 'a: completed');
    const follow = await shop.finished('group', 'resume', 'demo', '--max-budget-usd', '20');
    expect(follow).toMatchObject({ code: 0 });
    expect(follow.err).toContain('group: limit is now $20.00');
    expect(follow.err).toContain('b: completed');
    expect(follow.out).toContain('✓ completed  Demo');
    expect(await run.ended).toBe(0);
  });
});

describe('stop and retry from another process', () => {
  it('stops live sessions, and retries them in the same conversation', async () => {
    const run = await running(QUICK + SLOW + AFTER_B, 'a: completed');
    const stop = await shop.finished('group', 'stop', 'demo', '--json');
    expect(stop).toMatchObject({ code: 0, lines: [{ type: 'result', status: 'stopped' }] });
    expect(await run.ended).toBe(1);

    expect(await shop.finished('group', 'retry', 'demo', '--dry-run')).toMatchObject({
      code: 0,
      out: 'b\nc\n',
    });
    const one = await shop.finished('group', 'retry', '--session', 'c', 'demo', '--dry-run', '--json');
    expect(one.lines).toMatchObject([{ type: 'retry_plan', sessions: ['c'] }]);
    const retry = await shop.finished('group', 'retry', 'demo');
    expect(retry).toMatchObject({ code: 0 });
    expect(retry.err).toContain('b: resumed (attempt 2)');
    expect(retry.err).not.toContain('a: started');
    expect(retry.out).toContain('3 sessions: 3 completed');
  });

  it('stops a paused group without an owner', async () => {
    const run = await running(HANGING, 'b: started');
    run.process.kill('SIGINT');
    await run.ended;
    expect(await shop.finished('group', 'stop', 'demo')).toMatchObject({ code: 0 });
    expect(await shop.finished('group', 'stop', 'demo')).toMatchObject({ code: 5 });
    expect((await shop.finished('group', 'list', '--json')).lines).toMatchObject([{ status: 'stopped' }]);
  });

  it('retries failed sessions of a paused group, and resumes the rest', async () => {
    const script = 'test -e seen || { touch seen; exit 1; }';
    const failing = `  - { id: a, projectPath: a, prompt: Work, agent: { kind: command, command: [sh, -c, "${script}"] } }\n`;
    const config = 'retry: { maximumAttempts: 1 }, concurrency: { errorThreshold: 1 }';
    expect(await shop.finished('run', await shop.group(failing + SLOW, config))).toMatchObject({ code: 3 });
    const retry = await shop.finished('group', 'retry', 'demo', '--fresh');
    expect(retry).toMatchObject({ code: 0 });
    expect(retry.out).toContain('2 sessions: 2 completed');
  });
});

describe('watching from another process', () => {
  it('prints past events, then new ones, and ends as the run does', async () => {
    const run = await running(QUICK + SLOW, 'session_completed', '--json');
    const watch = await shop.finished('group', 'watch', 'demo', '--json');
    const ran = await finished(run);
    expect([ran.code, watch.code]).toEqual([0, 0]);
    expect(watch.lines.slice(0, -1)).toEqual(ran.lines.slice(0, -1));
    // The live view measures durations by the clock, a saved group by the journal's times.
    expect(watch.lines.at(-1)).toEqual({ ...ran.lines.at(-1), elapsedMs: expect.any(Number) });
    const later = await shop.finished('group', 'watch', 'demo', '--json', '--from-seq', '3');
    expect(later.lines.map(line => line.seq)).toEqual(watch.lines.slice(3).map(line => line.seq));
    const plain = await shop.finished('group', 'watch', 'demo');
    expect(plain.out).toContain('b: completed');
  });

  it('ends with the resume command when the group is paused', async () => {
    const run = await running(HANGING, 'b: started');
    const watch = shop.start('group', 'watch', 'demo');
    await watch.says('b: started');
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    const { code, out, err } = await finished(watch);
    expect(code).toBe(3);
    expect(out).toContain('group: paused (shut down)');
    expect(err).toContain('session-groups group resume ');
  });
});

describe('showing a group that another process runs', () => {
  it('lists it, shows it, and says what its sessions are waiting for', async () => {
    const run = await running(QUICK + HANGING + AFTER_B, 'a: completed');
    const [list, show, sessions, why] = await Promise.all([
      shop.finished('group', 'list', '--status', 'running', '--project', 'a', '--json'),
      shop.finished('group', 'show', 'demo', '--json'),
      shop.finished('session', 'list', 'demo'),
      shop.finished('session', 'why', 'demo', 'c'),
    ]);
    expect(list.lines).toMatchObject([{ type: 'group', status: 'running', totalCostUsd: 0.25 }]);
    expect(show.lines).toMatchObject([
      {
        type: 'group',
        status: 'running',
        owner: { pid: run.process.pid, alive: true },
        limitUsd: 10,
        sessions: [
          { id: 'a' },
          { id: 'b', status: 'running' },
          { why: { kind: 'dependency', sessions: ['b'] } },
        ],
      },
    ]);
    expect(sessions.out).toMatch(/✓ completed {2}a +\$0\.25/);
    expect(sessions.out).toMatch(/○ pending {4}c +waiting for b/);
    expect(why.out).toBe('pending: waiting for b\n');
    const human = await shop.finished('group', 'show', 'demo');
    expect(human.out).toContain(`running in process ${run.process.pid} on `);
    // As everywhere: the local time, and no day for today.
    expect(human.out).toMatch(/ since \d\d:\d\d\n/);
  });

  it('warns when another group is running from the same file', async () => {
    await running(HANGING, 'b: started');
    // What lists read is saved a moment after what is printed.
    const listed = async () => (await shop.finished('group', 'list', '--json')).lines;
    await expect.poll(listed).toMatchObject([{ status: 'running' }]);
    const { err } = await shop.finished('group', 'create', 'group.yaml');
    expect(err).toMatch(/^warning: \d{8}-\d{6}-demo is already running from this file/);
  });
});

describe('one session from another process', () => {
  it('is held while the group keeps running, and resumed', async () => {
    const run = await running(SLOW + QUICK, 'b: started');
    const pause = await shop.finished('session', 'pause', 'demo', 'b');
    expect(pause).toMatchObject({ code: 0, err: '', out: 'b: paused\n' });
    expect(await run.ended).toBe(3);
    expect(run.out()).toContain('only held sessions remain');
    const why = await shop.finished('session', 'why', 'demo', 'b');
    expect(why.out).toMatch(/^paused: held from a terminal, since \d\d:\d\d\n$/);
    expect(why.err).toMatch(
      /^Let it go: session-groups session resume (\S+) b\nThen resume its group: session-groups group resume \1\n$/,
    );
    expect(await shop.finished('session', 'resume', 'demo', 'b')).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^Then resume its group: session-groups group resume \S+\n$/),
    });
    expect(await shop.finished('group', 'resume', 'demo')).toMatchObject({ code: 0 });
  });

  it('is held before its group starts, without a process that runs the group', async () => {
    const file = await shop.group(SLOW + QUICK);
    expect(await shop.finished('group', 'create', file)).toMatchObject({ code: 0 });
    expect(await shop.finished('session', 'pause', 'demo', 'b')).toMatchObject({ code: 0, out: 'b: held\n' });
    expect((await shop.finished('session', 'why', 'demo', 'b')).out).toBe('pending: held from a terminal\n');
    expect(await shop.finished('session', 'pause', 'demo', 'b')).toMatchObject({ code: 5 });
    expect(await shop.finished('session', 'resume', 'demo', 'b')).toMatchObject({ code: 0 });
    expect((await shop.finished('session', 'why', 'demo', 'b')).out).toBe('pending: not started\n');
  });

  it('is sent messages while it works, before it starts, and not once it is over', async () => {
    const slow = session('b', '{ text: half }, { delay: 3s }, { text: rest }');
    const run = await running(slow + session('c', '{ text: last }', ', dependsOn: [b]'), 'b: started');
    expect(await shop.finished('session', 'send', 'demo', 'b', 'Go left.')).toMatchObject({
      code: 0,
      err: '',
    });
    // The group is the one that is live.
    const json = await shop.finished('session', 'send', 'c', 'Go right.', '--json');
    expect(json).toMatchObject({ code: 0, lines: [{ type: 'accepted', request: 'session send' }] });
    const { err } = await finished(run);
    expect(err).toContain('b: message sent from a terminal: Go left.');
    expect(err.split('message delivered')).toHaveLength(3);
    expect((await shop.finished('session', 'logs', 'demo', 'b')).out).toContain('Go left.');
    const over = await shop.finished('session', 'send', 'demo', 'b', 'Too late.');
    expect(over).toMatchObject({ code: 5 });
    expect(over.err).toContain('b is already completed');
    expect(await shop.finished('session', 'send', 'demo', 'b', ' ')).toMatchObject({ code: 2 });
  });

  it.each([
    ['approve', 'permission request allowed from a terminal', ''],
    ['deny', 'permission request denied from a terminal', ''],
  ])('is answered by %s', async (verb, said) => {
    const input = '{ command: npm test, description: Tests }';
    const asking = session('a', `{ approval: Bash, input: ${input} }, { text: on }`);
    const run = await running(asking, 'a: wants to use Bash: npm test', '--attended');
    expect((await shop.finished('session', 'why', 'demo', 'a')).out).toBe(
      'approval: needs approval: Bash: npm test\n',
    );
    const show = await shop.finished('session', 'show', 'demo', 'a');
    expect(show.out).toContain('wants to use Bash: npm test');
    expect(show.out).toMatch(/session-groups session approve \S+ a \S+request-1\n/);
    expect(await shop.finished('session', verb, 'demo', 'a', 'no-such-request')).toMatchObject({ code: 5 });
    expect(await shop.finished('session', verb, 'demo', 'a')).toMatchObject({ code: 0 });
    const { err } = await finished(run);
    expect(err).toContain(said);
    expect(await shop.finished('session', verb, 'demo', 'a')).toMatchObject({ code: 5 });
  });

  it('fails on a permission request if no one can answer', async () => {
    const asking = session('a', '{ approval: Bash }, { text: on }');
    const { code, out } = await shop.finished('run', await shop.group(asking));
    expect(code).toBe(1);
    expect(out).toContain('permission_denied');
  });
});
