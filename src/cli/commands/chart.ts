import { z } from 'zod';
import { CHART_FORMATS, CHART_NAMES } from '../../inspect/chart-names.ts';
import { sentence } from '../../sdk/format.ts';
import { didYouMean } from '../../sdk/group/document/suggest.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import { oneOf } from '../program/options.ts';

const ChartOptions = z.object({ format: z.string() });

/** `chart [NAME]`: prints one of the statecharts that run a group. */
export async function chart(context: CliContext, word: string, given: unknown): Promise<void> {
  const name = known('chart', word, CHART_NAMES);
  const format = known('format', ChartOptions.parse(given).format, CHART_FORMATS);
  const { CHARTS } = await import('../../inspect/charts.ts');
  const { toMermaid } = await import('../../inspect/mermaid.ts');
  const { toStatelyJson } = await import('../../inspect/stately-json.ts');
  const write = { mermaid: toMermaid, json: toStatelyJson }[format];
  context.io.stdout.write(write(CHARTS[name]));
}

function known<T extends string>(what: string, word: string, names: readonly T[]): T {
  const found = names.find(name => name === word);
  if (found !== undefined) return found;
  const hint = didYouMean(word, names) ?? `use ${oneOf(names)}`;
  throw new UsageError(`there is no ${what} "${word}"`, sentence(hint));
}
