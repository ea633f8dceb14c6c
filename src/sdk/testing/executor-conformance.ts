import assert from 'node:assert/strict';
import type { AttemptSink, OpenedAttempt, PlaceNews } from '../group/attempt/executor/executor.ts';
import type { AttemptOrder } from '../group/attempt/order/attempt-order.ts';
import { deferred } from '../process/deferred.ts';
import type { AgentEvent } from '../session/agent.ts';
import { PermissionsConfig } from '../session/permissions.ts';
import type { ExecutorConformanceCase, ExecutorFixture } from './executor-fixture.ts';
import { stepCases } from './step-cases.ts';

/** Registers every case that applies with the `test` of any framework, each with its own fixture. */
export function executorConformance(
  name: string,
  makeFixture: () => ExecutorFixture,
  { test }: { readonly test: (name: string, run: () => Promise<void>) => unknown },
): void {
  for (const one of executorConformanceCases) {
    if (one.applies(makeFixture())) test(`${name}: ${one.name}`, () => one.run(makeFixture()));
  }
}

const orderOf = ({ groupId }: ExecutorFixture, attempt = 1): AttemptOrder => ({
  ...{
    groupId,
    sessionId: 'a',
    attempt,
    agent: { kind: 'claude' },
    prompt: 'Work.',
    originalPrompt: 'Work.',
  },
  ...{ composed: false, permissions: PermissionsConfig.parse({}), settingSources: [] },
  conversation: { id: '5b3f3f7e-4f0c-4d6c-9f0e-0a6f1d1f7a11', exists: false, resume: false },
  ...{ env: {}, envPolicy: 'inherit', logs: false },
});

/** Writes down what is told of an attempt. */
class Ear implements AttemptSink {
  readonly heard: string[] = [];
  readonly numbers: (number | undefined)[] = [];
  worker: string | undefined;
  /** Resolves with what ended it. */
  readonly over = deferred<string>();

  reported(event: AgentEvent, report?: number): void {
    this.heard.push(event.type === 'message' ? event.text : event.type);
    this.numbers.push(report);
    if (event.type === 'ended') this.over.resolve(event.end.outcome);
  }

  placed(news: PlaceNews): void {
    if (news.type === 'waiting' || news.type === 'silent' || news.type === 'heard') return;
    this.heard.push(news.type);
    if (news.type === 'placed') {
      this.worker = news.worker;
      this.numbers.push(news.report);
    } else this.over.resolve(news.type);
  }

  /** Without what becomes of its place. */
  get reports(): string[] {
    return this.heard.filter(said => said !== 'placed');
  }
}

async function opened(fixture: ExecutorFixture, executor = fixture.executor(), attempt = 1) {
  const ear = new Ear();
  fixture.serve?.();
  const { attempt: verbs, done } = executor.open(orderOf(fixture, attempt), ear);
  const puppet = await fixture.drive(fixture.agent.started('a'));
  await fixture.settle();
  return { executor, ear, verbs, done, puppet };
}

const callAll = ({ attempt }: Pick<OpenedAttempt, 'attempt'>): void => {
  attempt.send?.({ id: 'late', text: 'late' });
  attempt.answerPermission('late', 'deny');
  for (const verb of ['interrupt', 'terminate', 'kill'] as const) attempt[verb]();
};

const outlives = (fixture: ExecutorFixture): boolean => !fixture.executor().here;

