import { z } from 'zod';
import { afterAwake, type Clock } from '../../clock.ts';
import { textOfThrown } from '../../errors.ts';
import type { Agent, AgentCheck } from '../agent.ts';
import type { ResolvedAgent } from '../agent-config.ts';

/** Longer than any check of a built-in agent. */
const CHECK_TIMEOUT_MS = 30_000;

interface Asking {
  readonly clock: Clock;
  /** Default: never aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Asks an agent whether it can start. One whose check throws, doesn't answer in time, or answers neither yes nor no,
 * can't; one without a check always can.
 *
 * @param asked what it would be started with. Default: nothing in particular.
 * @returns undefined once the signal has aborted.
 */
export async function readinessOf(
  agent: Agent,
  asked: ResolvedAgent | undefined,
  { clock, signal = new AbortController().signal }: Asking,
): Promise<AgentCheck | undefined> {
  if (signal.aborted) return undefined;
  if (!agent.check) return { ok: true, warnings: [] };
  try {
    const check = await answerOf(agent, asked, clock, signal);
    if (signal.aborted) return undefined;
    return checked(check);
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

const Answer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    version: z.string().optional(),
    path: z.string().optional(),
    warnings: z.array(z.string()).default([]),
  }),
  z.object({
    ok: z.literal(false),
    code: z.string(),
    message: z.string(),
    hint: z.string().default('See what the agent needs.'),
  }),
]);

/** Agents may be written without types. @throws if it is no answer. */
function checked(answer: unknown): AgentCheck {
  const { data, error } = Answer.safeParse(answer);
  if (data) return data as AgentCheck; // a code of the agent's own is passed on
  const [issue] = error.issues;
  const place = issue?.path.map(String).join('.');
  throw new Error(
    place === 'ok' || !place ? 'it answered neither yes nor no' : `its answer has no valid ${place}`,
  );
}

/** Waits no longer than until the signal aborts; the agent hears of that, and of being late. */
async function answerOf(
  agent: Agent,
  asked: ResolvedAgent | undefined,
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
    const options = { ...(asked ? { agent: asked } : {}), signal: waiting.signal };
    return await Promise.race([agent.check?.(options), gaveUp]);
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}
