import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { given } from '../../given.ts';
import type { AgentEvent, AttemptEnd } from '../agent.ts';
import { NO_TOKENS } from '../usage.ts';
import type { ScriptedStep } from './script.ts';
import { numberedId, type ScriptedConversation } from './scripted-conversation.ts';

export const MICRO = 1_000_000;
export const SCRIPTED_MODEL = 'scripted';

/** The effect of a step; `events` come first. */
export type PlayedStep =
  | { readonly kind: 'next'; readonly events: readonly AgentEvent[] }
  | {
      readonly kind: 'wait';
      readonly events: readonly AgentEvent[];
      readonly ms: number;
      readonly after: readonly AgentEvent[];
    }
  | { readonly kind: 'ask'; readonly events: readonly AgentEvent[]; readonly requestId: string }
  | { readonly kind: 'hang'; readonly events: readonly AgentEvent[] }
  | { readonly kind: 'end'; readonly events: readonly AgentEvent[]; readonly end: AttemptEnd };

/** Plays the conversation's step as far as that takes no time; doesn't advance it. */
export function playStep(
  step: ScriptedStep,
  conversation: ScriptedConversation,
  { now, cwd }: { readonly now: number; readonly cwd: string },
): PlayedStep {
  if ('text' in step) {
    conversation.lastText = step.text;
    return next({ type: 'message', role: 'assistant', text: step.text });
  }
  if ('tool' in step) {
    const toolUseId = numberedId(conversation, 'tool');
    return {
      kind: 'wait',
      events: [given({ type: 'tool_started', toolUseId, tool: step.tool, input: step.input })],
      ms: conversation.leftMs ?? step.duration,
      after: [{ type: 'tool_finished', toolUseId, isError: step.isError }],
    };
  }
  if ('tokens' in step) {
    const messageId = numberedId(conversation, 'reply');
    const tokens = { ...NO_TOKENS, ...given(step.tokens) };
    return next({ type: 'usage', messageId, model: SCRIPTED_MODEL, tokens, costUsd: 0, final: true });
  }
  if ('cost' in step) {
    conversation.costMicroUsd += Math.round(step.cost * MICRO);
    return next({ type: 'cost', scope: 'conversation', costUsd: conversation.costMicroUsd / MICRO });
  }
  if ('delay' in step) return { kind: 'wait', events: [], ms: conversation.leftMs ?? step.delay, after: [] };
  if ('failure' in step) {
    const message = step.message ?? `scripted failure: ${step.failure}`;
    return endsAgain(conversation, step.attempts) ? failed(step.failure, message) : next();
  }
  if ('limit' in step) return playLimit(step, conversation, now);
  if ('approval' in step) {
    const requestId = numberedId(conversation, 'request');
    return {
      kind: 'ask',
      requestId,
      events: [{ type: 'approval', requestId, tool: step.approval, input: step.input }],
    };
  }
  if ('denied' in step) {
    conversation.denials.push({ tool: step.denied });
    return next();
  }
  if ('hang' in step) return { kind: 'hang', events: [] };
  if ('write' in step) return playWrite(step, cwd);
  if ('output' in step) {
    conversation.output = step.output;
    return next();
  }
  conversation.result = step.result;
  return next();
}

const next = (...events: AgentEvent[]): PlayedStep => ({ kind: 'next', events });

const ends = (end: AttemptEnd): PlayedStep => ({ kind: 'end', events: [], end });

const failed = (code: Extract<AttemptEnd, { outcome: 'failed' }>['code'], message: string): PlayedStep =>
  ends({ outcome: 'failed', code, message });

/** Whether this step ends the attempt: without `attempts` always, otherwise only that many times. */
function endsAgain(conversation: ScriptedConversation, attempts = Number.POSITIVE_INFINITY): boolean {
  const hits = conversation.hits.get(conversation.step) ?? 0;
  if (hits >= attempts) return false;
  conversation.hits.set(conversation.step, hits + 1);
  return true;
}

/** Without `attempts` a limit holds until its reset, however often it is tried; an unknown reset never comes. */
function playLimit(
  { limit, attempts }: Extract<ScriptedStep, { limit: unknown }>,
  conversation: ScriptedConversation,
  now: number,
): PlayedStep {
  const message = 'scripted usage limit';
  if (limit === 'unknown') {
    return endsAgain(conversation, attempts) ? ends({ outcome: 'limited', message }) : next();
  }
  if (attempts !== undefined) {
    const holds = endsAgain(conversation, attempts);
    return holds ? ends({ outcome: 'limited', until: now + limit, message }) : next();
  }
  const until = conversation.limitedUntil.get(conversation.step) ?? now + limit;
  conversation.limitedUntil.set(conversation.step, until);
  return until > now ? ends({ outcome: 'limited', until, message }) : next();
}

function playWrite(
  { write: path, content }: Extract<ScriptedStep, { write: string }>,
  cwd: string,
): PlayedStep {
  const target = resolve(cwd, path);
  const inside = relative(cwd, target);
  if (inside === '..' || inside.startsWith('../') || isAbsolute(inside)) {
    return failed('invalid_request', `the path is outside the project: ${path}`);
  }
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    return next();
  } catch (error) {
    return failed(
      'agent_error',
      `could not write ${path}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
