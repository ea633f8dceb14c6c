import { describe, expect, it } from 'vitest';
import type { ProcessExit } from '../../../../../src/sdk/process/process.ts';
import { attemptEnd, isOver } from '../../../../../src/sdk/session/claude-code/outcome.ts';
import { mapLine } from '../../../../../src/sdk/session/claude-code/stream/mapping.ts';
import {
  apiError,
  FREE,
  failure,
  having,
  init,
  LEFT,
  NOW,
  success,
} from '../../../../support/claude-ends.ts';

describe('a client that works on after a result', () => {
  const system = (subtype: string, more = {}) => ({ type: 'system', subtype, task_id: 'b1', ...more });
  const idle = system('session_state_changed', { state: 'idle' });
  const running = system('session_state_changed', { state: 'running' });
  const reply = { type: 'assistant', message: { id: 'n', model: 'm', content: [] } };
  const user = { type: 'user', message: { content: 'Go on' } };

  it.each([
    [reply],
    [user],
    [{ type: 'tool_progress', tool_use_id: 't1' }],
    [system('task_started')],
    [system('task_updated', { patch: { status: 'completed' } })],
    [system('task_notification', { status: 'completed' })],
    [system('task_progress')],
    [system('scheduled_task_fire')],
    [running],
  ])('has not said its last word: %j', sign => {
    for (const before of [[], [idle]]) {
      const state = having(init, success, ...before, sign);
      expect(isOver(state)).toBe(false);
      expect(attemptEnd(state, LEFT, FREE)).toMatchObject({ outcome: 'failed', code: 'turn_ended_early' });
      const later = having(init, success, ...before, sign, { ...success, result: 'Later' }, idle);
      expect(isOver(later)).toBe(true);
      expect(attemptEnd(later, LEFT, FREE)).toMatchObject({ outcome: 'done', result: 'Later' });
    }
  });

  it.each([
    [{ type: 'command_lifecycle', command_uuid: 'c', state: 'completed' }],
    [system('hook_started')],
    [system('hook_response')],
    [system('stop_hook_summary')],
    [{ type: 'tool_use_summary', summary: 'Looked' }],
    [{ type: 'stream_event', event: { type: 'ping' } }],
    [system('task_updated', { patch: { status: 'killed' } })],
    [system('task_notification', { status: 'stopped' })],
    [system('session_title_changed')],
    [{ type: 'keep_alive' }],
    [{ type: 'news' }],
  ])('is done if all it says is %j', line => {
    for (const messages of [
      [success, line],
      [success, idle, line],
    ]) {
      const state = having(init, ...messages);
      expect(isOver(state)).toBe(true);
      expect(attemptEnd(state, LEFT, FREE)).toMatchObject({ outcome: 'done', result: 'Well done' });
    }
  });

  it.each([
    [system('task_updated', { patch: { status: 'failed' } })],
    [system('task_notification', { status: 'completed' })],
    [running],
  ])('is done once it is told to exit: %j', sign => {
    const state = having(init, success, idle);
    state.leaving = true;
    mapLine(state, JSON.stringify(sign));
    const exit = { code: 143, signal: null, stderrTail: '' };
    expect(attemptEnd(state, exit, FREE)).toMatchObject({ outcome: 'done', result: 'Well done' });
  });

  it.each([['running'], ['queued'], ['reply']])('has failed with its own error, also if it is %s', how => {
    const refused = failure({ api_error_status: 401, ...(how === 'queued' && { queued_turn_count: 2 }) });
    const after = { running: [running], queued: [], reply: [reply] }[how] ?? [];
    const state = having(init, apiError('authentication_failed'), refused, ...after);
    expect(isOver(state)).toBe(how !== 'reply');
    const end = { outcome: 'failed', code: 'authentication_failed' };
    expect(attemptEnd(state, LEFT, FREE)).toMatchObject(end);
    const limited = having(init, apiError('rate_limit'), failure({ api_error_status: 429 }), ...after);
    expect(attemptEnd(limited, LEFT, FREE)).toMatchObject({ outcome: 'limited' });
  });
});

