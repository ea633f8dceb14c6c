import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { main } from '../../src/cli/main.ts';
import { CHARTS } from '../../src/inspect/charts.ts';
import { describeChart } from '../../src/inspect/describe-chart.ts';
import { toMermaid } from '../../src/inspect/mermaid.ts';
import { FakeGroup, FakeIo, fakeServices } from './fakes.ts';

async function cli(argv: readonly string[], io = new FakeIo()) {
  const code = await main(argv, io, fakeServices(new FakeGroup()));
  return { code, out: io.stdout.text, err: io.stderr.text };
}

describe('chart', () => {
  it("prints the group's chart for Mermaid unless something else is asked for", async () => {
    const { code, out, err } = await cli(['chart']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(toMermaid(CHARTS.group));
    expect(await cli(['chart', 'group', '--format', 'mermaid'])).toEqual({ code, out, err });
    const terminal = new FakeIo({ terminal: { columns: 80, rows: 24 } });
    expect(await cli(['chart'], terminal)).toEqual({ code, out, err });
  });

  it.each(Object.entries(CHARTS))(
    'prints the chart of the %s as JSON that XState reads',
    async (name, machine) => {
      const { code, out, err } = await cli(['chart', name, '--format', 'json']);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(describeChart(createMachine(JSON.parse(out)))).toEqual(describeChart(machine));
      expect((await cli(['chart', name])).out).toBe(toMermaid(machine));
    },
  );

  it.each([
    [['chart', 'sesion'], 'there is no chart "sesion"', 'Did you mean "session"?'],
    [['chart', 'attempt'], 'there is no chart "attempt"', 'Use group, session, budget or quota.'],
    [['chart', 'constructor'], 'there is no chart "constructor"', 'Use group'],
    [['chart', '--format', 'jsn'], 'there is no format "jsn"', 'Did you mean "json"?'],
    [['chart', '--format', 'svg'], 'there is no format "svg"', 'Use mermaid or json.'],
    [['chart', 'group', 'session'], 'too many arguments', ''],
  ])('refuses %j with exit 2', async (argv, message, way) => {
    const { code, out, err } = await cli(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain(way);
  });

  it('says in its help which charts and formats there are', async () => {
    const { code, out } = await cli(['chart', '--help']);
    expect(code).toBe(0);
    for (const word of [...Object.keys(CHARTS), 'mermaid', 'json']) expect(out).toContain(word);
  });
});
