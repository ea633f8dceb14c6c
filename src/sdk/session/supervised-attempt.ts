import { z } from 'zod';
import { ERROR_CODES } from '../../../machines/vocabulary.ts';
import { hasMethods, isCount, isObject } from '../argument.ts';
import type { Clock } from '../clock.ts';
import { isPromised, shielded, textOfThrown } from '../errors.ts';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from './agent.ts';
import { HeldEvents } from './attempt-sink.ts';
import { boundedReport, LONGEST_NAME } from './bounded-report.ts';
import { PermissionDenial } from './usage.ts';

/** An attempt that hasn't ended so long after it was killed never will; built-in agents need seven seconds at most. */
const LAST_GRACE_MS = 60_000;
/** The grace is counted in parts, so that a machine that was asleep or an engine that was stopped grants all of it. */
const GRACE_PARTS = 12;

/**
 * Starts an attempt of any agent and holds it to the rules of the port, whatever it does:
 *
 * SUPERVISED-1 what it emits belongs to this attempt: nothing arrives before `start` has returned, nothing after `ended`.
 * SUPERVISED-2 it ends: an agent that throws in `start` or returns no attempt, ends with something that is no end, or
 *    doesn't end in time after `kill`, has failed (`agent_misbehaved`).
 * SUPERVISED-3 what arrives is a copy, and has its type; amounts are finite and not negative, and tokens are whole. Other reports are
 *    refused with a warning, and a permission request that is refused is denied: an agent may wait for its answer.
 * SUPERVISED-4 what arrives is bounded (`bounded-report.ts`).
 */
export function superviseAttempt(
  agent: Agent,
  spec: AttemptSpec,
  clock: Clock,
  listener: (event: AgentEvent) => void,
): Attempt {
  let timer: unknown;
  let ended = false;
  let killed = false;
  const warned = new Set<string>();

  const handOver = (event: AgentEvent): void => {
    if (ended) return;
    if (event.type === 'ended') {
      ended = true;
      clock.clearTimeout(timer);
    }
    listener(event);
  };
  const events = new HeldEvents(handOver);
  const warn = (message: string): void => events.emit({ type: 'warning', message });
  const misbehaved = (how: string): void =>
    events.emit({
      type: 'ended',
      end: { outcome: 'failed', code: 'agent_misbehaved', message: `the agent (${agent.kind}) ${how}` },
    });
  let attempt: Attempt | undefined;
  const toDeny: string[] = [];
  const deny = (requestId: string): void => {
    if (!attempt) toDeny.push(requestId);
    else attempting(() => attempt?.answerPermission(requestId, 'deny', 'its input cannot be read'));
  };
  const receive = (event: AgentEvent): void => {
    const report = readReport(event);
    if (report.taken) {
      events.emit(report.taken);
      return;
    }
    const { type, what, requestId } = report;
    if (requestId !== undefined) deny(requestId);
    if (type === 'ended') misbehaved(`reported an invalid end (${what})`);
    else if (!warned.has(type)) {
      warned.add(type);
      warn(`an invalid report of the agent is ignored: ${type} (${what})`);
    }
  };
  /** Whatever the agent throws, there is `kill`, and an end after it. */
  const attempting = (action: () => unknown): void => {
    shielded(action, thrown => warn(`the agent threw: ${textOfThrown(thrown)}`));
  };
  let pid: number | undefined;
  try {
    const started: unknown = agent.start(spec, receive);
    if (isPromised(started)) Promise.resolve(started).then(endLate, () => {});
    const problem = problemOfAttempt(started);
    if (problem !== undefined || !isAttempt(started)) throw new Error(problem);
    attempt = started;
    pid = shielded(
      () => (isCount(started.pid, 1) ? started.pid : undefined),
      () => {},
    );
  } catch (thrown) {
    events.dropEnd();
    misbehaved(`failed to start: ${textOfThrown(thrown)}`);
  }
  if (attempt) toDeny.forEach(deny);
  if (events.isEmpty) events.release();
  else clock.setTimeout(() => events.release(), 0);

  const giveUp = (partsLeft: number): void => {
    timer = clock.setTimeout(() => {
      if (partsLeft > 1) giveUp(partsLeft - 1);
      else {
        const how = 'did not end after it was killed; what it started may still be running';
        warn(`the agent ${how}`);
        misbehaved(how);
      }
    }, LAST_GRACE_MS / GRACE_PARTS);
  };
  return {
    ...(pid !== undefined && { pid }),
    interrupt: () => attempting(() => attempt?.interrupt()),
    terminate: () => attempting(() => attempt?.terminate()),
    kill() {
      if (!killed && !ended) giveUp(GRACE_PARTS);
      killed = true;
      attempting(() => attempt?.kill());
    },
    answerPermission: (...answer) => attempting(() => attempt?.answerPermission(...answer)),
  };
}

