import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { abortable } from '../../../src/sdk/abort.ts';
import { createSessionGroup, openSessionGroup } from '../../../src/sdk/group/api/create.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import type { GroupStore } from '../../../src/sdk/group/store/store.ts';
import { deferred } from '../../../src/sdk/process/deferred.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import type { Agent } from '../../../src/sdk/session/agent.ts';
import { bench, definitionOf, delay, failing, scripted } from '../../support/bench.ts';

const GONE = new Error('nobody waits any more');
const listeners = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length;
const long = () => bench([scripted('a', [delay(10_000), { result: 'done' }])]);

describe('the signal of a verb', () => {
  it('ends the wait with its reason; what was accepted goes on', async () => {
    const { group, until, pass } = await long();
    const leaving = new AbortController();
    const run = group.run({ signal: leaving.signal });
    await pass(1_000);
    leaving.abort(GONE);
    await expect(run).rejects.toBe(GONE);
    expect([listeners(leaving), group.getProgress().status]).toEqual([0, 'running']);
    expect((await until(group.rest())).status).toBe('completed');
  });

  it('that has aborted before the call requests nothing', async () => {
    const { group, events } = await long();
    const signal = AbortSignal.abort(GONE);
    const before = events.length;
    const calls = [
      group.run({ signal }),
      group.pause({ signal }),
      group.resume({ signal }),
      group.stop({ signal }),
      group.retry({ signal }),
      group.integrate({ signal }),
      group.rest({ signal }),
      group.setMaxBudget(1, { signal }),
      group.pauseSession('a', { signal }),
      group.resumeSession('a', { signal }),
      group.answer('r', 'allow', { signal }),
      group.update(group.group.definition, { signal }),
      group.addSession(scripted('b'), { signal }),
      group.removeSession('a', { signal }),
      group.updateSession('a', { prompt: 'more' }, { signal }),
    ];
    for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ reason: GONE });
    expect([events.length, group.getProgress().status]).toEqual([before, 'created']);
  });

  it('leaves no listener behind when the call ends in another way', async () => {
    const { group, until } = await bench([
      scripted('a', [failing('invalid_request', 1), { result: 'done' }]),
    ]);
    const held = new AbortController();
    const { signal } = held;
    await expect(group.resumeSession('a', { signal })).rejects.toMatchObject({ code: 'session_not_paused' });
    await until(group.run({ signal }));
    await until(group.retry({ signal }));
    await group.setMaxBudget('none', { signal });
    await group.updateSession('a', { prompt: 'go' }, { signal, dryRun: true });
    await expect(group.retry({ signal })).rejects.toMatchObject({ code: 'nothing_to_retry' });
    await group.rest({ signal });
    expect(listeners(held)).toBe(0);
  });

  it('has one listener, however many calls wait', async () => {
    const { group, until } = await long();
    const held = new AbortController();
    const { signal } = held;
    const run = group.run({ signal });
    const event = group.events({ fromSeq: 1_000, signal }).next();
    const rests = Array.from({ length: 100 }, () => group.rest({ signal }));
    expect(listeners(held)).toBe(1);
    await until(run);
    expect(listeners(held)).toBe(1);
    held.abort(GONE);
    for (const rest of rests) expect((await rest).status).toBe('completed');
    await expect(event).rejects.toBe(GONE);
    expect(listeners(held)).toBe(0);
  });

  it.each([
    ['an object', {}],
    ['a text', 'now'],
    ['one that looks aborted', { aborted: true }],
    ['the class', AbortSignal],
  ])('is checked: %s is an error with a code, and nothing begins', async (_, given) => {
    const { group, events } = await long();
    const signal = given as AbortSignal;
    const before = events.length;
    const refused = { code: 'invalid_argument', message: 'signal: expected an AbortSignal' };
    await expect(group.run({ signal })).rejects.toMatchObject(refused);
    await expect(group.setMaxBudget(1, { signal })).rejects.toMatchObject(refused);
    await expect(createSessionGroup(definitionOf([]), { signal })).rejects.toMatchObject(refused);
    expect(() => group.events({ signal })).toThrow(expect.objectContaining(refused));
    const manager = new GroupManager({ store: createMemoryStore(), projects: memoryProjectGate() });
    await expect(manager.list({ signal })).rejects.toMatchObject(refused);
    await manager.dispose();
    expect([events.length, group.getProgress().status]).toEqual([before, 'created']);
  });

  it('that aborts while the call begins leaves nothing unhandled', async () => {
    const leaving = new AbortController();
    const work = async () => {
      leaving.abort(GONE);
      throw new Error('and fails');
    };
    await expect(abortable(work, leaving.signal)).rejects.toBe(GONE);
    expect(listeners(leaving)).toBe(0);
  });

  it('withdraws what is queued: it is never carried out, and what comes after it is', async () => {
    const { group, agent, until } = await long();
    const checks = slowCheck(agent);
    const leaving = new AbortController();
    const run = group.run({ signal: leaving.signal });
    const late = group.pauseSession('a', { signal: leaving.signal });
    await checks.asked.promise;
    leaving.abort(GONE);
    for (const call of await Promise.allSettled([run, late])) expect(call).toMatchObject({ reason: GONE });
    expect(checks.signals[0]?.aborted).toBe(true);
    expect([listeners(leaving), group.getProgress().status]).toEqual([0, 'created']);
    checks.answer();
    expect((await until(group.run())).status).toBe('completed');
  });

  it('of a pause withdraws that, and the start before it asks its agents again', async () => {
    const { group, agent, until } = await long();
    const checks = slowCheck(agent);
    const leaving = new AbortController();
    const run = group.run();
    await checks.asked.promise;
    const pause = group.pause({ signal: leaving.signal });
    leaving.abort(GONE);
    await expect(pause).rejects.toBe(GONE);
    checks.answer();
    expect((await until(run)).status).toBe('completed');
    expect(checks.signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });
});

