import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/sdk/clock.ts';
import type { Agent, Attempt, AttemptSpec } from '../../src/sdk/session/agent.ts';
import { createClaudeAgent } from '../../src/sdk/session/claude-code/claude-agent.ts';
import { olderThan } from '../../src/sdk/session/claude-code/stream/usage.ts';
import { attemptSpec } from './claude-attempt.ts';
import { environment } from './messages-api/environment.ts';
import { type MessagesApi, startMessagesApi } from './messages-api/server.ts';

/** The real client (`npm run test:claude` finds or installs it). Without it, tests fail; they are never skipped. */
export function claudeExecutable(): string {
  const path = process.env.SESSION_GROUPS_CLAUDE;
  if (!path) throw new Error('SESSION_GROUPS_CLAUDE is not set: run these tests by `npm run test:claude`');
  return path;
}

/** The version of the real client. Tests compare with it; they pin none, as any version may run them. */
export function claudeVersion(): string {
  const { stdout } = spawnSync(claudeExecutable(), ['--version'], { encoding: 'utf8', timeout: 30_000 });
  return /^\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? '';
}

/** A model for which every client charges the same: 5 USD for a million tokens in, 25 USD out. Aliases change theirs. */
export const STEADY_MODEL = 'claude-opus-4-8';

/**
 * Whether the client takes text from other sessions literally. The check of one that may not has to warn of it, which is
 * all that a group can do then: such a client runs commands in any text, and reads the files that it names.
 */
export async function takesTextLiterally(): Promise<boolean> {
  const check = await createClaudeAgent().check({
    agent: { kind: 'claude', executable: claudeExecutable() },
  });
  if (!check.ok) throw new Error(check.message);
  return !check.warnings?.some(warning => warning.includes('may interpret text from other sessions'));
}

/**
 * Whether the client's own figure contains a reply that was cut, by a pause or by the API. That of 2.1.197 doesn't, that
 * of 2.1.330 does.
 */
export const chargesCutReplies = (): boolean => !olderThan(claudeVersion(), [2, 1, 330]);

export interface ClaudeBench {
  readonly api: MessagesApi;
  readonly agent: Agent;
  /** The working directory of the client. */
  readonly project: string;
  readonly logDir: string;
  /** A spec for the real client against the stand-in; `env` is added to the client's environment. */
  spec(
    given?: Partial<AttemptSpec>,
    options?: { readonly login?: 'key' | 'subscription' | 'none' },
  ): AttemptSpec;
  close(): Promise<void>;
}

/** A stand-in, a new home and project, and the agent under test. */
export async function claudeBench(): Promise<ClaudeBench> {
  const api = await startMessagesApi();
  const folder = mkdtempSync(join(tmpdir(), 'claude-bench-'));
  const real = createClaudeAgent({ clock: systemClock });
  const attempts: Attempt[] = [];
  const project = join(folder, 'project');
  const logDir = join(folder, 'log');
  mkdirSync(project);
  return {
    api,
    agent: {
      ...real,
      start(spec, sink) {
        const attempt = real.start(spec, sink);
        attempts.push(attempt);
        return attempt;
      },
    },
    project,
    logDir,
    spec: ({ env, ...given } = {}, options = {}) =>
      attemptSpec({
        cwd: project,
        logDir,
        agent: { kind: 'claude', executable: claudeExecutable() },
        env: { ...environment(api, folder, options), ...env },
        ...given,
      }),
    async close() {
      for (const attempt of attempts) attempt.kill(); // left over from a test that failed
      await api.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Whether a live process was started with exactly this command line (Linux). */
export async function isRunning(...command: string[]): Promise<boolean> {
  const wanted = `${command.join('\0')}\0`;
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    const found = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (found === wanted) return true;
  }
  return false;
}
