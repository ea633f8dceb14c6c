import assert from 'node:assert/strict';
import { ERROR_CODES } from '../../../machines/vocabulary.ts';
import { isObject } from '../argument.ts';
import type { AgentEvent, Attempt, AttemptEnd, AttemptSpec } from './agent.ts';
import { isBuiltIn } from './agent-config.ts';
import { type AgentFixture, specOf, type WatchedAttempt, watchAttempt } from './watched-attempt.ts';

/** One rule of the port, as a test that throws if an agent breaks it. */
export interface AgentConformanceCase {
  readonly name: string;
  /** Whether the fixture provides what this case needs. */
  applies(fixture: AgentFixture): boolean;
  run(fixture: AgentFixture): Promise<void>;
}

/** Registers every case that applies with the `test` of any framework, each with its own fixture. */
export function agentConformance(
  name: string,
  makeFixture: () => AgentFixture,
  { test }: { readonly test: (name: string, run: () => Promise<void>) => unknown },
): void {
  for (const one of agentConformanceCases) {
    if (one.applies(makeFixture())) test(`${name}: ${one.name}`, () => one.run(makeFixture()));
  }
}

const canHang = ({ hanging }: AgentFixture): boolean => hanging !== undefined;
const canFail = ({ failing }: AgentFixture): boolean => failing !== undefined;

const watch = (
  { agent }: AgentFixture,
  given: Partial<AttemptSpec> = {},
  onEvent?: (event: AgentEvent) => void,
): WatchedAttempt => watchAttempt(agent, specOf(agent, given), onEvent);

