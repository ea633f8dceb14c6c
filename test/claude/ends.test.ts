import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptSpec } from '../../src/sdk/session/agent.ts';
import { watch } from '../support/claude-attempt.ts';
import { type ClaudeBench, claudeBench, claudeExecutable } from '../support/claude-bench.ts';
import { refusal, reply, text, toolUse } from '../support/messages-api/answers.ts';

let bench: ClaudeBench;
beforeEach(async () => {
  bench = await claudeBench();
});
afterEach(() => bench.close());

/** Settings of the project, as a repository would bring them. */
function project(settings: object): void {
  mkdirSync(join(bench.project, '.claude'));
  writeFileSync(join(bench.project, '.claude', 'settings.json'), JSON.stringify(settings));
}
const hook = (event: string, command: string) => ({
  hooks: { [event]: [{ hooks: [{ type: 'command', command }] }] },
});
const says = (answer: object): string => `echo '${JSON.stringify(answer)}'`;
const STOP = says({ continue: false, stopReason: 'enough' });

const endOf = (given: Partial<AttemptSpec> = {}) => watch(bench.agent, bench.spec(given)).ended;
const allowing = (...allow: string[]) => ({ permissions: { ...bench.spec().permissions, allow } });

describe('an end of claude that is no completion', () => {
  it.each([
    ['UserPromptSubmit', 'echo not today >&2; exit 2', 'not today'],
    ['UserPromptSubmit', STOP, 'enough'],
    ['Stop', STOP, 'a Stop hook'],
    ['PostToolUse', STOP, 'a hook of a tool call'],
    ['PreToolUse', STOP, 'a hook of a tool call'],
    [
      'PreToolUse',
      says({ hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'defer' } }),
      'put off',
    ],
    ['Stop', 'echo again >&2; exit 2', 'a Stop hook never let the turn end'],
  ])('is prevented by a hook: %s with %s', async (event, command, message) => {
    project(hook(event, command));
    const first = event.endsWith('ToolUse') ? toolUse('Bash', { command: 'true' }) : text('Done.');
    bench.api.enqueue(first, text('Done.'));
    expect(await endOf()).toMatchObject({
      outcome: 'failed',
      code: 'turn_prevented',
      message: expect.stringContaining(message),
    });
  });

  it.each(['/compact', '/clear'])('is the prompt %s, which asks no model', async prompt => {
    expect(await endOf({ prompt })).toMatchObject({ outcome: 'failed', code: 'turn_prevented' });
    expect(bench.api.mainRequests).toEqual([]);
  });

  it('is a turn that says nothing, also after the client has asked again', async () => {
    let requests = 0;
    bench.api.answerWith(({ side }) => {
      if (side) return undefined;
      requests += 1;
      return requests === 1 ? toolUse('Bash', { command: 'true' }) : reply([]);
    });
    expect(await endOf()).toMatchObject({ outcome: 'failed', code: 'empty_result' });
  });

  it('is an image that the API cannot read', async () => {
    bench.api.answerWith(() =>
      refusal(
        400,
        'invalid_request_error',
        'messages.0.content.0.image.source.base64: Could not process image',
      ),
    );
    expect(await endOf()).toMatchObject({ outcome: 'failed', code: 'invalid_request' });
  });

  it.each([
    ['API Error: 500 Internal server error', { outcome: 'failed', code: 'server_error' }],
    ["You've hit your limit · resets 3am (Europe/Berlin)", { outcome: 'limited', until: expect.any(Number) }],
    ["You've hit your limit · resets 99am", { outcome: 'limited' }],
  ])('is the answer %j', async (words, end) => {
    bench.api.enqueue(text(words));
    expect(await endOf()).toMatchObject(end);
  });
});

