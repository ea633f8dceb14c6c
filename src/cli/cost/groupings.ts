/** What costs can be added up by. */
export const GROUPINGS = ['project', 'day', 'model', 'group'] as const;
export type Grouping = (typeof GROUPINGS)[number];
