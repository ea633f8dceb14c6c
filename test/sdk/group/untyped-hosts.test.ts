import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/inspect/inspector.ts';
import {
  createGroupMachine,
  createSessionGroup,
  openSessionGroup,
} from '../../../src/sdk/group/api/create.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import { createGroupServer } from '../../../src/serve/server.ts';
import { bench, definitionOf, failing, scripted } from '../../support/bench.ts';

/** What a host that is written without types may give. */
const untyped = (value: unknown): never => value as never;
const refusedFor = (place: string) => ({
  code: 'invalid_argument',
  message: expect.stringMatching(new RegExp(`^${place}: expected `)),
});

describe('what a host without types asks a group for', () => {
  it('is refused before it reaches the chart, the journal or an agent', async () => {
    const { group, events, until } = await bench(
      [scripted('a', [failing('max_turns', 1), { approval: 'Bash' }, { result: 'done' }])],
      { attended: true },
    );
    await until(group.run());
    const seen = events.length;
    const wrong: readonly (readonly [string, Promise<unknown>])[] = [
      ['sessions', group.retry({ sessions: untyped('a') })],
      ['sessions', group.retry({ sessions: untyped([1]) })],
      ['fresh', group.retry({ fresh: untyped('no') })],
      ['into', group.integrate({ into: untyped(5) })],
      ['reason', group.pause({ reason: untyped('bored') })],
      ['decision', group.answer('r', untyped('yes'))],
      ['by', group.answer('r', 'allow', { by: untyped(5) })],
      ['answer', group.answer('r', 'allow', { answer: untyped(5) })],
      ['signal', group.pause({ signal: untyped('now') })],
      ['signal', group.rest({ signal: untyped({}) })],
      ['fromSeq', group.events({ fromSeq: untyped('x') }).next()],
    ];
    for (const [place, call] of wrong) await expect(call).rejects.toMatchObject(refusedFor(place));
    expect(() => group.retryPlan(untyped('a'))).toThrow(/^sessions: expected /);
    expect(() => group.history(untyped('x'))).toThrow(/^fromSeq: expected /);
    expect(() => group.journal$(Number.NaN)).toThrow(/^fromSeq: expected /);
    expect(() => group.events({ signal: untyped(1) })).toThrow(/^signal: expected /);
    expect([events.length, group.getProgress().status]).toEqual([seen, 'failed']);
    await group.dispose();
  });

  it('leaves a question open that nobody has answered rightly', async () => {
    const { group, until, of, pass } = await bench(
      [scripted('a', [{ approval: 'Bash' }, { result: 'done' }])],
      {
        attended: true,
      },
    );
    const run = group.run();
    await pass(1);
    const requestId = of('approval_requested')[0]?.requestId ?? '';
    await expect(group.answer(requestId, untyped('yes'))).rejects.toMatchObject(refusedFor('decision'));
    expect(group.why('a')).toMatchObject({ kind: 'approval', requestId });
    await group.answer(requestId, 'allow');
    expect((await until(run)).status).toBe('completed');
  });
});

describe('options of a host without types', () => {
  const definition = definitionOf([scripted('a')]);
  const wrong: readonly (readonly [string, object])[] = [
    ['options.store', { store: {} }],
    ['options.agents', { agents: 5 }],
    ['options.agents', { agents: [] }],
    ['options.clock', { clock: {} }],
    ['options.inspect', { inspect: 'me' }],
    ['options.source', { source: 'group.yaml' }],
    ['options.baseDir', { baseDir: 5 }],
    ['options.projects', { projects: 5 }],
    ['options.slots', { slots: 5 }],
    ['options.quota', { quota: {} }],
    ['options.env', { env: 'PATH' }],
    ['options.attended', { attended: 'yes' }],
    ['signal', { signal: 5 }],
  ];

  it.each(wrong)('are refused with their place: %s', async (place, options) => {
    await expect(createSessionGroup(definition, untyped(options))).rejects.toMatchObject(refusedFor(place));
    await expect(createGroupMachine(definition, untyped(options))).rejects.toMatchObject(refusedFor(place));
  });

  it('are refused if they are no options, or lack the store that they need', async () => {
    const noOptions = createSessionGroup(definition, untyped(null));
    await expect(noOptions).rejects.toMatchObject(refusedFor('options'));
    await expect(openSessionGroup('x', untyped(undefined))).rejects.toMatchObject(refusedFor('options'));
    await expect(openSessionGroup('x', untyped({}))).rejects.toMatchObject(refusedFor('options.store'));
    expect(() => new GroupManager(untyped(undefined))).toThrow(/^options: expected /);
    expect(() => new GroupManager(untyped({}))).toThrow(/^options.store: expected /);
    const store = createMemoryStore();
    const none = () => new GroupManager({ store, maxConcurrentSessions: 0 });
    expect(none).toThrow('options.maxConcurrentSessions: expected a whole number above 0');
    await expect(createGroupServer(untyped(undefined))).rejects.toMatchObject(refusedFor('options'));
    await expect(createGroupServer(untyped({}))).rejects.toMatchObject(refusedFor('options.store'));
    const port = createGroupServer({ store, port: untyped('http') });
    await expect(port).rejects.toMatchObject(refusedFor('options.port'));
    await expect(createInspector({ port: 99_999 })).rejects.toMatchObject(refusedFor('options.port'));
    await expect(createInspector({ pageUrl: 'stately' })).rejects.toMatchObject(
      refusedFor('options.pageUrl'),
    );
  });

  it('of a list are refused if they would match nothing without a word', async () => {
    await using manager = new GroupManager({ store: createMemoryStore() });
    await expect(manager.list({ status: untyped('pausd') })).rejects.toMatchObject(refusedFor('status'));
    await expect(manager.list({ since: untyped('2020') })).rejects.toMatchObject(refusedFor('since'));
    await expect(manager.list({ limit: untyped('all') })).rejects.toMatchObject(refusedFor('limit'));
    expect(await manager.list({ status: ['paused', 'interrupted'], limit: 1, since: 0 })).toEqual([]);
  });
});
