import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptSpec } from '../../src/sdk/session/agent.ts';
import { watch } from '../support/claude-attempt.ts';
import { type ClaudeBench, claudeBench } from '../support/claude-bench.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';

let bench: ClaudeBench;
beforeEach(async () => {
  bench = await claudeBench();
  bench.api.enqueue(toolUse('Bash', { command: COMMAND }), text('That was it.'));
});
afterEach(() => bench.close());

/** Not allowed by acceptEdits. */
const COMMAND = `node -e "require('fs').writeFileSync('made.txt', 'x')"`;
const made = (): boolean => existsSync(join(bench.project, 'made.txt'));
const specWith = (given: Partial<AttemptSpec['permissions']>): AttemptSpec =>
  bench.spec({ permissions: { ...bench.spec().permissions, ...given } });

describe('permissions of claude', () => {
  it.each(['deny', 'fail'] as const)(
    'are refused without asking under onRequest %s, and reported',
    async onRequest => {
      const watched = watch(bench.agent, specWith({ onRequest }));
      expect(await watched.ended).toEqual({
        outcome: 'done',
        result: 'That was it.',
        denials: [{ tool: 'Bash', toolUseId: expect.any(String), refusedBy: 'nobody', input: COMMAND }],
      });
      expect(watched.all('approval')).toEqual([]);
      expect(made()).toBe(false);
    },
  );

  it('are given by a rule', async () => {
    const watched = watch(bench.agent, specWith({ allow: ['Bash(node *)'] }));
    expect(await watched.ended).toMatchObject({ outcome: 'done', denials: [] });
    expect(made()).toBe(true);
  });

  it('are asked for, and given by an answer', async () => {
    const watched = watch(bench.agent, specWith({}), (event, attempt) => {
      if (event.type === 'approval') attempt.answerPermission(event.requestId, 'allow');
    });
    expect(await watched.ended).toMatchObject({ outcome: 'done', denials: [] });
    expect(watched.all('approval')).toMatchObject([{ tool: 'Bash', input: { command: COMMAND } }]);
    expect(made()).toBe(true);
  });

  it('are asked for, and denied by an answer whose message reaches the model', async () => {
    const watched = watch(bench.agent, specWith({}), (event, attempt) => {
      if (event.type === 'approval') attempt.answerPermission(event.requestId, 'deny', 'Not on a Friday.');
    });
    expect(await watched.ended).toMatchObject({ outcome: 'done', denials: [{ tool: 'Bash' }] });
    expect(made()).toBe(false);
    expect(JSON.stringify(bench.api.mainRequests.at(-1)?.body.messages)).toContain('Not on a Friday.');
  });

  it('can be pending for any time, and the wait can be interrupted', async () => {
    const watched = watch(bench.agent, specWith({}));
    const { requestId } = await watched.first('approval');
    watched.attempt.interrupt();
    expect(await watched.ended).toEqual({ outcome: 'interrupted' });
    expect(watched.all('approval_withdrawn')).toEqual([{ type: 'approval_withdrawn', requestId }]);
    expect(made()).toBe(false);
  });

  it('cannot be answered after withdrawal or without a request', async () => {
    const watched = watch(bench.agent, specWith({}), (event, attempt) => {
      if (event.type !== 'approval') return;
      attempt.answerPermission('never-asked', 'allow');
      attempt.answerPermission(event.requestId, 'deny');
      attempt.answerPermission(event.requestId, 'allow');
    });
    expect(await watched.ended).toMatchObject({ outcome: 'done', denials: [{ tool: 'Bash' }] });
    expect(made()).toBe(false);
  });

  const guard = (command: string) => ({
    hooks: { PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command }] }] },
  });
  const json = (permissionDecision: string) =>
    `echo '${JSON.stringify({ hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason: 'guarded' } })}'`;

  it.each([
    ['rule', { permissions: { deny: ['Bash(node *)'] } }, 'ask'],
    ['rule', { permissions: { deny: ['Bash(node *)'] } }, 'fail'],
    ['hook', guard('echo not that >&2; exit 2'), 'ask'],
    ['hook', guard('echo not that >&2; exit 2'), 'fail'],
    ['hook', guard(json('deny')), 'ask'],
    ['nobody', guard(json('ask')), 'fail'],
    ['nobody', {}, 'fail'],
  ] as const)('say that a call was refused by %s: %j, onRequest %s', async (by, settings, onRequest) => {
    mkdirSync(join(bench.project, '.claude'));
    writeFileSync(join(bench.project, '.claude', 'settings.json'), JSON.stringify(settings));
    expect(await watch(bench.agent, specWith({ onRequest })).ended).toMatchObject({
      outcome: 'done',
      denials: [{ tool: 'Bash', refusedBy: by, input: COMMAND }],
    });
    expect(made()).toBe(false);
  });

  it('say that a call was refused by a rule of the definition', async () => {
    const watched = watch(bench.agent, specWith({ deny: ['Bash(node *)'] }));
    expect(await watched.ended).toMatchObject({ outcome: 'done', denials: [{ refusedBy: 'rule' }] });
  });

  it('say that a call was refused by a person', async () => {
    const watched = watch(bench.agent, specWith({}), (event, attempt) => {
      if (event.type === 'approval') attempt.answerPermission(event.requestId, 'deny');
    });
    expect(await watched.ended).toMatchObject({ outcome: 'done', denials: [{ refusedBy: 'person' }] });
  });

  it('pass the answer to a question on to the model', async () => {
    const question = { question: 'Which colour?', header: 'Colour', multiSelect: false };
    const options = ['Red', 'Blue'].map(label => ({ label, description: label }));
    bench.api.answerWith(({ body, side }) => {
      if (side) return undefined;
      const heard = JSON.stringify(body.messages).includes('Green, please');
      return heard
        ? text('Green it is.')
        : toolUse('AskUserQuestion', { questions: [{ ...question, options }] });
    });
    const watched = watch(bench.agent, specWith({ deny: [] }), (event, attempt) => {
      if (event.type === 'approval') attempt.answerPermission(event.requestId, 'allow', 'Green, please');
    });
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'Green it is.' });
    expect(watched.all('approval')).toHaveLength(1);
  });
});
