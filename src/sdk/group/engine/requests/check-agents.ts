import { afterAwake, type Clock } from '../../../clock.ts';
import { AgentUnavailableError, textOfThrown } from '../../../errors.ts';
import type { Agent, AgentCheck } from '../../../session/agent.ts';
import type { ResolvedAgent } from '../../../session/agent-config.ts';
import type { GroupEngine } from '../group-engine.ts';

/** Longer than any check of a built-in agent. */
const CHECK_TIMEOUT_MS = 30_000;

/**
 * Asks each agent that the group uses whether it can start, before anything starts: once for each program and setting.
 *
 * @returns whether all have said so; false once the signal has aborted.
 * @throws AgentUnavailableError for the first that can't, or doesn't answer in time.
 */
export async function checkAgents({ state, clock }: GroupEngine, signal: AbortSignal): Promise<boolean> {
  const checked = new Map<Agent, Set<string>>();
  for (const session of state.sessions.values()) {
    const agent = state.agentOf(session.id);
    const seen = checked.get(agent) ?? new Set();
    checked.set(agent, seen);
    if (!agent.check) continue;
    const key = JSON.stringify(session.agent);
    if (seen.has(key)) continue;
    seen.add(key);
    const check = signal.aborted ? undefined : await checkOf(agent, session.agent, clock, signal);
    if (!check) return false;
    if (!check.ok) throw new AgentUnavailableError(check.code, check.message, { hint: check.hint });
  }
  return true;
}

/** An agent whose check throws, doesn't answer, or answers neither yes nor no, can't start. */
async function checkOf(
  agent: Agent,
  asked: ResolvedAgent,
  clock: Clock,
  signal: AbortSignal,
): Promise<AgentCheck | undefined> {
  try {
    const check = await answerOf(agent, asked, clock, signal);
    if (signal.aborted) return undefined;
    if (typeof check?.ok === 'boolean') return check;
    throw new Error('it answered neither yes nor no');
  } catch (reason) {
    if (signal.aborted) return undefined;
    return {
      ok: false,
      code: 'agent_misbehaved',
      message: `the check of the agent (${agent.kind}) failed: ${textOfThrown(reason)}`,
      hint: `Fix the agent: its check has to say within ${CHECK_TIMEOUT_MS / 1_000} s whether it can start, and must not throw.`,
    };
  }
}

/** Waits no longer than until the signal aborts; the agent hears of that, and of being late. */
async function answerOf(
  agent: Agent,
  asked: ResolvedAgent,
  clock: Clock,
  signal: AbortSignal,
): Promise<AgentCheck | undefined> {
  const waiting = new AbortController();
  const onAbort = (): void => waiting.abort(signal.reason);
  signal.addEventListener('abort', onAbort);
  const late = new Error(`it did not answer within ${CHECK_TIMEOUT_MS / 1_000} s`);
  const cancel = afterAwake(clock, () => waiting.abort(late), CHECK_TIMEOUT_MS);
  const gaveUp = new Promise<never>((_, reject) => {
    waiting.signal.addEventListener('abort', () => reject(waiting.signal.reason));
  });
  try {
    return await Promise.race([agent.check?.({ agent: asked, signal: waiting.signal }), gaveUp]);
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}