describe('an error message in place of an answer', () => {
  const writes = (model: string | undefined, text: string, more = {}) => ({
    type: 'assistant',
    message: { id: 'a', model, content: [{ type: 'text', text }] },
    ...more,
  });
  const endOf = (...messages: unknown[]) => attemptEnd(having(init, ...messages), LEFT, FREE);
  const LIMIT = "You've hit your limit · resets 3pm (UTC)";

  it.each([
    ['Credit balance is too low', { outcome: 'failed', code: 'billing_error' }],
    ['Not logged in · Please run /login', { outcome: 'failed', code: 'authentication_failed' }],
    ['Prompt is too long', { outcome: 'failed', code: 'prompt_too_long' }],
    [LIMIT, { outcome: 'limited', until: NOW + 15 * 3_600_000 }],
  ])('is an error if the client wrote it: %s', (text, end) => {
    const said = { ...success, result: text };
    expect(endOf(writes('<synthetic>', text), said)).toMatchObject(end);
    expect(endOf(writes('m', 'I begin.'), writes('<synthetic>', text), said)).toMatchObject(end);
    expect(endOf(said)).toMatchObject(end);
    const { terminal_reason: _, ...older } = { ...said, num_turns: 0 };
    expect(endOf(older)).toMatchObject(end);
    expect(endOf(writes('m', 'I begin.'), said)).toMatchObject(end);
  });

  it.each(['Credit balance is too low', 'Prompt is too long'])(
    'is the answer if the model wrote %s',
    text => {
      const said = { ...success, result: text };
      expect(endOf(writes('m', text), said)).toMatchObject({ outcome: 'done', result: text });
      expect(endOf(writes('<synthetic>', text), writes('m', text), said)).toMatchObject({ outcome: 'done' });
    },
  );

  it.each([
    [LIMIT, { outcome: 'limited', until: NOW + 15 * 3_600_000 }],
    ['API Error: 500 {"type":"error"}', { outcome: 'failed', code: 'server_error' }],
  ])('is an error also where a gateway answers in the name of the model: %s', (text, end) => {
    expect(endOf(writes('m', text), { ...success, result: text })).toMatchObject(end);
  });

  it('has the class that the client names, also in words that are not known', () => {
    const said = { ...success, result: 'It went wrong' };
    expect(endOf(apiError('billing_error'), said)).toMatchObject({ code: 'billing_error' });
    expect(endOf(apiError('rate_limit'), said)).toMatchObject({ outcome: 'limited' });
    expect(endOf(apiError('news'), said)).toMatchObject({ code: 'server_error' });
  });

  it.each([
    ['Rate limit exceeded', { outcome: 'limited' }],
    ['Too many requests, try again later', { outcome: 'limited' }],
    ['Usage limit exceeded: resets 3pm (UTC)', { outcome: 'limited', until: NOW + 15 * 3_600_000 }],
    ['Zeit für eine Pause: resets 3pm (UTC)', { outcome: 'limited', until: NOW + 15 * 3_600_000 }],
    ['You exceeded your current quota', { outcome: 'limited' }],
    ['Nutzungslimit erreicht · wird um 15:45 zurückgesetzt', { outcome: 'limited' }],
    ['Vous avez atteint votre limite · réinitialisation à 15h45', { outcome: 'limited' }],
    ['使用量の上限に達しました', { outcome: 'limited' }],
    ['Your organization has been disabled', { outcome: 'failed', code: 'authentication_failed' }],
    ['Your session has ended, please log in', { outcome: 'failed', code: 'authentication_failed' }],
    ['No credits left', { outcome: 'failed', code: 'billing_error' }],
    ["There's an issue with the selected model (x).", { outcome: 'failed', code: 'model_not_found' }],
    ['Request timed out', { outcome: 'failed', code: 'server_error' }],
    ['Zeitlimit überschritten', { outcome: 'failed', code: 'server_error' }],
    ['The output limit was hit', { outcome: 'failed', code: 'server_error' }],
    ['Überlastet: Fehler 529', { outcome: 'failed', code: 'server_error' }],
  ])('is an error in whatever words the client puts it: %s', (text, end) => {
    for (const messages of [[], [writes('m', 'I begin.')], [writes('m', text)]]) {
      const said = [...messages, writes('<synthetic>', text)];
      expect(endOf(...said, { ...success, result: text })).toMatchObject(end);
      expect(endOf(...said, { ...success, result: '' })).toMatchObject(end);
      const { terminal_reason: _, ...older } = { ...success, num_turns: 1 };
      expect(endOf(...said, { ...older, result: text })).toMatchObject(end);
    }
    const recovered = [writes('<synthetic>', text), writes('m', 'On again.')];
    expect(endOf(...recovered, { ...success, result: 'On again.' })).toMatchObject({ outcome: 'done' });
    expect(
      endOf(writes('<synthetic>', text, { error: 'unknown' }), { ...success, result: text }),
    ).toMatchObject(end);
    const remark = writes('<synthetic>', text, { is_meta: true });
    expect(endOf(writes('m', 'Well done'), remark, success)).toMatchObject({ outcome: 'done' });
  });

  it('does not count beside a structured output', () => {
    const said = writes('<synthetic>', 'Lint is clean');
    expect(endOf(said, { ...success, result: 'Lint is clean', structured_output: 1 })).toMatchObject({
      outcome: 'done',
    });
  });

  it.each(['No response requested.', '(no content)', '', ' \n'])(
    'is not what the client writes where there is nothing to say: %j',
    text => {
      const end = { outcome: 'done', result: 'The report.' };
      for (const author of ['m', undefined]) {
        const said = [writes(author, 'The report.'), writes('<synthetic>', text)];
        expect(endOf(...said, { ...success, result: text })).toMatchObject(end);
        expect(endOf(...said, { ...success, result: 'The report.' })).toMatchObject(end);
      }
      const alone = endOf(writes('<synthetic>', text), { ...success, result: text });
      expect(alone).toMatchObject({ outcome: 'failed', code: 'empty_result' });
    },
  );

  it.each([
    'Done. The API returns 429 with "Rate limit exceeded" and resets 3pm (UTC).',
    'Rate limit exceeded errors are retried now; limits reset at midnight.',
    'Too many requests are rejected by the new middleware.',
    'Usage limit exceeded handling: done, see src/quota.ts.',
    'Rate limit exceeded',
    'Request timed out',
    'The login page says: Your organization has been disabled.',
    'I fixed "Invalid API key · Please run /login" in the form.',
  ])('is not what the model says about such things: %s', text => {
    expect(endOf(writes('m', text), { ...success, result: text })).toMatchObject({ outcome: 'done' });
    expect(endOf(writes('m', text), { ...success, result: '' })).toMatchObject({
      outcome: 'done',
      result: text,
    });
  });

  it('is not what the model said, also where the turn failed', () => {
    const text = 'Usage limit reached · now handled';
    const failed = failure({ terminal_reason: 'api_error', result: text });
    expect(endOf(writes('m', text), failed)).toMatchObject({ outcome: 'failed', code: 'agent_error' });
    expect(endOf(writes('m', 'I begin.'), failed)).toMatchObject({ outcome: 'limited' });
  });

  it('is not that of a subagent, nor one that the session has recovered from', () => {
    const later = failure({ terminal_reason: 'model_error' });
    const subagent = { ...apiError('authentication_failed'), parent_tool_use_id: 't1' };
    expect(endOf(subagent, later)).toMatchObject({ code: 'agent_error' });
    expect(endOf(subagent, writes('m', 'Well done'), success)).toMatchObject({ outcome: 'done' });
    const recovered = [apiError('authentication_failed'), writes('m', 'On again.')];
    expect(endOf(...recovered, later)).toMatchObject({ code: 'agent_error' });
    expect(endOf(...recovered, success)).toMatchObject({ outcome: 'done' });
    expect(endOf(apiError('overloaded'), subagent, later)).toMatchObject({ code: 'overloaded' });
  });
});

