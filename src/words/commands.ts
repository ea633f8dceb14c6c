import { QUESTION_TOOL } from '../../machines/vocabulary.ts';

/** The commands to suggest, with the full id, ready to paste. */

export const resumeCommand = (id: string): string => `session-groups group resume ${id}`;
export const retryCommand = (id: string): string => `session-groups group retry ${id}`;
export const runCommand = (id: string): string => `session-groups group run ${id}`;
export const archiveCommand = (id: string): string => `session-groups group archive ${id}`;
export const integrateCommand = (id: string): string => `session-groups group integrate ${id}`;
export const showCommand = (id: string): string => `session-groups group show ${id}`;
export const sessionCommand = (id: string, session: string): string =>
  `session-groups session show ${id} ${session}`;
export const watchCommand = (id: string): string => `session-groups group watch ${id}`;
export const letGoCommand = (id: string, session: string): string =>
  `session-groups session resume ${id} ${session}`;
/**
 * `tool`: what it asks for; a question needs an answer.
 * @param answers how many, or for a shell. Default: one.
 */
export function approveCommand(
  id: string,
  session: string,
  tool: string,
  answers: number | readonly string[] = 1,
): string {
  const given = typeof answers === 'number' ? Array<string>(answers).fill('TEXT') : answers;
  const options = tool === QUESTION_TOOL ? given.map(answer => ` --answer ${answer}`).join('') : '';
  return `session-groups session approve ${id} ${session}${options}`;
}
export const denyCommand = (id: string, session: string): string =>
  `session-groups session deny ${id} ${session}`;
/** To twice the spent or allowed amount, so that the group can resume. */
export const raiseCommand = (id: string, spentUsd: number, limitUsd = 0): string =>
  `${resumeCommand(id)} --max-budget-usd ${Math.max(1, Math.ceil(2 * Math.max(spentUsd, limitUsd)))}`;
