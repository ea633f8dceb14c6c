// @module-tag processes
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { createCommandAgent } from '../../../src/sdk/session/command.ts';
import { attemptSpec, recording } from './attempt-fixture.ts';

test('of a flood of short lines, those that nobody would see are counted, not read; the result is its end', async () => {
  let asked = 0;
  // In it, no window of messages ends; each line that is read asks it for the time.
  const clock = {
    ...systemClock,
    monotonic() {
      asked += 1;
      return 0;
    },
  };
  const seen = recording();
  const command = ['sh', '-c', 'yes | head -n 3000000; echo last; printf end'] as const;
  const agent = createCommandAgent(clock);
  agent.start(attemptSpec({ agent: { kind: 'command', command: [...command], output: 'text' } }), seen.sink);
  const end = await seen.ended;
  expect(end.outcome === 'done' && end.result.endsWith('\ny\nlast\nend')).toBe(true);
  const lines = seen.all('message').flatMap(({ text }) => text.split('\n'));
  const counted = lines.map(line => Number(/^\[(\d+) more lines\]$/.exec(line)?.[1] ?? 1));
  expect(counted.reduce((sum, count) => sum + count, 0)).toBe(3_000_002);
  // Far fewer than there are lines, also where a busy machine hands them over in small pieces.
  expect(asked).toBeLessThan(1_500_000);
});
