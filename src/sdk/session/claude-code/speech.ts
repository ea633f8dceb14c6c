import { QUESTION_TOOL } from '../../../../machines/vocabulary.ts';
import { answersIn, questionsIn } from '../reports/questions.ts';
import type { Approval } from './stream/stream-state.ts';

/** Messages for the client's standard input: the user's message and the control protocol, one JSON object per line. */

/**
 * `composed`: the text wasn't typed by a person, so slash commands and `@file` in it stay text. `uuid`: by which the client
 * knows the message again.
 */
export const userMessage = (prompt: string, composed: boolean, uuid?: string): string =>
  line({
    type: 'user',
    message: { role: 'user', content: prompt },
    parent_tool_use_id: null,
    ...(composed && { client_composed: true }),
    ...(uuid !== undefined && { uuid }),
  });

/** Interrupts the turn, keeps the conversation so far, prints a result and exits. Not in the public protocol. */
export const endSession = (): string =>
  line({ type: 'control_request', request_id: 'end-session', request: { subtype: 'end_session' } });

/** Has no effect; it is answered as soon as the client is up. */
export const hello = (): string =>
  line({ type: 'control_request', request_id: 'hello', request: { subtype: 'initialize' } });

/** @param answers what answers each question. Default: the lines of the message, or all of it. */
export function permissionAnswer(
  requestId: string,
  { tool, input }: Approval,
  decision: 'allow' | 'deny',
  message?: string,
  answers?: readonly string[],
): string {
  const response =
    decision === 'deny'
      ? { behavior: 'deny', message: message ?? 'The user denied this request.' }
      : {
          behavior: 'allow',
          updatedInput: tool === QUESTION_TOOL ? answered(input, message, answers) : input,
        };
  return line({
    type: 'control_response',
    response: { subtype: 'success', request_id: requestId, response },
  });
}

/** The question's input with the answer to each of its questions, which the client passes on to the model. */
function answered(
  input: Approval['input'],
  answer: string | undefined,
  each?: readonly string[],
): Record<string, unknown> {
  if (answer === undefined) return input;
  const questions = questionsIn(QUESTION_TOOL, input);
  const answers = each ?? answersIn(questions, answer) ?? [];
  const entries = questions.map(({ question }, index) => [question, answers[index] ?? answer]);
  return { ...input, answers: Object.fromEntries(entries) };
}

/** Answers a control request of a kind that we don't support. */
export const refusal = (requestId: string): string =>
  line({
    type: 'control_response',
    response: { subtype: 'error', request_id: requestId, error: 'not supported by this host' },
  });

const line = (message: Record<string, unknown>): string => `${JSON.stringify(message)}\n`;
