import { getEventListeners } from 'node:events';
import type { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import { EventIterator } from '../../../../src/sdk/group/journal/streams/event-iterator.ts';
import { EventLog } from '../../../../src/sdk/group/journal/streams/event-log.ts';
import { talkingGroup } from '../../../control/talking-group.ts';
import { bench, failing, scripted } from '../../../support/bench.ts';

const upTo = (end: number, start = 0) => Array.from({ length: end - start }, (_, index) => start + index);

/** A group that talks on demand, and how much of what it says is in memory. */
function talking(capacity?: number) {
  const { group, ...rest } = talkingGroup();
  const log = new EventLog(group, capacity === undefined ? {} : { capacity });
  const read = (fromSeq = 0, signal?: AbortSignal) => new EventIterator(() => log.reader(fromSeq), signal);
  return { ...rest, group, read, isFollowed: () => (group.events$ as Subject<GroupEvent>).observed };
}

describe('for await over the events of a group', () => {
  test('has the history first, then what happens, across the end of the group, until it is disposed of', async () => {
    const { group, until } = await bench([
      scripted('a', [failing('invalid_request', 1), { result: 'done' }]),
    ]);
    const early: number[] = [];
    const types: string[] = [];
    const reading = (async () => {
      for await (const { seq, type } of group.events()) {
        early.push(seq);
        types.push(type);
      }
    })();
    await until(group.run());
    const late = group.events({ fromSeq: 3 });
    expect(await late.next()).toMatchObject({ done: false, value: { seq: 3 } });
    await until(group.retry());
    await group.dispose();
    await reading;
    expect(early).toEqual(upTo(early.length));
    expect(types.filter(type => type.startsWith('group_'))).toEqual([
      'group_created',
      'group_started',
      'group_failed',
      'group_retried',
      'group_completed',
    ]);
    const rest: number[] = [];
    for await (const { seq } of late) rest.push(seq);
    expect(rest).toEqual(upTo(early.length, 4));
  });

  test('reads from the journal what happened while it was not read, without keeping it in memory', async () => {
    const { say, read, reads, end } = talking(100);
    const events = read();
    say(1);
    expect((await events.next()).value?.seq).toBe(0);
    say(10_000);
    const before = reads.count;
    const seen: number[] = [];
    end();
    for await (const { seq } of events) seen.push(seq);
    expect(seen).toEqual(upTo(10_001, 1));
    expect(reads.count).toBeGreaterThan(before + 8); // 1,000 of them at a time
  });

  test('holds nothing before it begins, nor after `break`, `return()` or the signal', async () => {
    const { say, read, isFollowed } = talking();
    const leaving = new AbortController();
    const idle = read(0, leaving.signal);
    say(2);
    expect([isFollowed(), getEventListeners(leaving.signal, 'abort').length]).toEqual([false, 0]);
    for await (const { seq } of idle) {
      expect([isFollowed(), getEventListeners(leaving.signal, 'abort').length]).toEqual([true, 1]);
      if (seq === 1) break;
    }
    expect([isFollowed(), getEventListeners(leaving.signal, 'abort').length]).toEqual([false, 0]);
    const waiting = read(2);
    const next = waiting.next();
    await waiting.return();
    expect([await next, await waiting.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    const aborted = read(2, leaving.signal);
    const failed = expect(aborted.next()).rejects.toThrow('enough');
    leaving.abort(new Error('enough'));
    await failed;
    expect(await aborted.next()).toEqual({ done: true, value: undefined });
    expect([isFollowed(), getEventListeners(leaving.signal, 'abort').length]).toEqual([false, 0]);
  });

  test('answers calls of `next` in their order', async () => {
    const { say, read } = talking();
    const events = read();
    const calls = [events.next(), events.next(), events.next()];
    say(3);
    expect((await Promise.all(calls)).map(({ value }) => value?.seq)).toEqual([0, 1, 2]);
    await events.return();
  });
});
