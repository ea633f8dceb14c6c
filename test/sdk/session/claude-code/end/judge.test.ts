import { describe, expect, it } from 'vitest';
import { ENDS } from '../../../../../src/sdk/session/claude-code/end/ends.ts';
import { type EndFacts, judge } from '../../../../../src/sdk/session/claude-code/end/judge.ts';
import { START_FAILURES } from '../../../../../src/sdk/session/claude-code/end/start-failures.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const WELL: EndFacts = {
  isError: false,
  terminalReason: 'completed',
  turns: 2,
  replied: true,
  queuedTurns: 0,
  worksOn: false,
  text: 'All done.',
  hasOutput: false,
  printed: 'All done.',
  asked: false,
  now: NOW,
};
const facts = (changes: Partial<EndFacts> = {}): EndFacts => ({ ...WELL, ...changes });
const older = (changes: Partial<EndFacts> = {}): EndFacts => {
  const { terminalReason: _, ...rest } = facts(changes);
  return rest;
};
const said = (given: EndFacts): string => {
  const judgement = judge(given);
  return judgement.is === 'failed' ? judgement.code : judgement.is;
};

describe('the judgement of an end', () => {
  it.each([
    ['completed', 'done', 'agent_error', 'done'],
    ['max_turns', 'max_turns', 'max_turns', 'max_turns'],
    ['budget_exhausted', 'session_budget', 'session_budget', 'session_budget'],
    ['api_error', 'agent_error', 'agent_error', 'interrupted'],
    ['model_error', 'agent_error', 'agent_error', 'interrupted'],
    ['prompt_too_long', 'prompt_too_long', 'prompt_too_long', 'prompt_too_long'],
    ['blocking_limit', 'prompt_too_long', 'prompt_too_long', 'prompt_too_long'],
    ['rapid_refill_breaker', 'prompt_too_long', 'prompt_too_long', 'prompt_too_long'],
    ['image_error', 'invalid_request', 'invalid_request', 'invalid_request'],
    ['malformed_tool_use_exhausted', 'agent_error', 'agent_error', 'agent_error'],
    ['aborted_streaming', 'turn_ended_early', 'turn_ended_early', 'interrupted'],
    ['aborted_tools', 'turn_ended_early', 'turn_ended_early', 'interrupted'],
    ['stop_hook_prevented', 'turn_prevented', 'turn_prevented', 'turn_prevented'],
    ['hook_stopped', 'turn_prevented', 'turn_prevented', 'turn_prevented'],
    ['tool_deferred', 'turn_prevented', 'turn_prevented', 'turn_prevented'],
    ['tool_deferred_unavailable', 'turn_prevented', 'turn_prevented', 'turn_prevented'],
    ['turn_setup_failed', 'start_failed', 'start_failed', 'start_failed'],
    ['background_requested', 'turn_ended_early', 'turn_ended_early', 'interrupted'],
    ['structured_output_retry_exhausted', 'output_invalid', 'output_invalid', 'output_invalid'],
    ['a_word_of_a_later_client', 'turn_ended_early', 'turn_ended_early', 'turn_ended_early'],
    ['', 'turn_ended_early', 'turn_ended_early', 'turn_ended_early'],
    ['constructor', 'turn_ended_early', 'turn_ended_early', 'turn_ended_early'],
  ])('%s: %s; with is_error: %s; where we asked for it: %s', (terminalReason, normal, isError, asked) => {
    expect(said(facts({ terminalReason }))).toBe(normal);
    expect(said(facts({ terminalReason, isError: true }))).toBe(isError);
    expect(said(facts({ terminalReason, asked: true }))).toBe(asked);
  });

  it('has a row for each terminal reason, whose message says what stopped it', () => {
    for (const [terminalReason, { is, means }] of Object.entries(ENDS)) {
      if (is === 'done') continue;
      const judgement = judge(facts({ terminalReason, printed: '' }));
      expect(judgement).toMatchObject({ is: 'failed', message: means });
    }
    expect(judge(facts({ terminalReason: 'news', printed: '' }))).toMatchObject({
      message: expect.stringContaining('"news"'),
    });
  });

  it('takes the class of the API error where the reason leaves it open, or is not known', () => {
    const failed = (changes: Partial<EndFacts>) => said(facts({ isError: true, printed: 'No', ...changes }));
    for (const terminalReason of ['api_error', 'model_error', 'completed', 'a_word_of_a_later_client']) {
      expect(failed({ terminalReason, apiStatus: 401 })).toBe('authentication_failed');
      expect(failed({ terminalReason, errorKind: 'billing_error' })).toBe('billing_error');
      expect(failed({ terminalReason, apiStatus: 429 })).toBe('limited');
    }
    expect(failed({ terminalReason: 'api_error', printed: 'API Error: 503 busy' })).toBe('server_error');
  });

  it('accepts the end of a client that knows no reasons, if it has run a turn', () => {
    expect(said(older())).toBe('done');
    expect(said(older({ turns: 0, replied: false }))).toBe('turn_prevented');
    const { turns: _, ...silent } = older();
    expect(said(silent)).toBe('done');
    expect(said({ ...silent, replied: false })).toBe('turn_prevented');
    expect(said(older({ subtype: 'error_max_turns', isError: true }))).toBe('max_turns');
  });

  it('names the command or the hook when the model was not asked', () => {
    const none = { turns: 0, replied: false, text: '' };
    expect(judge(older({ ...none, localCommand: 'clear' }))).toMatchObject({
      message: expect.stringContaining('/clear'),
    });
    expect(judge(older({ ...none, prevented: 'UserPromptSubmit operation blocked by hook' }))).toMatchObject({
      message: expect.stringContaining('UserPromptSubmit'),
    });
    expect(said(older({ ...none, asked: true }))).toBe('interrupted');
  });

  it('is not over while messages are queued or the client works on', () => {
    expect(said(facts({ queuedTurns: 1 }))).toBe('not_over');
    expect(said(facts({ worksOn: true }))).toBe('not_over');
  });

  it.each([
    ['nothing said', { text: '' }, 'empty_result'],
    ['only white space', { text: ' \n' }, 'empty_result'],
    ['a structured output only', { text: '', hasOutput: true }, 'done'],
    ['nothing said, but we asked for the end', { text: '', asked: true }, 'interrupted'],
    ['an API error as the answer', { text: 'API Error: 500 {"type":"error"}' }, 'server_error'],
    ['an API error without a status', { text: 'API Error: Connection error.' }, 'server_error'],
    ['a refused login as the answer', { text: 'API Error: 401 expired' }, 'authentication_failed'],
    ['an overload as the answer', { text: 'API Error: 529 Overloaded' }, 'overloaded'],
    ['a rate limit as the answer', { text: 'API Error: 429 slow down' }, 'limited'],
    ['words about an API error', { text: 'The log says "API Error: 500". I fixed it.' }, 'done'],
    ['a limit as the answer', { text: "You've hit your limit · resets 3:45pm" }, 'limited'],
    ['words about a limit', { text: 'I added the text "You\'ve hit your limit".' }, 'done'],
    ['a Stop hook that never let it end', { prevented: 'A hook blocked the turn' }, 'turn_prevented'],
    ['a tool that is pending', { waitsFor: 'ScheduleWakeup' }, 'turn_ended_early'],
    ['a reply that was cut', { stopReason: 'max_tokens' }, 'turn_ended_early'],
    ['a turn that the API paused', { stopReason: 'pause_turn' }, 'turn_ended_early'],
    ['a usual stop', { stopReason: 'end_turn' }, 'done'],
    ['a stop on the tool of the structured output', { stopReason: 'tool_use', hasOutput: true }, 'done'],
  ] as const)('completed with %s: %j is %s', (_, changes, expected) => {
    expect(said(facts(changes))).toBe(expected);
    expect(said(older(changes))).toBe(expected);
  });

  it('waits for the reset time of a limit, or without one if it has passed or is nonsense', () => {
    const until = (changes: Partial<EndFacts>) => {
      const judgement = judge(facts(changes));
      return judgement.is === 'limited' ? judgement.until : judgement;
    };
    const text = "You've hit your limit · resets 3:45pm (UTC)";
    expect(until({ text })).toBe(NOW + 3.75 * 3_600_000);
    expect(until({ text, limit: { until: NOW + 60_000 } })).toBe(NOW + 60_000);
    expect(until({ text, limit: { until: NOW - 60_000 } })).toBe(NOW + 3.75 * 3_600_000);
    expect(until({ text: "You've hit your limit · resets 99pm" })).toBeUndefined();
    const limited = { isError: true, terminalReason: 'api_error', apiStatus: 429 };
    expect(until({ ...limited, limit: { until: NOW - 1 } })).toBeUndefined();
    expect(until({ ...limited, limit: { until: Number.NaN } })).toBeUndefined();
    expect(until({ isError: true, terminalReason: 'api_error', printed: text })).toBe(NOW + 3.75 * 3_600_000);
  });

  it.each(Object.entries(START_FAILURES))('a start that fails with %s is %s', (startFailure, code) => {
    const failure = { isError: true, startFailure, turns: 0, replied: false, printed: 'No' };
    expect(said(older(failure))).toBe(code);
  });

  it('tries again after a start that fails for a reason it does not know, or that passes', () => {
    const failed = { isError: true, turns: 0, replied: false };
    expect(said(older({ ...failed, startFailure: 'news' }))).toBe('start_failed');
    expect(said(older({ ...failed, printed: 'Error: EAGAIN: posix_spawn' }))).toBe('start_failed');
    expect(said(older({ ...failed, printed: 'Error: Lock file is already being held' }))).toBe(
      'start_failed',
    );
    expect(said(older({ ...failed, printed: 'error: unknown option --what' }))).toBe('invalid_request');
    expect(said(older({ ...failed, replied: true, printed: 'Error: EAGAIN in a tool' }))).toBe('agent_error');
  });
});
