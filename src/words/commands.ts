import { QUESTION_TOOL } from '../../machines/vocabulary.ts';
import { shellWord } from '../sdk/format.ts';

/** The commands to suggest, with the full id, ready to paste. */

export const resumeCommand = (id: string): string => `session-groups group resume ${id}`;
/** @param sessions the only ones, with what was skipped because of them. Default: all that did not complete. */
export const retryCommand = (id: string, sessions: readonly string[] = []): string =>
  ['session-groups group retry', id, ...sessions.map(session => `--session ${session}`)].join(' ');
export const runCommand = (id: string): string => `session-groups group run ${id}`;
export const archiveCommand = (id: string): string => `session-groups group archive ${id}`;
export const integrateCommand = (id: string): string => `session-groups group integrate ${id}`;
export const pullRequestsCommand = (id: string): string => `session-groups group pr ${id}`;
export const updateCommand = (id: string): string => `session-groups group update ${id}`;
export const diffCommand = (id: string, session: string): string =>
  `session-groups session diff ${id} ${session}`;
export const showCommand = (id: string): string => `session-groups group show ${id}`;
export const sessionCommand = (id: string, session: string): string =>
  `session-groups session show ${id} ${session}`;
export const watchCommand = (id: string): string => `session-groups group watch ${id}`;
export const letGoCommand = (id: string, session: string): string =>
  `session-groups session resume ${id} ${session}`;
/** An open permission request. */
interface Asked {
  readonly sessionId: string;
  readonly requestId: string;
  /** What it asks for; a question needs an answer. */
  readonly tool: string;
}

/**
 * Names the request, so that nobody allows with it what was asked for since.
 * @param answers how many, or for a shell. Default: one.
 */
export function approveCommand(id: string, asked: Asked, answers: number | readonly string[] = 1): string {
  const given = typeof answers === 'number' ? Array<string>(answers).fill('TEXT') : answers;
  const options = asked.tool === QUESTION_TOOL ? given.map(answer => ` --answer ${answer}`).join('') : '';
  return `session-groups session approve${answering(id, asked, options)}`;
}
export const denyCommand = (id: string, asked: Asked): string =>
  `session-groups session deny${answering(id, asked)}`;

/** An agent has made up the request's id: whatever that is, it stays an argument. */
function answering(id: string, { sessionId, requestId }: Asked, options = ''): string {
  const words = ` ${id} ${sessionId} ${shellWord(requestId.replace(/[\p{C}\s]+/gu, ' '))}`;
  return requestId.startsWith('-') ? `${options} --${words}` : `${words}${options}`;
}
/** To twice the spent or allowed amount, so that the group can resume. */
export const raiseCommand = (id: string, spentUsd: number, limitUsd = 0): string =>
  `${resumeCommand(id)} --max-budget-usd ${Math.max(1, Math.ceil(2 * Math.max(spentUsd, limitUsd)))}`;
