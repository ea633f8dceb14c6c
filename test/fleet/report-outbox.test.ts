import { setImmediate as nextTurn } from 'node:timers/promises';
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import type { Channel, NumberedText, ReportAnswer, Writer } from '../../src/fleet/channel.ts';
import { MemoryChannel } from '../../src/fleet/memory-fleet.ts';
import { ReportOutbox } from '../../src/fleet/report-outbox.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { runs } from '../support/runs.ts';

const writer: Writer = { group: 'group', session: 'web', epoch: 1 };

interface Made {
  readonly outbox: ReportOutbox;
  readonly cutOff: string[];
  /** Time goes on until the channel has everything. */
  readonly settle: () => Promise<void>;
}

function made(channel: Pick<Channel, 'report'>): Made {
  const clock = new SimulatedClock();
  const cutOff: string[] = [];
  const outbox = new ReportOutbox({ channel, writer, clock, onCutOff: why => cutOff.push(why) });
  const settle = async () => {
    for (let steps = 0; outbox.waiting > 0 && steps < 500; steps += 1) {
      await nextTurn();
      clock.advance(500);
    }
    await outbox.empty();
    expect(clock.pending).toBe(0);
  };
  return { outbox, cutOff, settle };
}

async function heard(channel: Channel, count: number): Promise<string[]> {
  const reading = new AbortController();
  const texts: string[] = [];
  for await (const reports of channel.reports('group', undefined, reading.signal)) {
    texts.push(...reports.map(({ text }) => text));
    if (texts.length >= count) break;
  }
  reading.abort();
  return texts;
}

const what = fc.record({
  reports: fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 30 }),
  /** Of each call: it arrives and is answered, arrives without an answer, or does not arrive. */
  faults: fc.array(fc.constantFrom('fine', 'unanswered', 'away', 'full'), { maxLength: 20 }),
});

property.prop([what], { numRuns: runs(200) })(
  'each report is heard once, in order, whatever becomes of calls and answers',
  async ({ reports, faults }) => {
    const channel = new MemoryChannel();
    const left = [...faults];
    const faulty = {
      async report(of: Writer, texts: readonly NumberedText[]): Promise<ReportAnswer> {
        const fault = left.shift() ?? 'fine';
        if (fault === 'full') return { kind: 'full' };
        const answer = fault === 'away' ? undefined : await channel.report(of, texts);
        if (!answer || fault === 'unanswered') throw new Error('no answer');
        return answer;
      },
    };
    const { outbox, cutOff, settle } = made(faulty);
    for (const [i, text] of reports.entries()) {
      outbox.add(text);
      if (i % 3 === 0) await nextTurn();
    }
    await settle();
    expect(await heard(channel, reports.length)).toEqual(reports);
    expect(cutOff).toEqual([]);
  },
);

test('all that comes in one turn goes together, and no call has more than a thousand', async () => {
  const calls: number[] = [];
  const channel = new MemoryChannel();
  const { outbox, settle } = made({
    report: (of, texts) => {
      calls.push(texts.length);
      return channel.report(of, texts);
    },
  });
  for (let n = 0; n < 2_500; n += 1) outbox.add(`${n}`);
  await settle();
  expect(calls).toEqual([1_000, 1_000, 500]);
});

test('an attempt that another one has followed reports nothing more, and hears of it once', async () => {
  const channel = new MemoryChannel();
  const { outbox, cutOff, settle } = made(channel);
  outbox.add('heard');
  await settle();
  await channel.fence({ ...writer, epoch: 2 });
  outbox.add('too late');
  outbox.add('too late, too');
  await settle();
  outbox.add('much too late');
  await settle();
  expect(cutOff).toEqual(['fenced']);
  expect(await heard(channel, 1)).toEqual(['heard']);
});

test('a channel that has lost what was said before is noticed', async () => {
  const channel = new MemoryChannel();
  const { outbox, cutOff, settle } = made(channel);
  outbox.add('lost');
  await settle();
  await channel.close();
  outbox.add('alone');
  await settle();
  expect(cutOff).toEqual(['gap']);
});