/** What an agent has started all the same, after it failed to return it at once, is not left alive. */
const endLate = (started: unknown): void => {
  shielded(
    () => (isAttempt(started) ? started.kill() : undefined),
    () => {},
  );
};

const isAttempt = (given: unknown): given is Attempt =>
  hasMethods(given, 'interrupt', 'terminate', 'kill', 'answerPermission');

type Read =
  | { readonly taken: AgentEvent }
  | {
      readonly taken?: undefined;
      /** What is wrong with it. */
      readonly type: string;
      readonly what: string;
      /** Of a permission request. */
      readonly requestId: string | undefined;
    };

/** Why a report is refused; undefined if it isn't. */
export function problemOfReport(event: AgentEvent): string | undefined {
  const report = readReport(event);
  return report.taken ? undefined : `${report.type} (${report.what})`;
}

/** Why what `start` has returned is refused; undefined if it is an attempt. */
export function problemOfAttempt(started: unknown): string | undefined {
  if (isPromised(started)) return 'it returned a promise instead of an attempt';
  return isAttempt(started) ? undefined : 'it returned no attempt';
}

/**
 * A report in bounds, or what is wrong with it. Agents may be written without types, and their objects may throw, or answer
 * differently when they are read again; so what is taken is a copy of what was checked.
 */
function readReport(event: AgentEvent): Read {
  let name = 'unknown';
  let requestId: string | undefined;
  try {
    const { type, requestId: asked }: Partial<Record<string, unknown>> = Object(event);
    if (!isReport(type)) {
      const given = typeof type === 'string' ? type.slice(0, 40) : '';
      return { type: name, what: `no such type: ${JSON.stringify(given)}`, requestId };
    }
    name = type;
    if (type === 'approval' && typeof asked === 'string') requestId = asked;
    const reply = type === 'usage' ? plainReply(Object(event)) : undefined;
    if (reply) return { taken: reply };
    const { data, error } = REPORTS[type].safeParse(event);
    const [issue] = error?.issues ?? [];
    if (issue) return { type, what: `${issue.path.map(String).join('.')}: ${issue.message}`, requestId };
    const taken = boundedReport({ ...data, type } as AgentEvent);
    return taken ? { taken } : { type, what: 'input: not JSON, or nested too deep', requestId };
  } catch (thrown) {
    return { type: name, what: `it cannot be read: ${textOfThrown(thrown)}`, requestId };
  }
}

/** More than any attempt can use, and little enough that sums stay exact. */
const MOST_TOKENS = 1e12;
const tokenCount = z.int().nonnegative().max(MOST_TOKENS);
const isTokenCount = (given: unknown): given is number => isCount(given) && given <= MOST_TOKENS;

/**
 * The report that comes most often, as it mostly is: the same copy, made without its schema, which costs ten times as much.
 * undefined: it is read by its schema.
 */