describe('tools of claude that wait for something after the turn', () => {
  const offered = () => (bench.api.mainRequests[0]?.body.tools ?? []).map(({ name }) => name ?? '');

  it('are not there', async () => {
    bench.api.enqueue(text('Done.'));
    expect(await endOf()).toMatchObject({ outcome: 'done' });
    const gone =
      /^(ScheduleWakeup|Cron\w+|Monitor|Workflow|\w+Worktree|SendMessage|ListAgents|RemoteTrigger)$/;
    expect(offered()).toContain('Bash');
    expect(offered().filter(name => gone.test(name))).toEqual([]);
  });

  it('are there if a rule allows them, and a turn that ends on one is not done', async () => {
    const input = { cron: '0 0 1 1 *', prompt: 'go on', recurring: false };
    bench.api.enqueue(toolUse('CronCreate', input), text('I look later.'));
    expect(await endOf(allowing('CronCreate'))).toMatchObject({
      outcome: 'failed',
      code: 'turn_ended_early',
      message: expect.stringContaining('CronCreate'),
    });
  });

  it('are not over if the work is left in a worktree', async () => {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: bench.project });
    git('init', '-q');
    git('-c', 'user.name=a', '-c', 'user.email=a@b.example', 'commit', '-q', '--allow-empty', '-m', 'first');
    const enter = toolUse('EnterWorktree', { name: 'x' });
    const tools = allowing('EnterWorktree', 'ExitWorktree', 'Bash');
    bench.api.enqueue(enter, toolUse('ExitWorktree', { action: 'keep' }), text('Done.'));
    expect(await endOf(tools)).toMatchObject({
      outcome: 'failed',
      code: 'turn_ended_early',
      message: expect.stringContaining('has not been merged'),
    });
    bench.api.enqueue(
      toolUse('EnterWorktree', { name: 'y' }),
      toolUse('ExitWorktree', { action: 'keep' }),
      toolUse('Bash', { command: 'git merge worktree-y' }),
      text('Done.'),
    );
    expect(await endOf(tools)).toMatchObject({ outcome: 'done', result: 'Done.' });
    bench.api.enqueue(
      toolUse('EnterWorktree', { name: 'z' }),
      toolUse('ExitWorktree', { action: 'remove' }),
      text('Done.'),
    );
    expect(await endOf(tools)).toMatchObject({ outcome: 'done', result: 'Done.' });
  });
});

/** With background tasks, which the engine turns off: a wrapper of the client may turn them on again. */
function withBackgroundTasks(): Pick<AttemptSpec, 'agent'> {
  const executable = join(bench.project, 'claude-with-tasks');
  const lines = [
    '#!/bin/sh',
    'unset CLAUDE_CODE_DISABLE_BACKGROUND_TASKS',
    `exec '${claudeExecutable()}' "$@"`,
  ];
  writeFileSync(executable, lines.join('\n'), { mode: 0o755 });
  return { agent: { kind: 'claude', executable } };
}

describe('a task that still runs when the turn of claude ends', () => {
  it('and that the client ends on its way out, leaves the report of a shell command in the background', async () => {
    const input = { command: 'sleep 300', run_in_background: true };
    bench.api.enqueue(toolUse('Bash', input), text('The report.'));
    const end = await endOf({ ...withBackgroundTasks(), ...allowing('Bash') });
    expect(end).toMatchObject({ outcome: 'done', result: 'The report.' });
  });

  it('is waited for if it ends by itself, and the report stands if nothing is said of it', async () => {
    let requests = 0;
    bench.api.answerWith(({ side }) => {
      if (side) return undefined;
      requests += 1;
      if (requests === 1) return toolUse('Bash', { command: 'sleep 2', run_in_background: true });
      return requests === 2 ? text('The report.') : reply([]);
    });
    const end = await endOf({ ...withBackgroundTasks(), ...allowing('Bash') });
    expect(end).toMatchObject({ outcome: 'done', result: 'The report.' });
  });

  it('is no completion if it is a monitor', async () => {
    const input = { command: 'sleep 300', description: 'wait', timeout_ms: 60_000, persistent: false };
    bench.api.enqueue(toolUse('Monitor', input), text('I am told when it is over.'));
    const end = await endOf(allowing('Monitor', 'Bash'));
    // 2.1.197 has none without background tasks, and says so to the model.
    const heard = JSON.stringify(bench.api.mainRequests[1]?.body.messages);
    const isThere = !heard.includes('No such tool available: Monitor');
    const message = expect.stringContaining('Monitor');
    const failed = { outcome: 'failed', code: 'turn_ended_early', message };
    expect(end).toMatchObject(isThere ? failed : { outcome: 'done' });
  });
});
