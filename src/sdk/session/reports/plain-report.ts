import { isCount, isObject } from '../../argument.ts';
import type { AgentEvent, AttemptEnd } from '../agent.ts';
import { LONGEST_MESSAGE, LONGEST_NAME } from './bounded-report.ts';
import { type Redact, redactor } from './redaction.ts';
import { inputFields } from './tool-input.ts';

/** More than any attempt can use, and little enough that sums stay exact. */
export const MOST_TOKENS = 1e12;

/**
 * The reports that come most often, as they mostly are: the same copy as by their schema, which costs ten times as much.
 * Invariant: whatever is unusual, or wrong, is left to the schema (undefined), so that the answer is the same.
 */
export function plainReport(
  type: AgentEvent['type'],
  event: unknown,
  redact: Redact = redactor(),
): AgentEvent | undefined {
  if (!isObject(event)) return undefined;
  switch (type) {
    case 'activity':
      return { type };
    case 'started':
      return started(event);
    case 'message':
      return message(event);
    case 'tool_started':
      return toolStarted(event, redact);
    case 'tool_finished':
      return toolFinished(event);
    case 'usage':
      return reply(event);
    case 'ended': {
      const end = plainEnd(event.end);
      return end && { type, end };
    }
    default:
      return undefined;
  }
}

type Given = Readonly<Record<string, unknown>>;

function started(event: Given): AgentEvent | undefined {
  const { conversationId, model, version, warnings, startedOver } = event;
  if (warnings !== undefined || startedOver !== undefined || !isName(conversationId)) return undefined;
  if (model === undefined && version === undefined) return { type: 'started', conversationId };
  return isName(model) && isName(version) ? { type: 'started', conversationId, model, version } : undefined;
}

function message({ role, text }: Given): AgentEvent | undefined {
  if (typeof text !== 'string' || text.length > LONGEST_MESSAGE) return undefined;
  return role === 'assistant' || role === 'user' ? { type: 'message', role, text } : undefined;
}

function toolStarted({ toolUseId, tool, input }: Given, redact: Redact): AgentEvent | undefined {
  if (!isName(toolUseId) || !isName(tool)) return undefined;
  if (input === undefined) return { type: 'tool_started', toolUseId, tool };
  return isObject(input)
    ? { type: 'tool_started', toolUseId, tool, input: inputFields(input, redact) }
    : undefined;
}

function toolFinished({ toolUseId, isError }: Given): AgentEvent | undefined {
  if (!isName(toolUseId) || typeof isError !== 'boolean') return undefined;
  return { type: 'tool_finished', toolUseId, isError };
}

function reply(event: Given): AgentEvent | undefined {
  const { messageId, model, tokens: read, final, cacheWrite1h, webSearches, costUsd } = event;
  if (webSearches !== undefined || costUsd !== undefined || typeof final !== 'boolean') return undefined;
  if (cacheWrite1h !== undefined && !isTokenCount(cacheWrite1h)) return undefined;
  if (!isName(messageId) || !isName(model) || !isObject(read)) return undefined;
  const { input, output, cacheRead, cacheWrite } = read;
  if (!isTokenCount(input) || !isTokenCount(output) || !isTokenCount(cacheRead) || !isTokenCount(cacheWrite))
    return undefined;
  const tokens = { input, output, cacheRead, cacheWrite };
  if (cacheWrite1h === undefined) return { type: 'usage', messageId, model, tokens, final };
  return { type: 'usage', messageId, model, tokens, final, cacheWrite1h };
}

/** Of an agent that is done and was refused nothing, or was ended. */
function plainEnd(end: unknown): AttemptEnd | undefined {
  if (!isObject(end)) return undefined;
  const { outcome } = end;
  if (outcome === 'interrupted') return { outcome };
  if (outcome !== 'done') return undefined;
  const { result, output, denials } = end;
  if (typeof result !== 'string' || !Array.isArray(denials) || denials.length > 0) return undefined;
  if (output === undefined) return { outcome, result, denials: [] };
  return { outcome, result, output, denials: [] };
}

const isName = (given: unknown): given is string => typeof given === 'string' && given.length <= LONGEST_NAME;
const isTokenCount = (given: unknown): given is number => isCount(given) && given <= MOST_TOKENS;
