import { z } from 'zod';
import { ERROR_CODES } from '../../../../machines/vocabulary.ts';
import { textOfThrown } from '../../errors.ts';
import type { AgentEvent } from '../agent.ts';
import { PermissionDenial } from '../usage.ts';
import { boundedReport, LONGEST_NAME } from './bounded-report.ts';
import { MOST_TOKENS, plainReport } from './plain-report.ts';
import { type Redact, redactor } from './redaction.ts';

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

/**
 * A report in bounds, or what is wrong with it. Agents may be written without types, and their objects may throw, or answer
 * differently when they are read again; so what is taken is a copy of what was checked.
 * @param redact takes the secrets out of what is too long, before it is cut.
 */
export function readReport(event: AgentEvent, redact: Redact = redactor()): Read {
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
    const plain = plainReport(type, event, redact);
    if (plain) return { taken: plain };
    const read = bySchema(type, event, redact);
    return read.taken ? read : { ...read, requestId };
  } catch (thrown) {
    return { type: name, what: `it cannot be read: ${textOfThrown(thrown)}`, requestId };
  }
}

/** The same for any report of this type. @throws what the report throws when it is read. */
export function bySchema(
  type: AgentEvent['type'],
  event: unknown,
  redact: Redact = redactor(),
):
  | { readonly taken: AgentEvent }
  | { readonly taken?: undefined; readonly type: string; readonly what: string } {
  const { data, error } = REPORTS[type].safeParse(event);
  const [issue] = error?.issues ?? [];
  if (issue) return { type, what: `${issue.path.map(String).join('.')}: ${issue.message}` };
  const taken = boundedReport({ ...data, type } as AgentEvent, redact);
  return taken ? { taken } : { type, what: 'input: not JSON, or nested too deep' };
}

const tokenCount = z.int().nonnegative().max(MOST_TOKENS);
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
  message_delivered: z.object({ id: z.string().max(LONGEST_NAME) }),
  tool_started: z.object({
    toolUseId: z.string(),
    tool: z.string(),
    input: z.record(z.string(), z.unknown()).optional(),
  }),
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
