import type { GroupMachineEvent } from '../../../../../machines/contract.ts';
import { expectArgument, isStrings } from '../../../argument.ts';
import { RefusedError } from '../../../errors.ts';
import type { ApprovalAnswer } from '../../attempt/permission-requests.ts';
import type { GroupFold } from '../../journal/fold.ts';
import { LONGEST_SENT, messageKey } from '../../journal/session-lists.ts';

/**
 * What a host asks for, checked before the chart, the journal or an agent gets it: hosts may be written without types.
 * Each throws SessionGroupsError `invalid_argument`.
 */

export function checkRequest(event: GroupMachineEvent): void {
  if (event.type === 'pause') {
    expectArgument(PAUSES.has(event.reason), 'reason', 'manual or shutdown');
  } else if (event.type === 'retry') {
    checkIds(event.sessions);
    expectArgument(typeof event.fresh === 'boolean', 'fresh', 'true or false');
  } else if (event.type === 'integrate') {
    expectArgument(
      event.into === undefined || typeof event.into === 'string',
      'into',
      'the name of a branch',
    );
  }
}

export function checkIds(sessions: unknown): void {
  expectArgument(sessions === undefined || isStrings(sessions), 'sessions', 'a list of the ids of sessions');
}

export function checkDecision({
  decision,
  by,
  answer,
}: Partial<Record<keyof ApprovalAnswer, unknown>>): void {
  expectArgument(decision === 'allow' || decision === 'deny', 'decision', 'allow or deny');
  checkBy(by);
  expectArgument(answer === undefined || typeof answer === 'string', 'answer', 'a string');
}

export function checkMessage({ text, by, messageId }: Record<'text' | 'by' | 'messageId', unknown>): void {
  checkBy(by);
  expectArgument(isName(messageId), 'messageId', `an id of at most ${LONGEST_NAME} characters`);
  expectArgument(typeof text === 'string' && text.trim() !== '', 'text', 'a text for the agent');
  expectArgument(String(text).length <= LONGEST_SENT, 'text', `at most ${LONGEST_SENT} characters`);
}

/**
 * Whether this very message was sent before, and waits for the session's agent or has reached it.
 * @throws RefusedError `message_refused` if its id is that of another message.
 */
export function wasSent(
  { sent }: Pick<GroupFold, 'sent'>,
  { id, messageId, text }: Readonly<Record<'id' | 'messageId' | 'text', string>>,
): boolean {
  const known = sent.find(([other]) => other === messageId);
  if (known === undefined) return false;
  if (known[1] === messageKey(id, text)) return true;
  throw new RefusedError('message_refused', `another message has the id ${JSON.stringify(messageId)}`, {
    hint: 'Send it under an id of its own.',
  });
}

const LONGEST_NAME = 1_000;
const isName = (given: unknown): boolean =>
  typeof given === 'string' && given !== '' && given.length <= LONGEST_NAME;

export function checkBy(by: unknown): void {
  expectArgument(typeof by === 'string', 'by', 'who asks, as a string');
}

/** @returns the number. */
export function checkedSeq(fromSeq: number): number {
  expectArgument(Number.isInteger(fromSeq), 'fromSeq', 'the number of an event');
  return fromSeq;
}

const PAUSES: ReadonlySet<unknown> = new Set(['manual', 'shutdown']);
