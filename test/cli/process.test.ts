// @module-tag processes
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { builtCli, startCli } from './built-cli.ts';

/** The executable in a separate process, with scripted agents. */

let folder = '';
beforeAll(() => void builtCli(), 120_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-groups-cli-'));
  for (const name of ['a', 'b', 'c']) await mkdir(join(folder, name, '.git'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

const start = (...argv: string[]) =>
  startCli(argv, folder, {
    SESSION_GROUPS_CLAUDE: join(folder, 'no-such-claude'),
    SESSION_GROUPS_DATA_DIR: join(folder, 'groups'),
  });

async function finished(...argv: string[]) {
  const running = start(...argv);
  const code = await running.ended;
  return { code, out: running.out(), err: running.err() };
}

async function group(sessions: string, config = ''): Promise<string> {
  const text = `version: 1\nname: Demo\nconfig: { agent: scripted, ${config} }\nsessions:\n${sessions}`;
  await writeFile(join(folder, 'group.yaml'), text);
  return 'group.yaml';
}

const session = (id: string, steps: string, more = '') =>
  `  - { id: ${id}, projectPath: ${id}, prompt: Work, agent: { kind: scripted, steps: [${steps}] }${more} }\n`;

const WORKING = session('a', '{ text: hello }, { cost: 0.25 }, { result: done }');
const AFTER_A = session('b', '{ text: world }', ', dependsOn: [a]');
const HANGING = session('a', '{ text: hello }, { hang: true }');

describe('plugins in the process of the command', () => {
  const withPlugin = async (text: string) => {
    await mkdir(join(folder, 'config'), { recursive: true });
    await writeFile(join(folder, 'config/config.yaml'), 'plugins: [./a.mjs]\n');
    await writeFile(join(folder, 'config/a.mjs'), text);
    const running = startCli(['run', '--json', await group(WORKING)], folder, {
      SESSION_GROUPS_CONFIG_DIR: join(folder, 'config'),
      SESSION_GROUPS_DATA_DIR: join(folder, 'groups'),
    });
    const code = await running.ended;
    return { code, out: running.out(), err: running.err() };
  };

  it('what they log is not part of the output', async () => {
    const { code, out, err } = await withPlugin('console.log("loaded"); export default {};');
    expect(code).toBe(0);
    for (const line of out.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
    expect(err).toContain('loaded');
  });

  it('one that ends the process does not make the command succeed', async () => {
    const { code, out, err } = await withPlugin('process.exit(0);');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('error: the process was ended before the command was done');
  });
});

describe('run as a process', () => {
  it('exits 0 if the group is completed, with the summary on stdout', async () => {
    const { code, out, err } = await finished('run', await group(WORKING + AFTER_A));
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(out).toMatch(/^✓ completed {2}Demo\n {2}.*\$0\.25.*2 sessions: 2 completed\n$/);
    expect(err).toContain('a: completed');
  });

  it('--json prints valid events in order without a gap, and the result last', async () => {
    const { code, out, err } = await finished('run', await group(WORKING + AFTER_A), '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const events = lines.slice(0, -1).map(line => GroupEvent.parse(line));
    const first = events[0]?.seq ?? -1;
    expect(events.map(event => event.seq)).toEqual(events.map((_, index) => first + index));
    const types = events.map(event =>
      'sessionId' in event ? `${event.type} ${event.sessionId}` : event.type,
    );
    expect(types.indexOf('session_completed a')).toBeLessThan(types.indexOf('session_started b'));
    expect(lines.at(-1)).toMatchObject({
      type: 'result',
      status: 'completed',
      sessions: { a: { status: 'completed', costUsd: 0.25, attempts: 1 }, b: { status: 'completed' } },
      totalCostUsd: 0.25,
    });
  });

  it('exits 1 if a session failed, and names it', async () => {
    const failing = session('a', '{ failure: max_turns, message: "after 20 turns" }');
    const { code, out } = await finished('run', await group(failing + AFTER_A));
    expect(code).toBe(1);
    expect(out).toContain('✗ a failed: max_turns: after 20 turns');
    expect(out).toContain('– b skipped: upstream failed');
  });

  it('exits 2 without a stack trace if the definition is invalid', async () => {
    const { code, out, err } = await finished('run', await group(AFTER_A));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^group\.yaml:\d+:\d+ error/);
    expect(err).not.toContain('    at ');
  });

  it('exits 3 if the budget is used up', async () => {
    const spending = session('a', '{ cost: 2 }, { delay: 1ms }, { text: more }');
    const later = session('b', '{ text: never }', ', dependsOn: [a]');
    const path = await group(spending + later, 'budget: { maxBudgetUsd: 1 }');
    const { code, out, err } = await finished('run', path);
    expect({ code, err }).toMatchObject({ code: 3 });
    expect(out).toContain('paused (the budget is used up)');
    expect(err).toContain('--max-budget-usd');
  });

  it('exits 4 with a hint if the agent is missing', async () => {
    const claude = '  - { id: a, projectPath: a, prompt: Work, agent: claude }\n';
    const { code, err } = await finished('run', await group(claude));
    expect({ code, err }).toMatchObject({ code: 4 });
    expect(err).toContain('hint: ');
    expect(await finished('doctor')).toMatchObject({ code: 4 });
  });

  it('rehearses any definition with --scripted', async () => {
    await writeFile(
      join(folder, 'real.yaml'),
      'version: 1\nname: Real\nsessions:\n  - { id: a, projectPath: a, prompt: Work }\n',
    );
    const { code, err } = await finished('run', 'real.yaml', '--scripted');
    expect(code).toBe(0);
    expect(err).toContain('no model is called');
  });

  it('ends quietly when the reader closes stdout', async () => {
    const running = start('run', await group(HANGING), '--json');
    await running.says('"session_started"');
    running.process.stdout?.destroy();
    running.process.kill('SIGINT');
    expect([3, 141]).toContain(await running.ended);
    expect(running.err()).not.toMatch(/EPIPE| {4}at /);
  });
});

describe('signals to the process', () => {
  it('SIGINT pauses: exit 3', async () => {
    const running = start('run', await group(HANGING));
    await running.says('a: started');
    running.process.kill('SIGINT');
    expect(await running.ended).toBe(3);
    expect(running.err()).toMatch(/Resume it with: session-groups group resume \d{8}-\d{6}-demo\n/);
    expect(running.out()).toContain('paused');
  });

  it('SIGTERM pauses: exit 143, with the result as the last line', async () => {
    const running = start('run', await group(HANGING), '--json');
    await running.says('"session_started"');
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(143);
    expect(JSON.parse(running.out().trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'result',
      status: 'paused',
    });
  });

  it('a second SIGINT stops, even an agent that ignores interrupts: exit 1', async () => {
    const deaf = `  - { id: a, projectPath: a, prompt: Work, agent: { kind: scripted, ignoreInterrupt: true, steps: [{ hang: true }] } }\n`;
    const running = start('run', await group(deaf));
    await running.says('a: started');
    running.process.kill('SIGINT');
    await running.says('Pausing');
    running.process.kill('SIGINT');
    expect(await running.ended).toBe(1);
    expect(running.out()).toContain('stopped');
  });
});

describe('a third SIGINT', () => {
  it('ends at once: exit 130, and the group can be resumed', async () => {
    const deaf = `  - { id: a, projectPath: a, prompt: Work, agent: { kind: scripted, ignoreInterrupt: true, steps: [{ hang: true }] } }\n`;
    const running = start('run', await group(deaf));
    await running.says('a: started');
    for (const said of ['Pausing', 'Stopping', 'Ending']) {
      running.process.kill('SIGINT');
      await running.says(said);
    }
    expect(await running.ended).toBe(130);
    expect((await finished('group', 'list')).out).toMatch(/interrupted|stopped/);
  });
});

describe('init and plan as processes', () => {
  it('the definition of init can be planned and rehearsed', async () => {
    expect(await finished('init')).toMatchObject({ code: 0 });
    const { code, err } = await finished('plan', 'session-groups.yaml');
    expect(code).toBe(0);
    expect(err).toContain('warning agent_not_ready config.agent: the agent claude is not ready');
    expect(err).toContain('Next: session-groups run session-groups.yaml --scripted\n');
    expect(await finished('run', 'session-groups.yaml', '--scripted')).toMatchObject({ code: 0 });
  });
});
