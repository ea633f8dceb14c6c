import type { GroupList } from '../api-types.ts';

/** The ids of the groups that are kept. */
export const idsOf = ({ groups }: GroupList): readonly string[] => groups.map(({ id }) => id);

document.title = 'session-groups';
