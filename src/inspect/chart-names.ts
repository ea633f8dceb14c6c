/** The statecharts, by name; apart from them, so that a name can be checked without loading XState. */
export const CHART_NAMES = ['group', 'session', 'budget', 'quota'] as const;
export type ChartName = (typeof CHART_NAMES)[number];

/** The forms in which a chart can be printed. */
export const CHART_FORMATS = ['mermaid', 'json'] as const;