describe('an error message without a result', () => {
  const exit = (stderrTail: string, more = {}): ProcessExit => ({
    code: 1,
    signal: null,
    stderrTail,
    ...more,
  });
  const LIMIT = { outcome: 'limited', until: NOW + 23 * 3_600_000 };
  const LOGIN = { outcome: 'failed', code: 'authentication_failed' };
  const reply = {
    type: 'assistant',
    message: { id: 'a', model: 'm', content: [{ type: 'text', text: 'I look' }] },
  };

  it.each([
    ['Invalid API key · Please run /login', LOGIN],
    ['Error: Invalid API key · Please run /login', LOGIN],
    ['\u001b[31mNot logged in · Please run /login\u001b[39m', LOGIN],
    ['(node:1) Warning: old\nOAuth token has expired · Please run /login', LOGIN],
    ['API Error: 401 unauthorized', LOGIN],
    ['You have hit your limit · resets 11pm (UTC)', LIMIT],
    ["You've hit your limit · resets 11pm (UTC)\n/upgrade to increase your usage limit.", LIMIT],
    [`Claude AI usage limit reached|${(NOW + 23 * 3_600_000) / 1_000}`, LIMIT],
    ['Credit balance is too low', { outcome: 'failed', code: 'billing_error' }],
    ['API Error: 529 Overloaded', { outcome: 'failed', code: 'overloaded' }],
  ])('is the last that the client prints: %j', (text, end) => {
    for (const before of [[], [init], [init, reply]]) {
      expect(attemptEnd(having(...before), exit(`${text}\n`), FREE)).toMatchObject(end);
      const state = having(...before);
      for (const line of text.split('\n').slice(-1)) mapLine(state, line);
      if (!text.includes('/upgrade')) expect(attemptEnd(state, exit(''), FREE)).toMatchObject(end);
    }
    const state = having(init, success, { type: 'system', subtype: 'task_started', task_id: 'b1' });
    expect(attemptEnd(state, exit(text), FREE)).toMatchObject(end);
    expect(attemptEnd(having(init), exit(text), { ...FREE, asked: true })).toEqual({
      outcome: 'interrupted',
    });
    expect(attemptEnd(having(init, success), exit(text), FREE)).toMatchObject({ outcome: 'done' });
  });

  it.each([
    ['rate_limit', 'Later', { outcome: 'limited' }],
    ['authentication_failed', 'No', LOGIN],
    [undefined, "You've hit your limit · resets 11pm (UTC)", LIMIT],
  ])('is the last in its stream: %s, %s', (error, text, end) => {
    const message = { id: 'x', model: '<synthetic>', content: [{ type: 'text', text }] };
    const state = having(init, reply, { type: 'assistant', error, message });
    expect(attemptEnd(state, exit(''), FREE)).toMatchObject(end);
    mapLine(state, JSON.stringify(reply));
    expect(attemptEnd(state, exit(''), FREE)).toMatchObject({ code: 'process_lost' });
  });

  it.each([
    'Invalid API key · Please run /login\nSegmentation fault',
    'The hook says: Invalid API key',
    'panic: API Error: 401',
    'Loading: You have hit your limit · resets 11pm (UTC)',
  ])('is not what the client printed before, or as a part of something else: %j', text => {
    expect(attemptEnd(having(init, reply), exit(text), FREE)).toMatchObject({ code: 'process_lost' });
    const state = having(init);
    for (const line of ['Not logged in', JSON.stringify(reply)]) mapLine(state, line);
    expect(attemptEnd(state, exit(''), FREE)).toMatchObject({ code: 'process_lost' });
  });

  it('is not that of a client that was killed', () => {
    const killed = exit('Invalid API key', { code: null, signal: 'SIGKILL' });
    expect(attemptEnd(having(init, reply), killed, FREE)).toMatchObject({ code: 'process_lost' });
  });
});

