import { describe, expect, it } from 'vitest';
import { rerunInterruptedTurn } from '../../../../src/sdk/session/claude-code/interrupted-turn.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

/** What the client prints, and milliseconds in between; says when the prompt is sent, if it is. */
function promptedAt(...steps: readonly (string | number)[]): number | undefined {
  const clock = new SimulatedClock();
  const start = clock.monotonic();
  let at: number | undefined;
  const onNone = (): void => {
    at = clock.monotonic() - start;
  };
  const turn = rerunInterruptedTurn({ clock, write: () => {}, onNone, onTurn: () => {} });
  for (const step of steps) typeof step === 'number' ? clock.advance(step) : turn.onMessage(step);
  clock.advance(600_000);
  return at;
}

const HOOK = ['system/hook_started', 'system/hook_response'];

describe('the watch over an interrupted turn', () => {
  it.each(['command_lifecycle', 'assistant', 'stream_event', 'tool_progress', 'result'])(
    'sends no prompt to a client that prints %s, before or after its answer',
    name => {
      expect(promptedAt(500, name)).toBeUndefined();
      expect(promptedAt(500, 'control_response', 1_000, name)).toBeUndefined();
      expect(promptedAt(...HOOK, 500, name)).toBeUndefined();
    },
  );

  it.each([
    'system/hook_started',
    'system/hook_progress',
    'system/hook_response',
    'system/init',
    'system/plugin_install',
    'system/session_state_changed',
    'control_request',
    'user',
    'a_word_of_a_later_client',
  ])('takes %s for no turn: the prompt is sent', name => {
    expect(promptedAt(500, name, 'control_response')).toBe(2_500);
    expect(promptedAt(500, 'control_response', 1_000, name)).toBe(2_500);
  });

  it('sends the prompt to a client that does not answer', () => {
    expect(promptedAt()).toBe(20_000);
    expect(promptedAt('system/init')).toBe(20_000);
  });

  it('waits for the hooks of the start, however long they take', () => {
    expect(promptedAt('system/hook_started', 45_000, 'command_lifecycle')).toBeUndefined();
    expect(promptedAt('system/hook_started', 45_000, 'system/hook_response', 'control_response')).toBe(
      47_000,
    );
    expect(promptedAt('system/hook_started', ...HOOK, 45_000, 'system/hook_response')).toBe(65_000);
  });

  it('is not delayed by a hook that goes on after the answer', () => {
    expect(promptedAt('system/hook_started', 'control_response', 500, 'system/hook_response')).toBe(2_000);
  });
});