const rules: readonly (Omit<ExecutorConformanceCase, 'applies'> & Partial<ExecutorConformanceCase>)[] = [
  {
    name: 'EXECUTOR-1 nothing is told before it is opened, nor in that turn',
    async run(fixture) {
      const ear = new Ear();
      fixture.serve?.();
      const executor = fixture.executor();
      const { attempt } = executor.open(orderOf(fixture), ear);
      assert.deepEqual(ear.heard, []);
      attempt.kill();
      await fixture.drive(ear.over.promise);
      await executor.close();
    },
  },
  {
    name: 'EXECUTOR-2, EXECUTOR-3 what the agent reports is told in order, each once, and its end last',
    async run(fixture) {
      const { executor, ear, puppet, done } = await opened(fixture);
      puppet.says('one');
      puppet.says('two');
      puppet.completes('Done.');
      assert.equal(await fixture.drive(ear.over.promise), 'done');
      done?.();
      await fixture.settle();
      assert.deepEqual(ear.reports, ['started', 'one', 'two', 'ended']);
      const numbers = ear.numbers.map(number => number ?? 0);
      if (!executor.here)
        assert.deepEqual(
          numbers,
          [...new Set(numbers)].sort((a, b) => a - b),
        );
      await executor.close();
    },
  },
  ...(['interrupt', 'terminate', 'kill'] as const).map(verb => ({
    name: `EXECUTOR-4 ${verb} ends an attempt that works, and can be repeated`,
    async run(fixture: ExecutorFixture) {
      const { executor, ear, verbs, puppet } = await opened(fixture);
      verbs[verb]();
      verbs[verb]();
      assert.equal(await fixture.drive(ear.over.promise), 'interrupted');
      assert.equal(puppet.live, false);
      callAll({ attempt: verbs });
      await fixture.settle();
      assert.deepEqual(ear.reports, ['started', 'ended']);
      await executor.close();
    },
  })),
  {
    name: 'EXECUTOR-4 answers and messages reach the agent',
    async run(fixture) {
      const { executor, ear, verbs, puppet } = await opened(fixture);
      const answered = puppet.asks('Bash', { command: 'ls' });
      await fixture.settle();
      const request = ear.heard.includes('approval');
      assert.ok(request, 'the request is told');
      verbs.send?.({ id: 'm1', text: 'Go left.' });
      await fixture.settle();
      assert.deepEqual(puppet.messages, [{ id: 'm1', text: 'Go left.' }]);
      verbs.kill();
      await fixture.drive(ear.over.promise);
      assert.equal(await answered, undefined);
      await executor.close();
    },
  },
  {
    name: 'EXECUTOR-2, EXECUTOR-4 one that is ended before it is placed never begins',
    applies: ({ serve }) => serve !== undefined,
    async run(fixture) {
      const ear = new Ear();
      const executor = fixture.executor();
      const { attempt, waits } = executor.open(orderOf(fixture), ear);
      assert.equal(waits, true);
      attempt.interrupt();
      assert.equal(await fixture.drive(ear.over.promise), 'returned');
      fixture.serve?.();
      await fixture.settle();
      assert.deepEqual(fixture.agent.attempts, []);
      assert.deepEqual(ear.heard, ['returned']);
      await executor.close();
    },
  },
  {
    name: 'EXECUTOR-2 one whose worker is lost is lost, and nothing of it is left',
    applies: ({ lose }) => lose !== undefined,
    async run(fixture) {
      const { executor, ear, puppet } = await opened(fixture);
      puppet.says('one');
      await fixture.settle();
      fixture.lose?.();
      assert.equal(await fixture.drive(ear.over.promise), 'lost');
      assert.equal(puppet.live, false);
      assert.deepEqual(ear.reports, ['started', 'one', 'lost']);
      await executor.close();
    },
  },
  {
    name: 'EXECUTOR-5 closed, it tells nothing more, and another goes on after the last report',
    applies: outlives,
    async run(fixture) {
      const { executor, ear, puppet } = await opened(fixture);
      puppet.says('one');
      await fixture.settle();
      await executor.close();
      puppet.says('two');
      await fixture.settle();
      assert.deepEqual(ear.reports, ['started', 'one']);
      const next = fixture.executor();
      const later = new Ear();
      const known = { sessionId: 'a', attempt: 1, after: ear.numbers.at(-1) ?? 0, worker: ear.worker };
      const { attempt } = next.reconcile(known, later);
      assert.deepEqual(later.heard, []);
      await fixture.settle();
      puppet.says('three');
      await fixture.settle();
      assert.deepEqual(later.reports, ['two', 'three']);
      attempt.interrupt();
      assert.equal(await fixture.drive(later.over.promise), 'interrupted');
      assert.equal(fixture.agent.attempts.length, 1);
      await next.close();
    },
  },
  {
    name: 'EXECUTOR-5 an end that happened meanwhile is told, and a request is told again',
    applies: outlives,
    async run(fixture) {
      const { executor, ear, puppet } = await opened(fixture);
      void puppet.asks('Bash');
      await fixture.settle();
      await executor.close();
      const between = fixture.executor();
      const asked = new Ear();
      const after = ear.numbers.at(-1) ?? 0;
      between.reconcile({ sessionId: 'a', attempt: 1, after, worker: ear.worker }, asked);
      await fixture.settle();
      assert.deepEqual(asked.reports, ['approval']);
      await between.close();
      puppet.completes('Done.');
      await fixture.settle();
      const last = new Ear();
      const next = fixture.executor();
      next.reconcile({ sessionId: 'a', attempt: 1, after: asked.numbers.at(-1) ?? 0 }, last);
      assert.equal(await fixture.drive(last.over.promise), 'done');
      assert.deepEqual(last.reports, ['ended']);
      await next.close();
    },
  },
  {
    name: 'EXECUTOR-5 one of which nothing is left is lost',
    async run(fixture) {
      const ear = new Ear();
      const executor = fixture.executor();
      const { attempt } = executor.reconcile({ sessionId: 'a', attempt: 7, after: 0 }, ear);
      assert.deepEqual(ear.heard, []);
      assert.equal(await fixture.drive(ear.over.promise), 'lost');
      callAll({ attempt });
      await fixture.settle();
      assert.deepEqual(ear.heard, ['lost']);
      await executor.close();
    },
  },
];

/** Every rule of the port of executors. */
export const executorConformanceCases: readonly ExecutorConformanceCase[] = [
  ...rules.map(rule => ({ applies: () => true, ...rule })),
  ...stepCases,
];