/** The agent's check answers when the test says so. */
function slowCheck(agent: Agent) {
  const asked = deferred<void>();
  const answered = deferred<void>();
  const signals: AbortSignal[] = [];
  const check: Agent['check'] = async (options = {}) => {
    const { signal = new AbortController().signal } = options;
    signals.push(signal);
    asked.resolve();
    await answered.promise;
    return { ok: true, warnings: [] };
  };
  Object.assign(agent, { check });
  return { asked, signals, answer: () => answered.resolve() };
}

const definition = definitionOf([scripted('a', [{ result: 'done' }])]);

/** A store, one of whose steps aborts the signal before it goes on. */
function abortingAt(step: 'create' | 'take', leaving: AbortController) {
  const store = createMemoryStore();
  const aborting: GroupStore = {
    ...store,
    create: async group => {
      if (step === 'create') leaving.abort(GONE);
      return store.create(group);
    },
    take: async (id, options) => {
      if (step === 'take') leaving.abort(GONE);
      return store.take(id, options);
    },
  };
  return { store, aborting };
}

describe('a signal that aborts while', () => {
  it('a group is created leaves none', async () => {
    const leaving = new AbortController();
    const { store, aborting } = abortingAt('create', leaving);
    const options = { store: aborting, projects: memoryProjectGate(), signal: leaving.signal };
    await expect(createSessionGroup(definition, options)).rejects.toBe(GONE);
    expect([await store.list(), listeners(leaving)]).toEqual([[], 0]);
  });

  it('a group is opened leaves it without an owner', async () => {
    const leaving = new AbortController();
    const { store, aborting } = abortingAt('take', leaving);
    const projects = memoryProjectGate();
    const { id, dispose } = await createSessionGroup(definition, { store, projects });
    await dispose();
    const options = { store: aborting, projects, signal: leaving.signal };
    await expect(openSessionGroup(id, options)).rejects.toBe(GONE);
    expect(listeners(leaving)).toBe(0);
    await (await openSessionGroup(id, { store, projects })).dispose();
  });

  it('a manager creates or opens leaves nothing open, and others open it', async () => {
    const [creating, opening] = [new AbortController(), new AbortController()];
    const first = abortingAt('create', creating);
    const projects = memoryProjectGate();
    const manager = new GroupManager({ store: first.aborting, projects });
    await expect(manager.create(definition, { signal: creating.signal })).rejects.toBe(GONE);
    expect(await first.store.list()).toEqual([]);
    const second = abortingAt('take', opening);
    const other = new GroupManager({ store: second.aborting, projects });
    const { id, dispose } = await other.create(definition);
    await dispose();
    await expect(other.open(id, { signal: opening.signal })).rejects.toBe(GONE);
    expect(other.opened(id)).toBeUndefined();
    expect((await other.open(id)).id).toBe(id);
    expect([listeners(creating), listeners(opening)]).toEqual([0, 0]);
    await Promise.all([manager.dispose(), other.dispose()]);
  });

  it('a call waits for its turn ends it, without changing anything', async () => {
    const { store } = abortingAt('take', new AbortController());
    const begun = deferred<void>();
    const goOn = deferred<void>();
    let takes = 0;
    const slow: GroupStore = {
      ...store,
      take: async (id, options) => {
        if (takes++ === 0) {
          begun.resolve();
          await goOn.promise;
        }
        return store.take(id, options);
      },
    };
    const manager = new GroupManager({ store: slow, projects: memoryProjectGate() });
    const { id, dispose } = await manager.create(definition);
    await dispose();
    const opening = manager.open(id);
    await begun.promise;
    const leaving = new AbortController();
    const { signal } = leaving;
    const waiting = [
      manager.open(id, { signal }),
      manager.removeSession(id, 'a', { signal }),
      manager.archive(id, { signal }),
      manager.delete(id, { signal }),
    ];
    const outcomes = Promise.allSettled(waiting);
    await null;
    leaving.abort(GONE);
    for (const call of await outcomes) expect(call).toMatchObject({ reason: GONE });
    goOn.resolve();
    const group = await opening;
    expect(await manager.open(id)).toBe(group);
    expect([group.group.definition.sessions.length, listeners(leaving), takes]).toEqual([1, 0, 1]);
    await manager.dispose();
  });
});
