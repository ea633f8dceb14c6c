import { createHash } from 'node:crypto';
import type { JournalRecord } from './records.ts';

/** How the lists in a session's fold grow. */

/** Up to this length, a list is copied for each item. */
const SHORT = 32;
const OWN_LISTS = new WeakMap<object, string[]>();

/**
 * The list with one item more. A long one is copied once and then added to in place, as it belongs to `owner` alone: with
 * 50,000 dependencies, copying it for each of them took most of a run's time and memory.
 */
export function withAnother(owner: object, list: readonly string[], item: string): readonly string[] {
  const own = OWN_LISTS.get(owner);
  if (own !== undefined && own === list) {
    own.push(item);
    return own;
  }
  const longer = [...list, item];
  if (longer.length > SHORT) OWN_LISTS.set(owner, longer);
  return longer;
}

/** A tool that runs, as `[toolUseId, name, input]`; of some, the input is not known. */
export type RunningTool = readonly [string, string, string?];

/** An agent of the host's own may never say that a tool has finished. Of more than these, the latest are kept. */
const MOST_TOOLS = 100;

export const NO_TOOLS: readonly RunningTool[] = [];

/** Applies a record of the session to the tools that run; part of the session's fold (fold-session.ts). */
export function toolsAfter(tools: readonly RunningTool[], record: JournalRecord): readonly RunningTool[] {
  switch (record.type) {
    case 'tool_started': {
      const { toolUseId, tool, input } = record;
      const running: RunningTool = input === undefined ? [toolUseId, tool] : [toolUseId, tool, input];
      return [...without(tools, toolUseId), running].slice(-MOST_TOOLS);
    }
    case 'tool_finished':
      return without(tools, record.toolUseId);
    case '_status':
      return record.status === 'pending' ? NO_TOOLS : tools;
    case 'session_started':
    case 'session_resumed':
    case 'session_retrying':
    case 'quota_limited':
    case 'session_paused':
    case 'session_completed':
    case 'session_failed':
    case 'session_stopped':
    case 'session_skipped':
      return NO_TOOLS;
    default:
      return tools;
  }
}

const without = (tools: readonly RunningTool[], use: string): readonly RunningTool[] =>
  tools.filter(([id]) => id !== use);

/** A message that waits for the session's agent. */
export interface WaitingMessage {
  readonly id: string;
  readonly text: string;
}

/** So many wait for one session's agent at most, each of so many UTF-16 code units. */
export const MOST_MESSAGES = 16;
export const LONGEST_SENT = 16 * 1024;

export const NO_MESSAGES: readonly WaitingMessage[] = [];

/** Whether a session that has not settled takes a message: once its agent is done, there is nobody to read it. */
export const takesMessage = (
  session: { readonly messages: readonly WaitingMessage[]; readonly step: unknown } | undefined,
): boolean =>
  session === undefined || (session.step === undefined && session.messages.length < MOST_MESSAGES);

/** Applies a record of the session to what waits for its agent; part of the session's fold (fold-session.ts). */
export function messagesAfter(
  messages: readonly WaitingMessage[],
  record: JournalRecord,
): readonly WaitingMessage[] {
  switch (record.type) {
    case 'message_sent':
      return [...messages, { id: record.messageId, text: record.text }];
    case 'message_delivered':
    case 'message_undelivered':
      return messages.filter(({ id }) => id !== record.messageId);
    default:
      return messages;
  }
}

/** Of a message: the same for the same text to the same session, and for nothing else. */
export const messageKey = (sessionId: string, text: string): string =>
  createHash('sha256').update(`${sessionId}\0${text}`).digest('base64url').slice(0, 22);
