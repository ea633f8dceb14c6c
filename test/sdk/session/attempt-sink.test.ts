import { expect, test } from 'vitest';
import type { AgentEvent } from '../../../src/sdk/session/agent.ts';
import { attemptSink } from '../../../src/sdk/session/attempt-sink.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';

const text = (word: string): AgentEvent => ({ type: 'message', role: 'assistant', text: word });

test('buffers what comes before the next turn, and keeps the order (AGENT-1)', () => {
  const clock = new SimulatedClock();
  const seen: AgentEvent[] = [];
  const sink = attemptSink(event => {
    seen.push(event);
    if (seen.length === 1) sink.emit(text('third'));
  }, clock);
  sink.emit(text('first'));
  sink.emit(text('second'));
  expect(seen).toEqual([]);
  clock.advance(0);
  sink.emit(text('fourth'));
  expect(seen).toEqual(['first', 'second', 'third', 'fourth'].map(text));
});

test('emits nothing after the end, and only the first end counts (AGENT-2)', () => {
  const clock = new SimulatedClock();
  const seen: AgentEvent[] = [];
  const sink = attemptSink(event => seen.push(event), clock);
  expect(sink.ended).toBe(false);
  sink.end({ outcome: 'interrupted' });
  expect(sink.ended).toBe(true);
  sink.end({ outcome: 'failed', code: 'agent_error', message: 'late' });
  sink.emit(text('late'));
  clock.advance(0);
  sink.emit(text('later'));
  expect(seen).toEqual([{ type: 'ended', end: { outcome: 'interrupted' } }]);
});
