import { z } from 'zod';
import { CHART_FORMATS, CHART_NAMES } from '../../inspect/chart-names.ts';
import type { CliContext } from '../context.ts';
import { knownName } from '../program/known-name.ts';

const ChartOptions = z.object({ format: z.string() });

/** `chart [NAME]`: prints one of the statecharts that run a group. */
export async function chart(context: CliContext, word: string, given: unknown): Promise<void> {
  const name = knownName('chart', word, CHART_NAMES);
  const format = knownName('format', ChartOptions.parse(given).format, CHART_FORMATS);
  const { CHARTS } = await import('../../inspect/charts.ts');
  const { toMermaid } = await import('../../inspect/mermaid.ts');
  const { toStatelyJson } = await import('../../inspect/stately-json.ts');
  const write = { mermaid: toMermaid, json: toStatelyJson }[format];
  context.io.stdout.write(write(CHARTS[name]));
}