describe('a tool that waits', () => {
  const call = (name: string, input = {}, id = name) => ({ type: 'tool_use', id, name, input });
  const calls = (...content: unknown[]) => ({ type: 'assistant', message: { id: 'a', model: 'm', content } });
  const answers = (id: string, is_error = false, content: unknown = 'x') => ({
    type: 'user',
    message: { content: [{ type: 'tool_result', tool_use_id: id, is_error, content }] },
  });
  const run = (name: string, isError = false) => [calls(call(name)), answers(name, isError)];
  let uses = 0;
  const use = (name: string, input: object, said: string) => {
    uses += 1;
    return [calls(call(name, input, `u${uses}`)), answers(`u${uses}`, false, [{ type: 'text', text: said }])];
  };
  const endOf = (...messages: unknown[]) => attemptEnd(having(init, ...messages, success), LEFT, FREE);
  const pending = { outcome: 'failed', code: 'turn_ended_early' };
  const over = { type: 'system', subtype: 'task_notification', task_id: 'b', tool_use_id: 'Monitor' };

  it('is pending, whatever is called after it or with it', () => {
    for (const tool of ['ScheduleWakeup', 'CronCreate', 'Monitor', 'Workflow', 'EnterWorktree']) {
      expect(endOf(...run(tool), ...run('Read'))).toMatchObject(pending);
      expect(endOf(calls(call(tool), call('Read')), answers(tool), answers('Read'))).toMatchObject(pending);
    }
    expect(endOf(...run('EnterWorktree'), ...run('ExitWorktree', true))).toMatchObject(pending);
    expect(endOf(...run('Monitor'), ...run('CronDelete'))).toMatchObject(pending);
  });

  it('is not if it was refused, is over, or was cancelled or left', () => {
    const done = { outcome: 'done', result: 'Well done' };
    expect(endOf(...run('Monitor', true))).toMatchObject(done);
    expect(endOf(...run('EnterWorktree'), ...run('Write'), ...run('ExitWorktree'))).toMatchObject(done);
    expect(endOf(...run('Monitor'), { ...over, status: 'completed' })).toMatchObject(done);
    expect(endOf(...run('Monitor'), over)).toMatchObject(pending);
    expect(endOf(...run('Monitor'), { ...over, status: 'stopped' })).toMatchObject(done);
    expect(endOf({ ...calls(call('Monitor')), parent_tool_use_id: 't' })).toMatchObject(done);
  });

  it('is pending although the client ends it on its way out', () => {
    const idle = { type: 'system', subtype: 'session_state_changed', state: 'idle' };
    const killed = { ...over, subtype: 'task_updated', patch: { status: 'killed' } };
    for (const last of [[], [idle]]) {
      const state = having(init, ...run('Monitor'), success, ...last, { ...over, status: 'stopped' }, killed);
      expect(isOver(state)).toBe(true);
      expect(attemptEnd(state, LEFT, FREE)).toMatchObject(pending);
    }
  });

  it('is cancelled only by what names it', () => {
    const done = { outcome: 'done', result: 'Well done' };
    const monitor = use('Monitor', {}, 'Monitor started (task b1crlk, expires in 1m).');
    const cron = use('CronCreate', { cron: '0 0 1 1 *' }, 'Scheduled one-shot task 906feb1d (0 0 1 1 *).');
    const stop = (task_id: string) => use('TaskStop', { task_id }, 'Stopped');
    const remove = (id: string) => use('CronDelete', { id }, 'Cancelled');
    expect(endOf(...monitor, ...stop('other'))).toMatchObject(pending);
    expect(endOf(...monitor, ...stop('b1'))).toMatchObject(pending);
    expect(endOf(...monitor, ...stop(''))).toMatchObject(pending);
    expect(endOf(...monitor, ...remove('b1crlk'))).toMatchObject(pending);
    expect(endOf(...monitor, ...stop('b1crlk'))).toMatchObject(done);
    expect(endOf(...monitor, ...monitor, ...stop('b1crlk'))).toMatchObject(done);
    expect(endOf(...cron, ...remove('07a1'))).toMatchObject(pending);
    expect(endOf(...cron, ...monitor, ...remove('906feb1d'))).toMatchObject(pending);
    expect(endOf(...cron, ...monitor, ...stop('b1crlk'), ...remove('906feb1d'))).toMatchObject(done);
  });

  describe('and moves the work into a worktree', () => {
    const done = { outcome: 'done', result: 'Well done' };
    const place = (name: string) => `/p/.claude/worktrees/${name}`;
    const enter = (name = 'x') =>
      use(
        'EnterWorktree',
        { name },
        `Created worktree at “${place(name)}” on branch “worktree-${name}”. Work.`,
      );
    const exit = (action: string, said: string) => use('ExitWorktree', { action }, said);
    const keep = exit(
      'keep',
      `Exited worktree. Your work is preserved at “${place('x')}” on branch “worktree-x”.`,
    );
    const removed = (name = 'x') => exit('remove', `Exited and removed worktree at “${place(name)}”. Back.`);
    const bash = (command: string) => use('Bash', { command }, 'ok');

    it('is pending as long as the work is there', () => {
      expect(endOf(...enter())).toMatchObject({
        ...pending,
        message: expect.stringContaining('not been merged'),
      });
      expect(endOf(...enter(), ...keep)).toMatchObject(pending);
      expect(endOf(...enter(), ...exit('keep', 'Exited'))).toMatchObject(pending);
      const held = `Exited worktree but could not remove it. It is kept at “${place('x')}”.`;
      expect(endOf(...enter(), ...exit('remove', held))).toMatchObject(pending);
      expect(endOf(...enter(), ...keep, ...enter('y'), ...removed('y'))).toMatchObject(pending);
      expect(endOf(...enter(), ...keep, ...bash('git merge other'))).toMatchObject(pending);
      expect(endOf(...enter(), ...keep, ...bash('git log worktree-x; git merge main'))).toMatchObject(
        pending,
      );
      expect(endOf(...enter(), ...keep, ...bash('cat worktree-x'))).toMatchObject(pending);
    });

    it('is not if it is removed or merged', () => {
      expect(endOf(...enter(), ...removed())).toMatchObject(done);
      expect(endOf(...enter(), ...keep, ...enter(), ...removed())).toMatchObject(done);
      expect(endOf(...enter(), ...keep, ...bash('cd /p && git merge --no-ff worktree-x'))).toMatchObject(
        done,
      );
      expect(endOf(...enter(), ...bash('git -C /p cherry-pick main..worktree-x'))).toMatchObject(done);
      const remove = 'git worktree remove --force .claude/worktrees/x';
      expect(endOf(...enter(), ...keep, ...bash(remove))).toMatchObject(done);
    });
  });

  it('leaves nothing with a structured output of null', () => {
    const silent = { ...success, result: '', structured_output: null };
    expect(attemptEnd(having(init, silent), LEFT, FREE)).toMatchObject({ code: 'empty_result' });
    const answer = { ...success, structured_output: null };
    expect(attemptEnd(having(init, answer), LEFT, FREE)).not.toHaveProperty('output');
  });
});

