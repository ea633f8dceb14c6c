import assert from 'node:assert/strict';
import type { SessionExecutor } from '../group/attempt/executor/executor.ts';
import type { StepAnswer, StepOptions, StepOrder } from '../group/attempt/executor/step.ts';
import { type QueueNews, TREE_STEPS } from '../group/tree/tree-call.ts';
import type { ExecutorConformanceCase, ExecutorFixture, PuppetTrees } from './executor-fixture.ts';

const TREE = { repository: 'project', folder: 'group/sgw-a', inner: '' };
const COMMIT = 'a'.repeat(40);
const REFS = { 'refs/heads/session-groups/group/a': COMMIT };

/** Steps of the port of workspaces, and commands: set-up and checks. */
const KINDS = [...TREE_STEPS, 'run'];

const ANSWERS: readonly StepAnswer[] = [
  { kind: 'done', place: 'p', value: { warnings: ['one'] }, refs: REFS, pack: Buffer.from('a pack') },
  {
    ...{ kind: 'failed', place: 'p', refs: REFS },
    error: { code: 'workspace_failed', message: 'no', retryable: false, files: ['a.txt'] },
  },
  { kind: 'lacks', place: 'p', lacks: [COMMIT], has: [] },
  { kind: 'elsewhere', place: 'p' },
];

/** What comes back, with bytes that can be compared. */
const shown = (answer: StepAnswer): unknown => ({
  ...answer,
  ...('pack' in answer && answer.pack ? { pack: Buffer.from(answer.pack).toString() } : {}),
});

interface Scene {
  readonly executor: SessionExecutor;
  readonly trees: PuppetTrees;
  send(kind?: string, options?: Partial<StepOptions>): Promise<StepAnswer>;
}

function sceneOf(fixture: ExecutorFixture): Scene {
  const { groupId, trees } = fixture;
  const executor = fixture.executor();
  assert.ok(trees, 'the fixture has trees');
  const orderOf = (kind: string): StepOrder => ({
    ...{ groupId, sessionId: 'a', repository: 'project', format: 'sha1', refs: REFS, needs: [] },
    call: { do: kind, args: [TREE, { note: kind }] },
  });
  return {
    executor,
    trees,
    send(kind = 'checkpoint', options = {}) {
      const { signal } = new AbortController();
      const sent = executor.step?.(orderOf(kind), { signal, ...options });
      assert.ok(sent, 'the executor takes steps');
      return sent;
    },
  };
}

const [DONE] = ANSWERS;

const rules: readonly (Omit<ExecutorConformanceCase, 'applies'> & Partial<ExecutorConformanceCase>)[] = [
  ...KINDS.map(kind => ({
    name: `step: ${kind} is carried out as it was ordered, and answered`,
    async run(fixture: ExecutorFixture) {
      const { executor, trees, send } = sceneOf(fixture);
      fixture.serve?.();
      for (const answer of ANSWERS) {
        const sent = send(kind);
        const step = await fixture.drive(trees.begun());
        assert.equal(step.order.sessionId, 'a');
        assert.deepEqual(step.order.call, { do: kind, args: [TREE, { note: kind }] });
        step.answer(answer);
        assert.deepEqual(shown(await fixture.drive(sent)), shown(answer));
      }
      await executor.close();
    },
  })),
  {
    name: 'step: one that is cut off rejects with the reason, and nothing of it is left',
    async run(fixture) {
      const { executor, trees, send } = sceneOf(fixture);
      fixture.serve?.();
      const stopping = new AbortController();
      const sent = send('run', { signal: stopping.signal });
      const step = await fixture.drive(trees.begun());
      const reason = new Error('the session is stopped');
      stopping.abort(reason);
      await assert.rejects(fixture.drive(sent), reason);
      assert.equal(step.live, false);
      await executor.close();
    },
  },
  {
    name: 'step: one that waits for a machine says so, and is over at once if it is cut off',
    applies: ({ serve }) => serve !== undefined,
    async run(fixture) {
      const { executor, send } = sceneOf(fixture);
      const waits: unknown[] = [];
      const stopping = new AbortController();
      const sent = send('run', { signal: stopping.signal, onWait: wait => waits.push(wait) });
      await fixture.settle();
      const [{ pool: _, ...wait }, ...more] = waits as [QueueNews];
      assert.deepEqual([wait, ...more], [{ workers: 0, ahead: 0 }]);
      stopping.abort(new Error('the session is stopped'));
      await assert.rejects(fixture.drive(sent), /the session is stopped/);
      await executor.close();
    },
  },
  {
    name: 'step: one that is lost with its machine is carried out again, and answered once',
    applies: ({ serve, lose }) => serve !== undefined && lose !== undefined,
    async run(fixture) {
      const { executor, trees, send } = sceneOf(fixture);
      fixture.serve?.();
      const sent = send();
      const first = await fixture.drive(trees.begun());
      fixture.lose?.();
      fixture.serve?.();
      const second = await fixture.drive(trees.begun());
      assert.equal(first.live, false);
      assert.deepEqual(second.order, first.order);
      if (DONE) second.answer(DONE);
      assert.equal((await fixture.drive(sent)).kind, 'done');
      await executor.close();
    },
  },
];

/** What an executor with `step` keeps. */
export const stepCases: readonly ExecutorConformanceCase[] = rules.map(
  ({ applies = () => true, ...rule }) => ({
    ...rule,
    applies: (fixture: ExecutorFixture) => fixture.trees !== undefined && applies(fixture),
  }),
);
