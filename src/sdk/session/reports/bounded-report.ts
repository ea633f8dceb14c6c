import { createHash } from 'node:crypto';
import { plainJson } from '../../json.ts';
import type { AgentEvent, AttemptEnd, UsageReport } from '../agent.ts';
import { isUnanswered, type PermissionDenial } from '../usage.ts';
import type { Redact } from './redaction.ts';
import { inputFields } from './tool-input.ts';

/**
 * What an attempt reports, in bounds: texts go into the journal and to everyone who watches. Lengths are in UTF-16 code
 * units. Only a result and its output are bounded elsewhere: they are kept whole in files (`session-result.ts`).
 */

/** What an agent or a person says. */
export const LONGEST_MESSAGE = 64 * 1024;
/** Error messages and warnings. */
const LONGEST_NOTE = 16 * 1024;
/** All of a permission request's input. */
const LONGEST_INPUT = 64 * 1024;
/** Names of tools and models, and ids. */
export const LONGEST_NAME = 1_000;
const MOST_DENIALS = 1_000;

/** Undefined for a permission request whose input isn't JSON, or is nested too deep. */
export function boundedReport(event: AgentEvent, redact: Redact): AgentEvent | undefined {
  switch (event.type) {
    case 'started':
      return {
        ...event,
        ...(event.model !== undefined && { model: named(event.model) }),
        ...(event.version !== undefined && { version: named(event.version) }),
        ...(event.warnings && { warnings: event.warnings.map(text => cut(text, LONGEST_NOTE, redact)) }),
      };
    case 'message':
      return { ...event, text: cut(event.text, LONGEST_MESSAGE, asItIs) };
    case 'warning':
      return { ...event, message: cut(event.message, LONGEST_NOTE, redact) };
    case 'tool_started':
      return {
        ...event,
        tool: named(event.tool, redact),
        toolUseId: named(event.toolUseId),
        ...(event.input && { input: inputFields(event.input, redact) }),
      };
    case 'tool_finished':
      return { ...event, toolUseId: named(event.toolUseId) };
    case 'usage':
      return { ...event, ...reply(event) };
    case 'subagent_usage':
      return {
        ...event,
        taskId: named(event.taskId),
        ...(event.model !== undefined && { model: named(event.model) }),
        ...(event.reply && { reply: reply(event.reply) }),
      };
    case 'side_usage':
      return {
        ...event,
        requestId: named(event.requestId),
        ...(event.model !== undefined && { model: named(event.model) }),
      };
    case 'cost':
      return {
        ...event,
        ...(event.models && {
          models: Object.fromEntries(
            Object.entries(event.models).map(([model, figure]) => [named(model), figure]),
          ),
        }),
      };
    case 'approval': {
      const input = plainJson(event.input);
      if (input === undefined) return undefined;
      return {
        ...event,
        tool: named(event.tool, redact),
        input: fittedFields(input, { left: LONGEST_INPUT, redact }),
      };
    }
    case 'ended':
      return { ...event, end: boundedEnd(event.end, redact) };
    default:
      return event;
  }
}

function boundedEnd(end: AttemptEnd, redact: Redact): AttemptEnd {
  if (end.outcome === 'done') return { ...end, denials: boundedDenials(end.denials, redact) };
  return 'message' in end ? { ...end, message: cut(end.message, LONGEST_NOTE, redact) } : end;
}

/** Of too many, those that nobody answered stay: they decide whether the session has failed. */
function boundedDenials(denials: readonly PermissionDenial[], redact: Redact): PermissionDenial[] {
  const kept =
    denials.length <= MOST_DENIALS
      ? denials
      : [...denials.filter(isUnanswered), ...denials.filter(one => !isUnanswered(one))];
  return kept.slice(0, MOST_DENIALS).map(({ tool, toolUseId, input, ...denial }) => ({
    ...denial,
    tool: named(tool, redact),
    ...(toolUseId !== undefined && { toolUseId: named(toolUseId) }),
    ...(input !== undefined && { input: cut(input, LONGEST_NAME, redact) }),
  }));
}

const reply = (usage: UsageReport): UsageReport => ({
  ...usage,
  messageId: named(usage.messageId),
  model: named(usage.model),
});

/** A name is compared, so one that is cut keeps what distinguishes it. */
const named = (name: string, redact: Redact = asItIs): string =>
  name.length <= LONGEST_NAME
    ? name
    : `${redact(name).slice(0, 100)}…[${createHash('sha256').update(name).digest('hex')}]`;

/** What an agent says is kept as it is said. */
const asItIs: Redact = text => text;

/** Beginning and end, with a mark between them: the end of an error message says what to do. */
function cut(all: string, longest: number, redact: Redact): string {
  if (all.length <= longest) return all;
  const text = redact(all);
  if (text.length <= longest) return text;
  const tail = Math.floor(longest / 8);
  const head = longest - tail - 60;
  const mark = ` […${text.length - head - tail} characters left out…] `;
  // No character is split.
  const beginning = text.slice(0, head).replace(/[\ud800-\udbff]$/, '');
  return beginning + mark + text.slice(-tail).replace(/^[\udc00-\udfff]/, '');
}

/** What is left for the rest of a value. */
interface Room {
  left: number;
  readonly redact: Redact;
}
/** A value that is no text, with what is around it. */
const SMALL = 8;

/** One text takes at most half of the room, so that a long one does not hide the others. */
function fitted(value: unknown, room: Room): unknown {
  if (typeof value === 'string') {
    const text = cut(value, Math.max(200, Math.floor(room.left / 2)), room.redact);
    room.left -= text.length + SMALL;
    return text;
  }
  room.left -= SMALL;
  if (Array.isArray(value)) {
    const items = taken(value, room, item => fitted(item, room));
    return items.length < value.length ? [...items, leftOut(value.length - items.length)] : items;
  }
  return typeof value === 'object' && value !== null ? fittedFields(value, room) : value;
}

function fittedFields(value: unknown, room: Room): Record<string, unknown> {
  const all = Object.entries(value ?? {});
  const fields = taken(all, room, ([key, inner]): [string, unknown] => {
    const name = named(key, room.redact);
    room.left -= name.length;
    return [name, fitted(inner, room)];
  });
  const rest = all.length - fields.length;
  return Object.fromEntries(rest > 0 ? [...fields, ['…', leftOut(rest)]] : fields);
}

function taken<T, U>(items: readonly T[], room: Room, take: (item: T) => U): U[] {
  const kept: U[] = [];
  for (const item of items) {
    if (room.left <= 0) break;
    kept.push(take(item));
  }
  return kept;
}

const leftOut = (count: number): string => `[…${count} more left out…]`;
