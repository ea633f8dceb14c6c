import { z } from 'zod';
import { CHART_NAMES } from '../../inspect/chart-names.ts';
import { sentence } from '../../sdk/format.ts';
import { didYouMean } from '../../sdk/group/document/suggest.ts';
import type { Register } from '../context.ts';
import { UsageError } from '../exit-codes.ts';

const FORMATS = ['mermaid', 'json'] as const;
const ChartOptions = z.object({ format: z.string() });

/** `chart [NAME]`: prints one of the statecharts that run a group. */
export const registerChart: Register = (program, context) => {
  program
    .command('chart')
    .description('Print the statechart of a group, or another one, as a diagram')
    .argument('[chart]', oneOf(CHART_NAMES), 'group')
    .option('--format <format>', oneOf(FORMATS), 'mermaid')
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const name = known('chart', word, CHART_NAMES);
      const format = known('format', ChartOptions.parse(given).format, FORMATS);
      const { CHARTS } = await import('../../inspect/charts.ts');
      const { toMermaid } = await import('../../inspect/mermaid.ts');
      const { toStatelyJson } = await import('../../inspect/stately-json.ts');
      const write = { mermaid: toMermaid, json: toStatelyJson }[format];
      context.io.stdout.write(write(CHARTS[name]));
    });
};

function oneOf(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function known<T extends string>(what: string, word: string, names: readonly T[]): T {
  const found = names.find(name => name === word);
  if (found !== undefined) return found;
  const hint = didYouMean(word, names) ?? `use ${oneOf(names)}`;
  throw new UsageError(`there is no ${what} "${word}"`, sentence(hint));
}

const EXAMPLES = `
Examples:
  session-groups chart > group.mmd                for any Mermaid viewer
  session-groups chart session --format json      for Stately's tools, or createMachine
`;
