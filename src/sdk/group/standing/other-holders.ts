import type { ProjectHolder } from '../../project/project-gate.ts';
import type { OtherHolder } from '../progress/progress.ts';

/** The sessions among those who hold a project: `GROUP/SESSION`. */
export const otherHolders = (holders: readonly ProjectHolder[]): OtherHolder[] =>
  holders.flatMap(({ holder, ...state }) => {
    const at = holder.indexOf('/');
    return at <= 0 ? [] : { groupId: holder.slice(0, at), sessionId: holder.slice(at + 1), ...state };
  });
