import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe } from 'vitest';
import { MemoryChannel, MemoryPlacement } from '../../src/fleet/memory-fleet.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { channelCases } from './channel-cases.ts';
import { placementCases } from './placement-cases.ts';

const LEASE_MS = 1_000;

describe('placement in memory', () => {
  placementCases(async () => {
    const clock = new SimulatedClock();
    const placement = new MemoryPlacement({ clock, leaseMs: LEASE_MS });
    return { placement, other: placement, drive: over(clock), close: () => placement.close() };
  });
});

describe('a channel in memory', () => {
  channelCases(async bound => {
    const channel = new MemoryChannel({ bound });
    return { channel, other: channel, close: () => channel.close() };
  });
});

/** Lets the clock run until the promise settles. */
const over =
  (clock: SimulatedClock) =>
  async <T>(promise: Promise<T>): Promise<T> => {
    let isOver = false;
    const settled = promise.finally(() => {
      isOver = true;
    });
    for (let steps = 0; !isOver && steps < 1_000; steps += 1) {
      await nextTurn();
      clock.advance(LEASE_MS / 10);
    }
    return settled;
  };
