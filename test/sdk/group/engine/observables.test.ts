import { tmpdir } from 'node:os';
import { map, type Observable } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isRest } from '../../../../machines/vocabulary.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import type { GroupProgress } from '../../../../src/sdk/group/progress/progress.ts';
import { bench, delay, failing, scripted } from '../../../support/bench.ts';

const two = () =>
  bench([scripted('a', [{ text: 'hi' }, delay(10_000)]), scripted('b', [], { dependsOn: ['a'] })]);

function recorded<T>(source: Observable<T>) {
  const seen: T[] = [];
  const state = { seen, completed: false };
  const subscription = source.subscribe({
    next: value => seen.push(value),
    complete: () => {
      state.completed = true;
    },
  });
  return Object.assign(state, { subscription });
}

describe('events$', () => {
  test('starts with the creation for subscribers before the run, and is hot after that', async () => {
    const { group, until, pass } = await two();
    const early = recorded(group.events$);
    const done = group.run();
    await pass(5_000);
    const late = recorded(group.events$);
    await until(done);
    expect(early.seen[0]?.type).toBe('group_created');
    expect(late.seen[0]?.seq).toBeGreaterThan(3);
    expect(late.seen.at(-1)?.type).toBe('group_completed');
    await group.dispose();
    expect([early.completed, late.completed]).toEqual([true, true]);
  });

  test('goes on when a settled group runs again, as journal$ and progress$ do, until it is disposed of', async () => {
    const fails = scripted('a', [failing('invalid_request', 1), { result: 'done' }]);
    const { group, until } = await bench([fails]);
    const streams = [recorded(group.events$), recorded(group.journal$()), recorded(group.progress$)];
    expect((await until(group.run())).status).toBe('failed');
    expect(streams.map(({ completed }) => completed)).toEqual([false, false, false]);
    expect((await until(group.retry())).status).toBe('completed');
    await group.addSession({ ...scripted('b'), projectPath: tmpdir() });
    expect((await until(group.resume())).status).toBe('completed');
    await group.dispose();
    expect(streams.map(({ completed }) => completed)).toEqual([true, true, true]);
    const [events, journal, progress] = streams.map(({ seen }) => seen as GroupEvent[]);
    const ends = ['group_failed', 'group_completed', 'group_completed'];
    for (const seen of [events, journal]) {
      expect(seen?.map(({ seq }) => seq)).toEqual(seen?.map((_, seq) => seq)); // I11
      expect(seen?.map(({ type }) => type).filter(type => isRest(type) && type !== 'group_paused')).toEqual(
        ends,
      );
    }
    expect(progress?.at(-1)).toMatchObject({ status: 'completed', completed: 2 });
  });

  test('completes when a group that never ran is disposed of', async () => {
    const { group } = await two();
    const watchers = [recorded(group.events$), recorded(group.progress$)];
    await group.dispose();
    expect(watchers.map(watcher => watcher.completed)).toEqual([true, true]);
  });

  test('continues for others when a subscriber unsubscribes during an event', async () => {
    const { group, until } = await two();
    const first = recorded(group.events$);
    group.events$.subscribe(event => {
      if (event.type === 'session_started') first.subscription.unsubscribe();
    });
    const last = recorded(group.events$);
    await until(group.run());
    expect(first.seen.some(event => event.type === 'session_completed')).toBe(false);
    expect(last.seen.at(-1)?.type).toBe('group_completed');
  });
});