const rules: readonly (Omit<AgentConformanceCase, 'applies'> & Partial<AgentConformanceCase>)[] = [
  {
    name: 'AGENT-1 nothing is emitted before the next turn of the event loop',
    async run(fixture) {
      const watched = watch(fixture, fixture.quick());
      assert.deepEqual(watched.events, [], 'emitted inside start');
      await Promise.resolve();
      assert.deepEqual(watched.events, [], 'emitted in the turn of start');
      await fixture.drive(watched.ended);
    },
  },
  {
    name: 'AGENT-2 a quick attempt starts its conversation, ends once as done, and leaves no process',
    async run(fixture) {
      const spec = fixture.quick();
      const watched = watch(fixture, spec);
      const end = await fixture.drive(watched.ended);
      assert.equal(end.outcome, 'done');
      assert.equal(watched.events[0]?.type, 'started', 'started is the first event');
      assert.deepEqual(count(watched, 'started'), 1);
      assert.deepEqual(watched.aliveAtEnd, [], 'processes at the time of ended');
      await assertNothingFollows(fixture, watched);
    },
  },
  {
    name: 'AGENT-2 usage carries whole token counts and a key, and comes only if the agent promises it',
    async run(fixture) {
      const watched = watch(fixture, fixture.quick());
      await fixture.drive(watched.ended);
      const usage = watched.events.filter(event => event.type === 'usage');
      if (fixture.agent.capabilities.usage === 'none') assert.deepEqual(usage, []);
      if (fixture.agent.capabilities.usage === 'stream') assert.notDeepEqual(usage, []);
      for (const { messageId, model, tokens } of usage) {
        assert.notEqual(messageId, '');
        assert.notEqual(model, '');
        for (const amount of Object.values(tokens)) assert.ok(Number.isSafeInteger(amount) && amount >= 0);
      }
    },
  },
  {
    name: 'each call of a tool has an id of its own, and what it is called with, if that is reported, is an object',
    async run(fixture) {
      const watched = watch(fixture, fixture.quick());
      await fixture.drive(watched.ended);
      const calls = watched.events.filter(event => event.type === 'tool_started');
      assert.equal(new Set(calls.map(({ toolUseId }) => toolUseId)).size, calls.length);
      for (const { input } of calls) assert.ok(input === undefined || isObject(input));
    },
  },
  {
    name: 'AGENT-3 every call after the end is ignored, however often it is repeated',
    async run(fixture) {
      const watched = watch(fixture, fixture.quick());
      await fixture.drive(watched.ended);
      for (let times = 0; times < 2; times += 1) callAll(watched.attempt);
      await assertNothingFollows(fixture, watched);
    },
  },
  {
    name: 'AGENT-4 a failure ends the attempt with an error code and a message',
    applies: canFail,
    async run(fixture) {
      const watched = watch(fixture, fixture.failing?.());
      assertFailure(await fixture.drive(watched.ended));
      assert.deepEqual(watched.aliveAtEnd, []);
      await assertNothingFollows(fixture, watched);
    },
  },
  ...(['interrupt', 'terminate', 'kill'] as const).map(verb => ({
    name: `AGENT-3 ${verb} ends a working attempt as interrupted and leaves no process`,
    applies: canHang,
    async run(fixture: AgentFixture) {
      const watched = watch(fixture, fixture.hanging?.());
      await fixture.drive(watched.started);
      watched.attempt[verb]();
      assert.deepEqual(await fixture.drive(watched.ended), { outcome: 'interrupted' });
      assert.deepEqual(watched.aliveAtEnd, []);
      await assertNothingFollows(fixture, watched);
    },
  })),
  {
    name: 'AGENT-3 kill right after start ends the attempt',
    applies: canHang,
    async run(fixture) {
      const watched = watch(fixture, fixture.hanging?.());
      watched.attempt.kill();
      assert.deepEqual(watched.events, [], 'emitted inside start or kill');
      assert.deepEqual(await fixture.drive(watched.ended), { outcome: 'interrupted' });
      assert.deepEqual(watched.aliveAtEnd, []);
    },
  },
  {
    name: 'AGENT-3 the calls may come in any order, any number of times',
    applies: canHang,
    async run(fixture) {
      const orders: readonly (readonly Verb[])[] = [
        ['kill', 'terminate', 'interrupt'],
        ['interrupt', 'interrupt', 'terminate', 'kill', 'kill'],
        ['terminate', 'interrupt', 'kill', 'interrupt'],
      ];
      for (const order of orders) {
        const watched = watch(fixture, fixture.hanging?.());
        await fixture.drive(watched.started);
        for (const verb of order) watched.attempt[verb]();
        assert.deepEqual(await fixture.drive(watched.ended), { outcome: 'interrupted' });
        assert.equal(count(watched, 'ended'), 1);
      }
    },
  },
  {
    name: 'AGENT-3 an attempt that ignores interrupt is ended by kill',
    applies: fixture => fixture.ignoresInterrupt !== undefined,
    async run(fixture) {
      const spec = fixture.ignoresInterrupt?.();
      assert.ok(spec);
      const watched = watch(fixture, spec);
      await fixture.drive(watched.started);
      watched.attempt.interrupt();
      watched.attempt.kill();
      assert.deepEqual(await fixture.drive(watched.ended), { outcome: 'interrupted' });
      assert.deepEqual(watched.aliveAtEnd, []);
    },
  },
  {
    name: "AGENT-3 ending one attempt doesn't affect another of the same agent",
    applies: canHang,
    async run(fixture) {
      const victim = watch(fixture, fixture.hanging?.());
      const other = watch(fixture, fixture.quick());
      await fixture.drive(victim.started);
      victim.attempt.kill();
      assert.equal((await fixture.drive(victim.ended)).outcome, 'interrupted');
      assert.equal((await fixture.drive(other.ended)).outcome, 'done');
    },
  },
  {
    name: 'AGENT-4 a missing program ends the attempt as agent_not_found',
    applies: fixture => fixture.missingProgram !== undefined,
    async run(fixture) {
      const spec = fixture.missingProgram?.();
      assert.ok(spec);
      const watched = watch(fixture, spec);
      callAll(watched.attempt);
      const end = await fixture.drive(watched.ended);
      assertFailure(end);
      assert.equal(end.code, 'agent_not_found');
      assert.equal(count(watched, 'started'), 0);
    },
  },
  {
    name: "AGENT-4 another agent's options, a missing folder and an answer to an unknown request throw nothing",
    async run(fixture) {
      for (const agent of isBuiltIn(fixture.agent.kind) ? FOREIGN : []) {
        if (agent.kind === fixture.agent.kind) continue; // what own agents get has been parsed by their schema
        const wrongKind = watch(fixture, { ...fixture.quick(), agent });
        wrongKind.attempt.answerPermission('never-asked', 'allow');
        assertFailure(await fixture.drive(wrongKind.ended));
      }
      const noFolder = watch(fixture, { ...fixture.quick(), cwd: '/no/such/folder/anywhere' });
      await fixture.drive(noFolder.ended);
      noFolder.attempt.answerPermission('never-asked', 'allow');
      assert.equal(count(noFolder, 'ended'), 1);
    },
  },
  {
    name: 'AGENT-5 a resumed conversation continues where it was interrupted',
    applies: ({ agent, resumable }) => agent.capabilities.resume && resumable !== undefined,
    async run(fixture) {
      const resumable = fixture.resumable?.();
      assert.ok(resumable);
      const first = watch(fixture, resumable.spec, event => {
        if (resumable.isCutAfter(event)) first.attempt.interrupt();
      });
      assert.deepEqual(await fixture.drive(first.ended), { outcome: 'interrupted' });
      const second = watch(fixture, resumable.resumed());
      assert.equal((await fixture.drive(second.ended)).outcome, 'done');
      assert.equal((await second.started).conversationId, (await first.started).conversationId);
      assert.equal(second.events.some(resumable.isCutAfter), false, 'completed work is not repeated');
    },
  },
  {
    name: 'AGENT-6 messages reach the conversation in their order, each is answered, and none after the end',
    applies: ({ agent, messaged }) => agent.capabilities.messages === true && messaged !== undefined,
    async run(fixture) {
      const message = (id: string) => ({ id, text: `message ${id}` });
      const ids = [1, 2].map(number => `0000000${number}-0000-4000-8000-000000000000`);
      const watched = watch(fixture, fixture.messaged?.(), event => {
        if (event.type !== 'started') return;
        for (const id of [...ids, ...ids.slice(0, 1)]) watched.attempt.send?.(message(id));
      });
      assert.equal((await fixture.drive(watched.ended)).outcome, 'done');
      const delivered = watched.events.flatMap(event =>
        event.type === 'message_delivered' ? [event.id] : [],
      );
      assert.deepEqual([...new Set(delivered)], ids, 'both, in their order');
      watched.attempt.send?.(message('00000003-0000-4000-8000-000000000000'));
      await assertNothingFollows(fixture, watched);
    },
  },
];

