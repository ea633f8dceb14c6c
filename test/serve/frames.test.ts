import { describe, expect, test } from 'vitest';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { EventFrames } from '../../src/serve/live/frames.ts';
import { Outbox } from '../../src/serve/live/outbox.ts';
import { Turns } from '../../src/serve/live/turns.ts';

const said = (seq: number, text = `message ${seq}`) =>
  ({ type: 'session_message', seq, time: '2026-01-01T00:00:00.000Z', sessionId: 's', text }) as GroupEvent;
const EVENTS = Array.from({ length: 100 }, (_, seq) => said(seq));
const textOf = (pieces: Iterable<Uint8Array>): string => Buffer.concat([...pieces]).toString();
const seqsOf = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));

describe('the frames of events', () => {
  test('are written once, however many streams send the same events (FRAMES-1)', () => {
    const frames = new EventFrames();
    const sent = Array.from({ length: 16 }, () => [...frames.of([...EVENTS])]);
    expect(frames.made).toBe(EVENTS.length);
    for (const pieces of sent) expect(pieces[0]).toBe(sent[0]?.[0]);
    expect(seqsOf(textOf(sent[0] ?? []))).toEqual(EVENTS.map(({ seq }) => seq));
  });

  test('are the right ones for a stream that is at another place', () => {
    const frames = new EventFrames();
    for (const [from, to] of [
      [0, 100],
      [0, 50],
      [50, 100],
      [3, 4],
      [0, 100],
      [99, 100],
    ]) {
      const text = textOf(frames.of(EVENTS.slice(from, to)));
      expect(seqsOf(text)).toEqual(EVENTS.slice(from, to).map(({ seq }) => seq));
    }
    expect(seqsOf(textOf(frames.of([said(0), said(1)])))).toEqual([0, 1]);
    expect(textOf(frames.of([]))).toBe('');
  });

  test('come in pieces that a slow reader can hold, whole events each', () => {
    const long = Array.from({ length: 10 }, (_, seq) => said(seq, 'ü'.repeat(30_000)));
    const pieces = [...new EventFrames().of(long)];
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.flatMap(piece => seqsOf(Buffer.from(piece).toString()))).toEqual(
      long.map(({ seq }) => seq),
    );
    for (const piece of pieces) expect(piece.byteLength).toBeLessThan(200_000);
  });
});

describe('the turns of live events', () => {
  test('begin for all streams at once, with one timer', async () => {
    const clock = new SimulatedClock();
    const turns = new Turns(clock);
    const { signal } = new AbortController();
    const begun: number[] = [];
    for (const stream of [0, 1, 2]) void turns.next(signal).then(() => begun.push(stream));
    await clock.advance(60);
    void turns.next(signal).then(() => begun.push(3));
    expect(begun).toEqual([]);
    await clock.advance(40);
    await new Promise(setImmediate);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  test('do not hold back a stream that is over', async () => {
    const turns = new Turns(new SimulatedClock());
    const over = new AbortController();
    const waiting = turns.next(over.signal);
    over.abort(new Error('it has left'));
    await expect(waiting).rejects.toThrow('it has left');
    await expect(turns.next(over.signal)).rejects.toThrow('it has left');
  });

  test('are for what has just happened: what is older goes out as fast as it is read', () => {
    const clock = new SimulatedClock();
    const turns = new Turns(clock);
    const at = (ms: number) => ({ ...said(0), time: new Date(ms).toISOString() });
    expect(turns.areLive([at(clock.now())])).toBe(true);
    expect(turns.areLive([at(clock.now() - 1_000)])).toBe(false);
    expect(turns.areLive([at(clock.now() + 1_000)])).toBe(false);
    expect(turns.areLive([])).toBe(false);
  });
});

test('what is put at the same time is taken together, and a full outbox makes its writers wait', async () => {
  const outbox = new Outbox();
  const taken = outbox.take();
  void outbox.put(Buffer.from('a'));
  void outbox.put(Buffer.from('b'));
  expect(`${await taken}`).toBe('ab');
  let isIn = false;
  void outbox.put(Buffer.alloc(100_000)).then(() => {
    isIn = true;
  });
  await new Promise(setImmediate);
  expect(isIn).toBe(false);
  expect((await outbox.take())?.byteLength).toBe(100_000);
  await new Promise(setImmediate);
  expect(isIn).toBe(true);
});
