import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Clock } from '../../clock.ts';
import { spawnProcess } from '../../process/process.ts';
import type { AgentCheck } from '../agent.ts';
import type { ResolvedAgent } from '../agent-config.ts';
import { claudeEnvironment } from './environment.ts';
import { olderThan } from './usage.ts';

/** The oldest client that was tried; older ones lack options that are needed. */
export const MINIMUM_VERSION = '2.1.197';
const VERSION_PATIENCE_MS = 20_000;

const INSTALL_HINT =
  'Install Claude Code (npm install -g @anthropic-ai/claude-code), or name the program to run in SESSION_GROUPS_CLAUDE or as `agent: {kind: claude, executable: PATH}`.';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the client is: `agent.executable`, else SESSION_GROUPS_CLAUDE, else `claude` on PATH. A program that
 * was named and is not there is not replaced by another one.
 */
export function findClaude(agent: ResolvedAgent | undefined, env: Environment): string | undefined {
  const named = (agent?.kind === 'claude' && agent.executable) || env.SESSION_GROUPS_CLAUDE || 'claude';
  if (named.includes('/')) return isProgram(resolve(named)) ? resolve(named) : undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  return folders.map(folder => join(folder, named)).find(isProgram);
}

export type CheckOptions = { readonly agent?: ResolvedAgent; readonly signal?: AbortSignal };

/** A check of the client's version that remembers good answers; bad ones are looked into again. */
export function createClaudeCheck(
  clock: Clock,
  env: Environment,
): (options?: CheckOptions) => Promise<AgentCheck> {
  const good = new Map<string, AgentCheck>();
  return async (options = {}) => {
    const path = findClaude(options.agent, env);
    if (path === undefined) return refused('Claude Code was not found.', INSTALL_HINT);
    const known = good.get(path);
    if (known) return known;
    const answer = judge(path, await askVersion(path, clock, env, options.signal));
    if (answer.ok) good.set(path, answer);
    return answer;
  };
}

interface VersionAnswer {
  readonly output: string;
  readonly stderr: string;
  readonly late: boolean;
}

function judge(path: string, { output, stderr, late }: VersionAnswer): AgentCheck {
  if (late) {
    const seconds = VERSION_PATIENCE_MS / 1_000;
    return refused(
      `${path} did not tell its version within ${seconds} s.`,
      `Run \`${path} --version\` by hand.`,
    );
  }
  const version = /^(\d+\.\d+\.\d+)\b/.exec(output)?.[1];
  if (version === undefined) {
    const said = (stderr.trim() || output.trim()).slice(-300);
    return refused(
      `${path} is not a Claude Code that works${said ? `: ${said}` : '.'}`,
      `Run \`${path} --version\` by hand. ${INSTALL_HINT}`,
    );
  }
  if (olderThan(version, MINIMUM_VERSION.split('.').map(Number))) {
    return refused(
      `Claude Code ${version} at ${path} is too old; at least ${MINIMUM_VERSION} is needed.`,
      'Update it: claude update, or npm install -g @anthropic-ai/claude-code.',
    );
  }
  return { ok: true, version, path, warnings: warningsOf(version) };
}

/** 2.1.197 ignores `client_composed`; 2.1.330 heeds it, and which one began to is not known. */
function warningsOf(version: string): string[] {
  if (!olderThan(version, [2, 1, 330])) return [];
  return [
    `Claude Code ${version} may take text that comes from other sessions for slash commands or file references; 2.1.330 does not.`,
  ];
}

async function askVersion(
  path: string,
  clock: Clock,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<VersionAnswer> {
  signal?.throwIfAborted();
  const lines: string[] = [];
  let late = false;
  const child = spawnProcess(
    {
      command: path,
      args: ['--version'],
      cwd: process.cwd(),
      env: claudeEnvironment(defined(env)),
      marker: `version-check:${process.pid}`,
      onStdoutLine: line => void lines.push(line),
    },
    clock,
  );
  child.endInput();
  const timer = clock.setTimeout(() => {
    late = true;
    child.kill();
  }, VERSION_PATIENCE_MS);
  const abort = (): void => child.kill();
  signal?.addEventListener('abort', abort);
  const exit = await child.exited;
  clock.clearTimeout(timer);
  signal?.removeEventListener('abort', abort);
  signal?.throwIfAborted();
  return { output: lines.join('\n'), stderr: exit.spawnError?.message ?? exit.stderrTail, late };
}

const refused = (message: string, hint: string): AgentCheck => ({
  ok: false,
  code: 'agent_not_found',
  message,
  hint,
});

const defined = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