describe('a result that contradicts itself, or cannot be read', () => {
  const { terminal_reason: _, ...older } = { ...success, num_turns: 2 };
  it.each([
    [{ ...older, subtype: 'error_during_execution' }],
    [{ ...older, subtype: 'error_news' }],
    [{ ...success, subtype: 'error_during_execution' }],
    [{ ...success, errors: ['No'] }],
    [{ ...success, terminal_reason: 7 }],
    [{ ...older, terminal_reason: {} }],
    [{ ...success, is_error: 'yes' }],
    [{ ...success, subtype: 'success', is_error: 1 }],
  ])('is a failure: %j', result => {
    const end = attemptEnd(having(init, result), LEFT, FREE);
    expect(end).toMatchObject({ outcome: 'failed', code: 'agent_error' });
  });

  it.each([
    [older],
    [{ ...success, terminal_reason: null }],
    [{ ...success, is_error: null, subtype: 'success' }],
    [{ ...success, errors: [] }],
    [{ ...success, errors: null }],
  ])('is none by what is absent: %j', result => {
    const full = 'num_turns' in result ? result : { ...result, num_turns: 2 };
    expect(attemptEnd(having(init, full), LEFT, FREE)).toMatchObject({ outcome: 'done' });
  });
});

it.each([[1_000], [1]])('a reset time in units of %d ms is read', unit => {
  const at = NOW + 3_600_000;
  const info = { status: 'rejected', resetsAt: at / unit };
  const state = having(init, { type: 'rate_limit_event', rate_limit_info: info }, apiError('rate_limit'));
  mapLine(state, JSON.stringify(failure({ api_error_status: 429 })));
  expect(attemptEnd(state, LEFT, FREE)).toMatchObject({ outcome: 'limited', until: at });
});

it('a log line that quotes a result does not replace the one that was printed, unless the client has worked on', () => {
  const quoted = (result: unknown) => `[debug] printed ${JSON.stringify(result)}`;
  const other = { ...success, result: 'Other' };
  const state = having(init, success);
  mapLine(state, quoted(other));
  expect(attemptEnd(state, LEFT, FREE)).toMatchObject({ result: 'Well done' });
  mapLine(state, JSON.stringify({ type: 'user', message: { content: 'Go on' } }));
  mapLine(state, quoted(other));
  expect(attemptEnd(state, LEFT, FREE)).toMatchObject({ result: 'Other' });
  const only = having(init);
  mapLine(only, quoted(other));
  expect(attemptEnd(only, LEFT, FREE)).toMatchObject({ result: 'Other' });
});