/** The rules of `Agent`, as cases that throw if an agent breaks one. */
export const agentConformanceCases: readonly AgentConformanceCase[] = rules.map(rule => ({
  applies: () => true,
  ...rule,
}));

const FOREIGN: readonly AttemptSpec['agent'][] = [
  { kind: 'claude' },
  { kind: 'command', command: ['true'], output: 'text' },
];

type Verb = 'interrupt' | 'terminate' | 'kill';

/** Lets time pass by running another attempt from start to end. */
async function assertNothingFollows(fixture: AgentFixture, watched: WatchedAttempt): Promise<void> {
  const length = watched.events.length;
  assert.equal(watched.events.at(-1)?.type, 'ended');
  await fixture.drive(watch(fixture, fixture.quick()).ended);
  assert.deepEqual(watched.events.slice(length), [], 'emitted after ended');
  assert.equal(count(watched, 'ended'), 1);
}

function assertFailure(end: AttemptEnd): asserts end is Extract<AttemptEnd, { outcome: 'failed' }> {
  assert.equal(end.outcome, 'failed');
  assert.ok(end.outcome === 'failed' && ERROR_CODES.includes(end.code));
  assert.notEqual(end.message.trim(), '');
}

function callAll(attempt: Attempt): void {
  attempt.interrupt();
  attempt.terminate();
  attempt.kill();
  attempt.answerPermission('never-asked', 'deny');
}

const count = ({ events }: WatchedAttempt, type: AgentEvent['type']): number =>
  events.filter(event => event.type === type).length;
