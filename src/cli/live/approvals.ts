import type { GroupProgress } from '../../sdk/group/progress/progress.ts';
import { approveCommand } from '../advice.ts';
import { cleanLine } from '../text.ts';
import { cutToWidth } from '../width.ts';

/** More would leave too little room for the sessions. */
const MAX_REQUESTS = 2;
/** `YYYYMMDD-HHMMSS`: the prefix of an id for terminals that are too narrow for all of it. */
const SHORT_ID = 15;

export interface ApprovalLook {
  readonly columns: number;
  readonly ellipsis: string;
  /** The permission request of each session, in words. */
  readonly requests?: ReadonlyMap<string, string> | undefined;
}

/** Two lines per session with an open permission request: the request, and the command that allows it. */
export function approvalLines({ groupId, sessions }: GroupProgress, look: ApprovalLook): string[] {
  const { columns, ellipsis, requests } = look;
  return sessions
    .flatMap(({ id, why }) => (why?.kind === 'approval' ? [{ id, tool: why.tool }] : []))
    .slice(0, MAX_REQUESTS)
    .flatMap(({ id, tool }) => {
      const whole = `  ${approveCommand(groupId, id, tool)}`;
      const command =
        whole.length <= columns ? whole : `  ${approveCommand(groupId.slice(0, SHORT_ID), id, tool)}`;
      const request = `? ${cleanLine(id)} wants to use ${requests?.get(id) ?? cleanLine(tool)}`;
      return [cutToWidth(request, columns, ellipsis), cutToWidth(command, columns, ellipsis)];
    });
}