describe('progress$', () => {
  test('emits the current progress immediately, at most ten times a second, and always the last', async () => {
    const steps = Array.from({ length: 200 }, () => [{ text: 'x' }, delay(10)]).flat();
    const { group, until, clock } = await bench([scripted('a', steps)]);
    const seen: [number, GroupProgress][] = [];
    group.progress$.subscribe(progress => seen.push([clock.monotonic(), progress]));
    expect(seen[0]?.[1].status).toBe('created');
    await until(group.run());
    expect(seen.length).toBeLessThan(2_000 / 100 + 5);
    expect(seen.at(-1)?.[1]).toMatchObject({ status: 'completed', completed: 1 });
    expect(clock.pending).toBe(0);
  });

  test('is replayed to late subscribers, also after the end', async () => {
    const { group, until, pass } = await two();
    const done = group.run();
    await pass(5_000);
    expect(recorded(group.progress$).seen[0]).toMatchObject({ running: 1, pending: 1 });
    await until(done);
    const after = recorded(group.progress$);
    expect(after.seen[0]).toMatchObject({ status: 'completed', completed: 2 });
    expect(after.completed).toBe(false);
    await group.dispose();
    const last = recorded(group.progress$);
    expect(last).toMatchObject({ seen: [{ status: 'completed' }], completed: true });
  });

  test('uses no timer without subscribers', async () => {
    const { group, until, pass, clock } = await two();
    void group.run();
    await pass(5_000);
    const before = clock.pending;
    const watcher = recorded(group.progress$);
    await pass(4_000);
    watcher.subscription.unsubscribe();
    expect(clock.pending).toBe(before);
    await until(group.dispose());
  });
});

describe('a subscriber that throws', () => {
  const warnings: Error[] = [];
  const crashes: unknown[] = [];
  const onCrash = (error: unknown) => crashes.push(error);
  afterEach(() => {
    process.removeListener('uncaughtException', onCrash);
    vi.restoreAllMocks();
  });

  const attach: readonly [string, (group: { events$: Observable<GroupEvent> }) => unknown][] = [
    ['in next', ({ events$ }) => events$.subscribe(boom)],
    ['in a piped operator', ({ events$ }) => events$.pipe(map(boom)).subscribe()],
    [
      'in a piped operator, with a handler that throws',
      ({ events$ }) => events$.pipe(map(boom)).subscribe({ error: boom }),
    ],
    ['in complete', ({ events$ }) => events$.subscribe({ complete: boom })],
  ];
  test.each(attach)(
    '%s causes a warning, and affects neither the run nor the others',
    async (_, subscribe) => {
      warnings.length = 0;
      crashes.length = 0;
      vi.spyOn(process, 'emitWarning').mockImplementation(warning => {
        warnings.push(warning instanceof Error ? warning : new Error(warning));
      });
      process.on('uncaughtException', onCrash);
      const { group, until, events } = await two();
      subscribe(group);
      const other = recorded(group.events$);
      expect((await until(group.run())).status).toBe('completed');
      await group.dispose();
      await new Promise(resolve => setImmediate(resolve));
      expect(crashes).toEqual([]);
      expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('boom')]); // once
      expect(other.seen).toEqual(events);
    },
  );
});

function boom(): never {
  throw new Error('boom');
}

describe('a subscriber that drives the group', () => {
  test.each(['group_started', 'session_started', 'session_message', 'dependency_resolved'])(
    'is answered, not refused, when it pauses at %s (I15)',
    async type => {
      const { group, until, of } = await two();
      const answers: Promise<unknown>[] = [];
      group.events$.subscribe(event => {
        if (event.type === type && answers.length === 0) answers.push(group.pause());
      });
      const result = await until(group.run());
      expect(result.status).toBe('paused');
      expect(await until(Promise.all(answers))).toEqual([result]);
      expect(of('group_paused')).toHaveLength(1);
    },
  );

  test('gets the result of the rest that it caused, not of the one it saw', async () => {
    const { group, until, pass } = await two();
    const resumed: Promise<{ status: string }>[] = [];
    group.events$.subscribe(event => {
      if (event.type === 'group_paused' && resumed.length === 0) resumed.push(group.resume());
    });
    const done = group.run();
    await pass(5_000);
    const paused = group.pause();
    await until(paused);
    expect((await until(Promise.all(resumed))).map(result => result.status)).toEqual(['completed']);
    expect([(await done).status, (await paused).status]).toEqual(['paused', 'paused']);
  });

  test('does not change the order in which others see events (I11)', async () => {
    const { group, until, pass } = await two();
    group.events$.subscribe(event => {
      if (event.type === 'session_message') void group.pause().catch(() => {});
    });
    const other = recorded(group.events$);
    void group.run();
    await pass(1_000);
    expect(other.seen.map(event => event.type)).toContain('group_pausing');
    expect(other.seen.map(event => event.seq)).toEqual(other.seen.map((_, seq) => seq));
    await until(group.dispose());
  });
});