function plainReply(event: Partial<Record<string, unknown>>): AgentEvent | undefined {
  const { messageId, model, tokens: read, final, cacheWrite1h, webSearches, costUsd } = event;
  if (webSearches !== undefined || costUsd !== undefined) return undefined;
  if (cacheWrite1h !== undefined && !isTokenCount(cacheWrite1h)) return undefined;
  if (typeof messageId !== 'string' || typeof model !== 'string' || typeof final !== 'boolean')
    return undefined;
  if (messageId.length > LONGEST_NAME || model.length > LONGEST_NAME || !isObject(read)) return undefined;
  const { input, output, cacheRead, cacheWrite } = read;
  if (!isTokenCount(input) || !isTokenCount(output) || !isTokenCount(cacheRead) || !isTokenCount(cacheWrite))
    return undefined;
  const tokens = { input, output, cacheRead, cacheWrite };
  const reply = { type: 'usage', messageId, model, tokens, final } as const;
  return cacheWrite1h === undefined ? reply : { ...reply, cacheWrite1h };
}
const usd = z.number().nonnegative().max(1e9);
const tokens = z.object({
  input: tokenCount,
  output: tokenCount,
  cacheRead: tokenCount,
  cacheWrite: tokenCount,
});

const figure = z.object({ costUsd: usd, tokens });
const usage = z.object({
  messageId: z.string(),
  model: z.string(),
  tokens,
  cacheWrite1h: tokenCount.optional(),
  webSearches: tokenCount.optional(),
  costUsd: usd.optional(),
});

const EndShape = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('done'),
    result: z.string(),
    output: z.unknown().optional(),
    denials: z.array(PermissionDenial),
  }),
  z.object({ outcome: z.literal('failed'), code: z.enum(ERROR_CODES), message: z.string() }),
  z.object({
    outcome: z.literal('limited'),
    until: z.number().nonnegative().max(8.64e15).optional(),
    message: z.string(),
  }),
  z.object({ outcome: z.literal('interrupted') }),
]);

const REPORTS = {
  started: z.object({
    conversationId: z.string().max(LONGEST_NAME),
    model: z.string().optional(),
    version: z.string().optional(),
    warnings: z.array(z.string()).optional(),
    startedOver: z.boolean().optional(),
  }),
  message: z.object({ role: z.enum(['assistant', 'user']), text: z.string() }),
  tool_started: z.object({ toolUseId: z.string(), tool: z.string() }),
  tool_finished: z.object({ toolUseId: z.string(), isError: z.boolean() }),
  usage: usage.extend({ final: z.boolean() }),
  subagent_usage: z.object({
    taskId: z.string(),
    model: z.string().optional(),
    totalTokens: tokenCount,
    toolUses: tokenCount.optional(),
    reply: usage.optional(),
  }),
  side_usage: z.object({
    requestId: z.string(),
    model: z.string().optional(),
    tokens: tokens.optional(),
    webSearches: tokenCount.optional(),
  }),
  cost: z.object({
    scope: z.enum(['process', 'conversation']),
    costUsd: usd,
    tokens: tokens.optional(),
    attempt: figure.partial({ tokens: true }).optional(),
    models: z
      .record(
        z.string(),
        figure.extend({ cacheWrite1h: tokenCount.optional(), webSearches: tokenCount.optional() }),
      )
      .optional(),
  }),
  agent_retry: z.object({ code: z.enum(ERROR_CODES), delayMs: z.number().nonnegative().optional() }),
  approval: z.object({
    requestId: z.string().max(LONGEST_NAME),
    tool: z.string(),
    input: z.record(z.string(), z.unknown()),
  }),
  approval_withdrawn: z.object({ requestId: z.string() }),
  warning: z.object({ message: z.string() }),
  activity: z.object({}),
  ended: z.object({ end: EndShape }),
} as const satisfies Record<AgentEvent['type'], z.ZodType>;

const isReport = (type: unknown): type is AgentEvent['type'] =>
  typeof type === 'string' && Object.hasOwn(REPORTS, type);
