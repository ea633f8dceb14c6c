import stringWidth from 'string-width';
import { QUESTION_TOOL } from '../../../machines/vocabulary.ts';
import type { GroupProgress } from '../../sdk/group/progress/progress.ts';
import { approveCommand } from '../advice.ts';
import { cleanLine } from '../text.ts';
import { cutToWidth, wrapToWidth } from '../width.ts';

/** `YYYYMMDD-HHMMSS`: the prefix of an id for terminals that are too narrow for all of it. */
const SHORT_ID = 15;

/** A permission request that waits for a person. */
export interface OpenRequest {
  readonly sessionId: string;
  readonly requestId: string;
  readonly tool: string;
}

/** In the order of the definition. */
export const openRequests = ({ sessions }: GroupProgress): OpenRequest[] =>
  sessions.flatMap(({ id, why }) =>
    why?.kind === 'approval' ? [{ sessionId: id, requestId: why.requestId, tool: why.tool }] : [],
  );

/** Whether a yes is all that it needs. */
export const isAnsweredByKey = ({ tool }: OpenRequest): boolean => tool !== QUESTION_TOOL;

export interface ApprovalLook {
  readonly columns: number;
  readonly rows: number;
  readonly ellipsis: string;
  /** The permission request of each session, in words. */
  readonly requests?: ReadonlyMap<string, string> | undefined;
  /** Whether keys answer requests. Default: false. */
  readonly hasKeys?: boolean | undefined;
  /** The one that they answer now. */
  readonly asked?: OpenRequest | undefined;
}

export const BY_KEY = '  a approves, d denies';

/**
 * A line per open permission request: the request, and which keys answer it, or below it the command that does. The
 * first is wrapped, so that nobody answers what they can't read. Those that would leave too little room for the sessions
 * are counted.
 */
export function approvalLines(progress: GroupProgress, look: ApprovalLook): string[] {
  const { columns, rows, ellipsis, requests, hasKeys = false, asked } = look;
  const open = openRequests(progress);
  const first = open.filter(({ requestId }) => requestId === asked?.requestId);
  const inOrder = [...first, ...open.filter(request => !first.includes(request))];
  const room = rows >= 30 ? 4 : rows >= 20 ? 2 : 1;
  const lines = inOrder.slice(0, room).flatMap((request, index) => {
    const { sessionId } = request;
    const isByKey = hasKeys && isAnsweredByKey(request);
    const keys = isByKey && first.includes(request) ? BY_KEY : '';
    const words = requestLine(request, requests?.get(sessionId));
    const shown = wrapped(words, keys, { columns, most: index === 0 ? 2 * room : 1, ellipsis });
    return isByKey
      ? shown
      : [...shown, cutToWidth(commandFor(progress.groupId, request, columns), columns, ellipsis)];
  });
  const left = open.length - room;
  return left > 0
    ? [...lines, cutToWidth(`  ${left} more ${left > 1 ? 'wait' : 'waits'} for approval`, columns, ellipsis)]
    : lines;
}

interface Wrapping {
  readonly columns: number;
  /** How many lines there may be. */
  readonly most: number;
  readonly ellipsis: string;
}

/** The words, and on the last line, or below it, the keys. */
function wrapped(words: string, keys: string, { columns, most, ellipsis }: Wrapping): string[] {
  const lines = wrapToWidth(cutToWidth(words, columns * most - keys.length, ellipsis), columns);
  const last = lines.pop() ?? '';
  return stringWidth(last) + keys.length <= columns ? [...lines, last + keys] : [...lines, last, keys];
}

/** `? web wants to use Bash: npm test`. @param words what it wants; default: to use the tool. */
export const requestLine = (
  { sessionId, tool }: OpenRequest,
  words = `wants to use ${cleanLine(tool)}`,
): string => `? ${cleanLine(sessionId)} ${words}`;

/** Of a command that is cut, nothing could be pasted; the last one prints those that are not. */
function commandFor(groupId: string, request: OpenRequest, columns: number): string {
  const commands = [groupId, groupId.slice(0, SHORT_ID)].map(id => approveCommand(id, request));
  return `  ${commands.find(command => command.length + 2 <= columns) ?? 'session-groups attention'}`;
}
