import fc from 'fast-check';
import { Subject } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import type { GroupEvent } from '../../../../../src/sdk/group/journal/events.ts';
import { journalStream } from '../../../../../src/sdk/group/journal/streams/journal-stream.ts';
import { runs } from '../../../../support/runs.ts';

const event = (seq: number): GroupEvent => ({
  ...{ seq, time: '2026-01-01T00:00:00.000Z', groupId: 'g' },
  ...{ type: 'session_message', sessionId: 's', role: 'assistant', text: `${seq}` },
});

/** A group whose events, and the speed of reading whose history, are controlled by the test. */
function talking() {
  const said: GroupEvent[] = [];
  const live = new Subject<GroupEvent>();
  let reads = 0;
  let steps: (() => void)[] = [];
  async function* history(fromSeq: number) {
    reads += 1;
    for (const one of said.slice(fromSeq)) {
      await new Promise<void>(resolve => steps.push(resolve));
      yield one;
    }
  }
  return {
    live,
    /** Like a journal's history: the events that have happened when it is called. */
    history: (fromSeq: number) => {
      const until = said.length;
      return (async function* () {
        for await (const one of history(fromSeq)) {
          if (one.seq >= until) return;
          yield one;
        }
      })();
    },
    say(count: number) {
      for (let more = 0; more < count; more++) {
        said.push(event(said.length));
        live.next(event(said.length - 1));
      }
    },
    async read(count: number) {
      for (let more = 0; more < count; more++) {
        const waiting = steps;
        steps = [];
        for (const step of waiting) step();
        for (let turns = 0; turns < 8; turns++) await null;
      }
    },
    get reads() {
      return reads;
    },
  };
}

const upTo = (end: number, start: number) =>
  Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);

describe('history followed by live events', () => {
  test('has each event once, in order, without a gap, whatever happens while the history is read', async () => {
    const step = fc.oneof(
      fc.record({ say: fc.constantFrom(1, 3, 700, 1_500) }),
      fc.record({ read: fc.nat({ max: 60 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 30 }),
        fc.nat({ max: 40 }),
        fc.array(step, { maxLength: 6 }),
        async (before, fromSeq, steps) => {
          const group = talking();
          group.say(before);
          const seen: number[] = [];
          let ended = false;
          journalStream(group.history, group.live, fromSeq).subscribe({
            next: ({ seq }) => seen.push(seq),
            complete: () => {
              ended = true;
            },
          });
          let total = before;
          for (const one of steps) {
            if ('say' in one) {
              group.say(one.say);
              total += one.say;
            } else await group.read(one.read);
          }
          group.live.complete();
          await vi.waitFor(
            async () => {
              await group.read(200);
              expect(ended).toBe(true);
            },
            { timeout: 60_000 },
          );
          expect(seen).toEqual(upTo(total, fromSeq));
        },
      ),
      { numRuns: runs(40) },
    );
  });

  test('stops reading on unsubscribe', async () => {
    const group = talking();
    group.say(100);
    const seen: number[] = [];
    const subscription = journalStream(group.history, group.live, 0).subscribe(({ seq }) => seen.push(seq));
    await group.read(10);
    subscription.unsubscribe();
    await group.read(300);
    expect(seen.length).toBeLessThan(20);
    expect(group.live.observed).toBe(false);
  });

  test('fails if the history cannot be read or lacks events', async () => {
    const failing = async function* (): AsyncGenerator<GroupEvent, void, void> {
      yield* await Promise.reject<readonly GroupEvent[]>(new Error('no such disk'));
    };
    const told = new Promise(resolve => {
      journalStream(failing, new Subject(), 0).subscribe({ error: resolve });
    });
    expect(await told).toMatchObject({ message: 'no such disk' });
    const live = new Subject<GroupEvent>();
    const empty = async function* (): AsyncGenerator<GroupEvent, void, void> {
      live.next(event(5));
      yield* [];
    };
    const missing = new Promise(resolve => {
      journalStream(empty, live, 0).subscribe({ error: resolve });
    });
    expect(await missing).toMatchObject({ code: 'history_missing' });
  });
});
