// @module-tag processes
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AttemptSpec } from '../../../../src/sdk/session/agent.ts';
import { createClaudeAgent } from '../../../../src/sdk/session/claude-code/claude-agent.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { attemptSpec, type WatchedAttempt, watch } from '../../../support/claude-attempt.ts';

const FAKE = fileURLToPath(new URL('../../../fixtures/fake-claude.mjs', import.meta.url));

let folder: string;
let clock: SimulatedClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claude-attempt-'));
  clock = new SimulatedClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function specOf(manner: string, given: Partial<AttemptSpec> = {}): AttemptSpec {
  return attemptSpec({
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', FAKE_CLAUDE: manner },
    agent: { kind: 'claude', executable: FAKE },
    conversation: { id: randomUUID(), exists: false, resume: false },
    ...given,
  });
}

/** Steps the clock while real processes run; `stepMs` is small enough not to reach a grace by itself. */
const ended = (watched: WatchedAttempt, stepMs = 1) =>
  vi.waitFor(
    () => {
      clock.advance(stepMs);
      const end = watched.all('ended')[0]?.end;
      if (!end) throw new Error('not ended yet');
      return end;
    },
    { timeout: 60_000, interval: 5 },
  );

describe('an attempt of claude', () => {
  it('sends the prompt and is done when the client has exited', async () => {
    const watched = watch(createClaudeAgent({ clock }), specOf('', { prompt: 'Say this.' }));
    expect(await ended(watched)).toEqual({ outcome: 'done', result: 'Say this.', denials: [] });
    expect(watched.events[0]?.type).toBe('started');
    expect(watched.attempt.pid).toBeUndefined();
  });

  it('tolerates lines that are not messages, and only ends with a result', async () => {
    const watched = watch(createClaudeAgent({ clock }), specOf('mutters'));
    expect(await ended(watched)).toMatchObject({ outcome: 'done', result: 'still done' });
  });

  describe('of a conversation interrupted by the death of the engine', () => {
    const cut = { id: randomUUID(), exists: true, resume: true, interruptedTurn: true };

    it('sends nothing to a client that reruns the turn', async () => {
      const watched = watch(
        createClaudeAgent({ clock }),
        specOf('reruns', { conversation: cut, prompt: 'Go on.' }),
      );
      expect(await ended(watched, 100)).toMatchObject({ outcome: 'done', result: 'told nothing, 1' });
    });

    it.each(['rests', 'deaf'])('sends the prompt to a client that %s', async manner => {
      const watched = watch(
        createClaudeAgent({ clock }),
        specOf(manner, { conversation: cut, prompt: 'Go on.' }),
      );
      expect(await ended(watched, 100)).toMatchObject({ outcome: 'done', result: 'told Go on., 1' });
      expect(clock.pending).toBe(0);
    });

    it('asks nothing if a person or a quota paused it', async () => {
      const conversation = { id: randomUUID(), exists: true, resume: true };
      const env = { PATH: process.env.PATH ?? '', FAKE_CLAUDE: '', CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1' };
      const watched = watch(
        createClaudeAgent({ clock }),
        specOf('', { conversation, prompt: 'Go on.', env }),
      );
      expect(await ended(watched)).toMatchObject({ outcome: 'done', result: 'Go on.' });
    });
  });

  it('rejects unknown requests of the client, so that it does not wait forever', async () => {
    const watched = watch(createClaudeAgent({ clock }), specOf('asks the host'));
    expect(await ended(watched)).toMatchObject({ outcome: 'done', result: 'error h1' });
  });

  it('uses the last of two results, and starts once', async () => {
    const watched = watch(createClaudeAgent({ clock }), specOf('two results'));
    expect(await ended(watched)).toMatchObject({ outcome: 'done', result: 'second' });
    expect(watched.all('started')).toHaveLength(1);
    expect(watched.all('cost').map(({ costUsd }) => costUsd)).toEqual([0.01, 0.02]);
  });

  it.each(['stays', 'stays for ever', 'stays with a task'])(
    'ends a client that %s after its result; the result counts',
    async manner => {
      const watched = watch(createClaudeAgent({ clock }), specOf(manner));
      await watched.first('cost');
      clock.advance(9_000);
      expect(watched.all('ended')).toEqual([]);
      expect(await ended(watched, 500)).toMatchObject({ outcome: 'done', result: 'done' });
      expect(clock.pending).toBe(0);
    },
  );

  describe.each(['works on', 'works on and says so'])('of a client that %s after its result', manner => {
    const begun = async () => {
      const watched = watch(createClaudeAgent({ clock }), specOf(manner));
      await watched.first('subagent_usage');
      clock.advance(3_600_000);
      const { pid } = watched.attempt;
      if (pid === undefined) throw new Error('it was ended');
      return { watched, pid };
    };

    it('waits for the last result, however long it takes', async () => {
      const { watched, pid } = await begun();
      process.kill(pid, 'SIGUSR2');
      expect(await ended(watched)).toMatchObject({ outcome: 'done', result: 'the real one' });
      expect(clock.pending).toBe(0);
    });

    it('has failed if it ends before', async () => {
      const { watched, pid } = await begun();
      process.kill(pid, 'SIGHUP');
      expect(await ended(watched)).toMatchObject({ outcome: 'failed', code: 'turn_ended_early' });
    });

    it('is interrupted where we end it', async () => {
      const { watched } = await begun();
      watched.attempt.terminate();
      expect(await ended(watched)).toEqual({ outcome: 'interrupted' });
    });
  });

  it('ends a client whose login was rejected, even one that ignores SIGTERM', async () => {
    const watched = watch(createClaudeAgent({ clock }), specOf('bad login'));
    await watched.first('started');
    expect(await ended(watched, 500)).toMatchObject({ outcome: 'failed', code: 'authentication_failed' });
  });

  it('tries the other flag for the conversation, then a fresh id, and then gives up', async () => {
    const conversation = { id: randomUUID(), exists: true, resume: true };
    const watched = watch(
      createClaudeAgent({ clock }),
      specOf('never heals', { conversation, logDir: folder }),
    );
    expect(await ended(watched)).toMatchObject({ outcome: 'failed', code: 'invalid_request' });
    expect(readFileSync(join(folder, 'stderr.log'), 'utf8').match(/No conversation/g)).toHaveLength(3);
  });

  it.each([
    ['', 'Continue.', 0, undefined],
    ['older', 'Continue.', 1, undefined],
    ['older, without the conversation', 'The original.', 1, true],
  ])(
    'tells a client of the kind "%s" to use changed instructions if it knows how',
    async (manner, told, rejections, startedOver) => {
      const config = { instructionsFile: join(folder, 'CLAUDE.md'), instructionsChanged: true };
      const conversation = { id: randomUUID(), exists: true, resume: true };
      const prompts = { prompt: 'Continue.', originalPrompt: 'The original.' };
      const watched = watch(
        createClaudeAgent({ clock }),
        specOf(manner, { ...prompts, config, conversation, logDir: folder }),
      );
      expect(await ended(watched)).toEqual({ outcome: 'done', result: told, denials: [] });
      expect(watched.all('started').map(event => event.startedOver)).toEqual([startedOver]);
      const stderr = readFileSync(join(folder, 'stderr.log'), 'utf8');
      expect(stderr.match(/unknown option/g) ?? []).toHaveLength(rejections);
    },
  );

  it('starts no more than the limit at once, but does not wait forever for a silent one', async () => {
    const agent = createClaudeAgent({ clock, spawnLimit: 1 });
    const silent = watch(agent, specOf('silent'));
    const next = watch(agent, specOf('', { prompt: 'Me too.' }));
    expect(silent.attempt.pid).toBeGreaterThan(0);
    expect(next.attempt.pid).toBeUndefined();
    clock.advance(14_999);
    expect(next.attempt.pid).toBeUndefined();
    clock.advance(1);
    expect(next.attempt.pid).toBeGreaterThan(0);
    expect(await ended(next)).toMatchObject({ outcome: 'done', result: 'Me too.' });
    silent.attempt.kill();
    expect(await ended(silent)).toEqual({ outcome: 'interrupted' });
  });

  it('can be interrupted before its process starts', async () => {
    const agent = createClaudeAgent({ clock, spawnLimit: 1 });
    const silent = watch(agent, specOf('silent'));
    const waiting = watch(agent, specOf(''));
    waiting.attempt.interrupt();
    expect(waiting.events).toEqual([]);
    expect(await waiting.ended).toEqual({ outcome: 'interrupted' });
    silent.attempt.interrupt();
    expect(await ended(silent)).toEqual({ outcome: 'interrupted' });
    expect(clock.pending).toBe(0);
  });

  it.each<[string, Partial<AttemptSpec>, string]>([
    [
      'a program that is not there',
      { agent: { kind: 'claude', executable: '/no/claude' } },
      'agent_not_found',
    ],
    ['a folder that is not there', { cwd: '/no/such/folder' }, 'prepare_failed'],
    ['options of another agent', { agent: { kind: 'scripted', ignoreInterrupt: false } }, 'prepare_failed'],
  ])('fails for %s', async (_, given, code) => {
    const watched = watch(createClaudeAgent({ clock, env: {} }), specOf('', given));
    expect(watched.events).toEqual([]);
    expect(await watched.ended).toMatchObject({ outcome: 'failed', code });
    watched.attempt.kill();
    watched.attempt.answerPermission('x', 'allow');
    expect(watched.events).toHaveLength(1);
  });
});
