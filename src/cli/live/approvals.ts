import type { GroupProgress } from '../../sdk/group/progress/progress.ts';
import { approveCommand } from '../advice.ts';
import { cleanLine, cutToWidth } from '../text.ts';

/** More than these would leave too little room for the sessions. */
const MOST = 2;
/** `YYYYMMDD-HHMMSS`: enough of an id, where a terminal is too narrow for the whole. */
const SHORT_ID = 15;

export interface ApprovalLook {
  readonly columns: number;
  readonly ellipsis: string;
  /** What each session wants, in words. */
  readonly requests?: ReadonlyMap<string, string> | undefined;
}

/** Two lines for each session that waits for a person: what it wants, and the command that allows it. */
export function approvalLines({ groupId, sessions }: GroupProgress, look: ApprovalLook): string[] {
  const { columns, ellipsis, requests } = look;
  return sessions
    .flatMap(({ id, why }) => (why?.kind === 'approval' ? [{ id, tool: why.tool }] : []))
    .slice(0, MOST)
    .flatMap(({ id, tool }) => {
      const whole = `  ${approveCommand(groupId, id)}`;
      const command = whole.length <= columns ? whole : `  ${approveCommand(groupId.slice(0, SHORT_ID), id)}`;
      const wants = `? ${cleanLine(id)} wants ${requests?.get(id) ?? cleanLine(tool)}`;
      return [cutToWidth(wants, columns, ellipsis), cutToWidth(command, columns, ellipsis)];
    });
}
