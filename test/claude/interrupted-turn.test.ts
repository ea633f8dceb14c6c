import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watch } from '../support/claude-attempt.ts';
import { type ClaudeBench, claudeBench } from '../support/claude-bench.ts';
import { type Answer, slow, text, toolUse } from '../support/messages-api/answers.ts';
import { turnsSoFar } from '../support/messages-api/request.ts';

/** How the client continues an interrupted conversation (adr/0010-client-as-measured.md); each turn runs once. */

let bench: ClaudeBench;
beforeEach(async () => {
  bench = await claudeBench();
});
afterEach(() => bench.close());

const SILENCE: Answer = { kind: 'silence' };
/** Some words, then nothing until the client has exited. */
const stalls = (): Answer => {
  let left = 3;
  return slow('one two three four five six', {
    next: async signal => {
      if (left-- > 0) return;
      await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
    },
  });
};

interface Case {
  readonly when: string;
  readonly answer: (turns: number) => Answer;
  /** The client's requests before it is killed; the answer to the last is incomplete. */
  readonly requests: number;
  /** There is a SessionStart hook. */
  readonly hook?: true;
}
const CASES: readonly Case[] = [
  { when: 'before the first word of the answer', answer: () => SILENCE, requests: 1 },
  { when: 'during the answer', answer: stalls, requests: 1 },
  {
    when: 'between a tool and the next answer',
    answer: turns => (turns === 0 ? toolUse('Bash', { command: 'echo step' }) : SILENCE),
    requests: 2,
  },
  { when: 'with a hook at its start', answer: stalls, requests: 1, hook: true },
];

const own = () => bench.api.requests.filter(request => !request.side);

/** A hook of the project that runs at each start of the client: the client prints that, with a turn or without. */
function hookAtStart(): void {
  mkdirSync(join(bench.project, '.claude'), { recursive: true });
  const SessionStart = [{ hooks: [{ type: 'command', command: 'sleep 0.3; echo from the hook' }] }];
  writeFileSync(join(bench.project, '.claude', 'settings.json'), JSON.stringify({ hooks: { SessionStart } }));
}

async function resumed(id: string) {
  const before = own().length;
  const second = watch(
    bench.agent,
    bench.spec({
      attempt: 2,
      conversation: { id, exists: true, resume: true, interruptedTurn: true },
      prompt: 'Continue where you left off.',
      originalPrompt: 'The task.',
      composed: true,
    }),
  );
  const end = await second.ended;
  return {
    end,
    asked: own()
      .slice(before)
      .map(({ body }) => JSON.stringify(body)),
  };
}

describe('a client that is killed, then resumed after its engine died', () => {
  it.each(CASES)(
    '$when: runs the interrupted turn once, without a new prompt',
    async ({ answer, requests, hook }) => {
      if (hook) hookAtStart();
      let dead = false;
      bench.api.answerWith(({ body, side }) =>
        side ? undefined : dead ? text('finished') : answer(turnsSoFar(body)),
      );
      const id = randomUUID();
      const permissions = { ...bench.spec().permissions, allow: ['Bash(echo *)'] };
      const conversation = { id, exists: false, resume: false };
      const first = watch(bench.agent, bench.spec({ conversation, prompt: 'The task.', permissions }));
      await first.first('started');
      await vi.waitFor(() => expect(own()).toHaveLength(requests), { timeout: 60_000, interval: 10 });
      if (answer === stalls) await first.first('usage');
      dead = true;
      process.kill(first.attempt.pid ?? 0, 'SIGKILL');
      expect((await first.ended).outcome).toBe('failed');

      const { end, asked } = await resumed(id);
      expect(end).toMatchObject({ outcome: 'done', result: 'finished' });
      expect(asked).toHaveLength(1);
      expect(asked[0]).toContain('The task.');
      expect(asked[0]).not.toContain('Continue where you left off.');
    },
  );

  it.each([
    ['nothing is run again, and it is prompted to continue', false],
    ['a hook at its start is no turn', true],
  ])('after the end of the answer: %s', async (_, hook) => {
    if (hook) hookAtStart();
    bench.api.answerWith(({ side }) => (side ? undefined : text('finished')));
    const id = randomUUID();
    const first = watch(
      bench.agent,
      bench.spec({ conversation: { id, exists: false, resume: false }, prompt: 'The task.' }),
    );
    expect((await first.ended).outcome).toBe('done');
    const { end, asked } = await resumed(id);
    expect(end).toMatchObject({ outcome: 'done', result: 'finished' });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('Continue where you left off.');
  });

  it('before its conversation exists: starts another one with the original prompt', async () => {
    bench.api.answerWith(({ side }) => (side ? undefined : text('finished')));
    const { end, asked } = await resumed(randomUUID());
    expect(end).toMatchObject({ outcome: 'done', result: 'finished' });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('The task.');
    expect(asked[0]).not.toContain('Continue where you left off.');
  });
});
