import { delimiter, join, resolve } from 'node:path';
import { afterAwake, type Clock } from '../../clock.ts';
import { setVariables } from '../../given.ts';
import { spawnProcess, uniqueMarker } from '../../process/process.ts';
import {
  isExecutable,
  notAProgram,
  type ProgramProblem,
  problemOnPath,
  programProblem,
} from '../../program-problem.ts';
import type { AgentCheck } from '../agent.ts';
import { isOfKind, type ResolvedAgent } from '../agent-config.ts';
import { reaperProblem } from '../spawn-failure.ts';
import { claudeEnvironment } from './environment.ts';
import { Flights } from './flights.ts';
import { olderThan } from './stream/usage.ts';

/** The oldest version that was tested; older ones lack required options. */
export const MINIMUM_VERSION = '2.1.197';
const VERSION_TIMEOUT_MS = 20_000;

const INSTALL_HINT =
  'Install Claude Code (npm install -g @anthropic-ai/claude-code), or set SESSION_GROUPS_CLAUDE or `agent: {kind: claude, executable: PATH}`.';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The path of the client: `agent.executable`, else SESSION_GROUPS_CLAUDE, else `claude` on PATH. If a configured
 * program doesn't exist, no other is used instead.
 */
export function findClaude(agent: ResolvedAgent | undefined, env: Environment): string | undefined {
  const named = nameOf(agent, env);
  if (named.includes('/')) return isExecutable(resolve(named)) ? resolve(named) : undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  return folders.map(folder => join(folder, named)).find(isExecutable);
}

export const nameOf = (agent: ResolvedAgent | undefined, env: Environment): string =>
  (isOfKind(agent, 'claude') && agent.executable) || env.SESSION_GROUPS_CLAUDE || 'claude';

/** Why `findClaude` found none, or why what it found can't be started. */
export function claudeProblem(
  agent: ResolvedAgent | undefined,
  env: Environment,
): ProgramProblem | undefined {
  const named = nameOf(agent, env);
  const path = findClaude(agent, env);
  const file = path ?? (named.includes('/') ? resolve(named) : undefined);
  const problem = file === undefined ? problemOnPath(named, env.PATH) : programProblem(file, env.PATH);
  if (path !== undefined && !problem) return undefined;
  const { message, hint } = problem ?? { message: `there is no \`${named}\` on PATH`, hint: '' };
  return { message: `Claude Code was not found: ${message}`, hint: `${hint} ${INSTALL_HINT}`.trim() };
}

export type CheckOptions = { readonly agent?: ResolvedAgent; readonly signal?: AbortSignal };

/** Of the checks in flight, by the environment that they run in: groups of one engine share them. */
const flights = new WeakMap<Environment, Flights<ClientAnswer>>();

/** A check of the client's version that caches successes and repeats failed checks. One runs at a time per executable. */
export function createClaudeCheck(
  clock: Clock,
  env: Environment,
): (options?: CheckOptions) => Promise<AgentCheck> {
  const passed = new Map<string, AgentCheck>();
  const inFlight = flights.get(env) ?? new Flights();
  flights.set(env, inFlight);
  return async (options = {}) => {
    const path = findClaude(options.agent, env);
    const problem = claudeProblem(options.agent, env);
    if (path === undefined || problem) return refused(problem?.message ?? '', problem?.hint ?? INSTALL_HINT);
    const unwatched = await reaperProblem();
    if (unwatched) return unwatched;
    const known = passed.get(path);
    if (known) return known;
    const ask = (signal: AbortSignal) => askClient(path, ['--version'], clock, env, signal);
    const answer = judge(path, await inFlight.share(path, ask, options.signal));
    if (answer.ok) passed.set(path, answer);
    return answer;
  };
}

/** What the client printed. */
interface ClientAnswer {
  readonly output: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

function judge(path: string, { output, stderr, timedOut }: ClientAnswer): AgentCheck {
  if (timedOut) {
    const seconds = VERSION_TIMEOUT_MS / 1_000;
    return refused(
      `${path} did not report its version within ${seconds} s`,
      `Run \`${path} --version\` to see why.`,
    );
  }
  const version = versionIn(output);
  if (version === undefined) {
    const printed = [notAProgram(path), (stderr.trim() || output.trim()).slice(-300)]
      .filter(Boolean)
      .join('; ');
    return refused(
      `${path} is not a working Claude Code${printed ? `: ${printed}` : ''}`,
      `Run \`${path} --version\` to see why. ${INSTALL_HINT}`,
    );
  }
  if (olderThan(version, MINIMUM_VERSION.split('.').map(Number))) {
    return refused(
      `Claude Code ${version} at ${path} is too old; ${MINIMUM_VERSION} or later is required`,
      'Update it with `claude update` or `npm install -g @anthropic-ai/claude-code`.',
    );
  }
  return { ok: true, version, path, warnings: warningsOf(version) };
}

/** A wrapper may print something else before it, or after. */
const versionIn = (output: string): string | undefined =>
  (/(?:^|[^\d.])(\d+\.\d+\.\d+)\S{0,40} \(Claude Code\)/.exec(output) ??
    /^v?(\d+\.\d+\.\d+)\b/m.exec(output))?.[1];

/** 2.1.197 ignores `client_composed`, 2.1.330 respects it; the versions in between were not tested. */
function warningsOf(version: string): string[] {
  if (!olderThan(version, [2, 1, 330])) return [];
  return [
    `Claude Code ${version} may interpret text from other sessions as slash commands or file references; 2.1.330 or later does not.`,
  ];
}

/** Runs the client with these arguments until it exits, for 20 s at most. */
export async function askClient(
  path: string,
  args: readonly string[],
  clock: Clock,
  env: Environment,
  signal: AbortSignal,
): Promise<ClientAnswer> {
  const lines: string[] = [];
  let timedOut = false;
  const child = spawnProcess(
    {
      command: path,
      args,
      cwd: process.cwd(),
      env: claudeEnvironment(setVariables(env)),
      marker: uniqueMarker('client-check'),
      stdout: { onLine: line => void lines.push(line) },
    },
    clock,
  );
  child.endInput();
  const giveUp = (): void => {
    timedOut = true;
    child.kill();
  };
  const cancel = afterAwake(clock, giveUp, VERSION_TIMEOUT_MS);
  const abort = (): void => child.kill();
  signal.addEventListener('abort', abort);
  const exit = await child.exited;
  cancel();
  signal.removeEventListener('abort', abort);
  return { output: lines.join('\n'), stderr: exit.spawnError?.message ?? exit.stderrTail, timedOut };
}

const refused = (message: string, hint: string): AgentCheck => ({
  ok: false,
  code: 'agent_not_found',
  message,
  hint,
});
