import { expect, test } from 'vitest';
import { QuotaGate } from '../../../../src/sdk/group/schedule/quota-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

const HOUR = 3_600_000;

/** A machine whose wall clock can be set. */
class SetClock extends SimulatedClock {
  offsetMs = 0;
  override now(): number {
    return super.now() + this.offsetMs;
  }
}

test.each(['closed', 'kept closed'])(
  'a gate that was %s and has opened stays open when the clock is set back',
  how => {
    const clock = new SetClock();
    const gate = new QuotaGate(clock, () => 0);
    const until = clock.now() + HOUR;
    if (how === 'closed') gate.close('claude', until);
    else gate.keepClosed('claude', until);
    expect(gate.closedUntil('claude')).toBe(until);
    clock.advance(HOUR);
    expect(gate.closedUntil('claude')).toBeUndefined();
    clock.offsetMs = -HOUR / 2;
    expect(gate.closedUntil('claude')).toBeUndefined();
    expect(gate.close('claude', undefined)).toBe(clock.now() + 60_000);
  },
);
