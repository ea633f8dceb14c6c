import { median } from './lib/measure.mjs';

const number = value => {
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};
const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');

/** A case that a round does not have. */
class Missing extends Error {}

/**
 * What a row comes to: the median over the rounds that have its cases. A ratio is one within a round, never of figures
 * that were measured at different times. Undefined if no round has them.
 */
export function outcomeOf(row, rounds) {
  const values = rounds.flatMap(round => {
    try {
      return row.value(name => {
        if (!round[name]) throw new Missing(name);
        return round[name];
      });
    } catch (error) {
      if (error instanceof Missing) return [];
      throw error;
    }
  });
  if (values.length === 0) return undefined;
  const value = median(values);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (row.atLeast === undefined && row.atMost === undefined) return { value, least, most, verdict: '' };
  const holds = bound => (row.atLeast === undefined ? value <= bound : value >= bound);
  const isHeld = holds(row.atLeast ?? row.atMost);
  const stretched = isHeld && row.stretch !== undefined && holds(row.stretch);
  const verdict = stretched ? 'held, and the stretch' : isHeld ? 'held' : '**missed**';
  return { value, least, most, verdict };
}

/** RESULTS.md from the raw figures of all workloads that have some. */
export function render(workloads, raw) {
  const measured = workloads.filter(({ name }) => raw[name]);
  return `# Measured

Written by \`npm run bench\` from \`results.json\`; not by hand. **B** is binding. A figure is the median over the rounds of a
run, in brackets the least and the most; a ratio is one within a round. CPU is that of the measuring process, user and
system. How it is measured, and how a contender or a row is added: [CONTRIBUTING.md](../CONTRIBUTING.md), "A measurement".

## Targets

${table(
  ['', 'row', 'measured', 'target', 'stretch', ''],
  measured.flatMap(workload => targets(workload, raw[workload.name])),
)}
${tried(measured)}
${measured.map(workload => details(workload, raw[workload.name])).join('\n')}`;
}

function targets(workload, { rounds }) {
  return workload.rows.flatMap(row => {
    const outcome = outcomeOf(row, rounds);
    if (!outcome) return [];
    const { value, least, most, verdict } = outcome;
    const bound = limit =>
      limit === undefined ? '' : `${row.atLeast === undefined ? '≤' : '≥'} ${limit.toLocaleString('en')}`;
    const shown = `${number(value)} ${row.unit && `${row.unit} `}[${number(least)}–${number(most)}]`;
    const target = bound(row.atLeast ?? row.atMost);
    return [
      [
        row.binding ? '**B**' : '',
        `${workload.name} ${row.name}`,
        shown,
        target,
        bound(row.stretch),
        verdict,
      ],
    ];
  });
}

/** What was tried where a target is missed. */
function tried(workloads) {
  const notes = workloads.flatMap(({ name, rows }) =>
    rows.flatMap(row => (row.tried ? [`- ${name} ${row.name}: ${row.tried}`] : [])),
  );
  return notes.length === 0 ? '' : `\n${notes.join('\n')}\n`;
}

function details({ name, title, about, cases, figuresDiffer }, measured) {
  const { rounds, skipped, scale, date, commit, machine, load, node, versions, fleet } = measured;
  const all = new Map(cases({ size: count => count }).map(one => [one.name, one]));
  const names = [...new Set(rounds.flatMap(round => Object.keys(round)))].sort(
    (a, b) => [...all.keys()].indexOf(a) - [...all.keys()].indexOf(b),
  );
  const keys = [...new Set(rounds.flatMap(round => Object.values(round).flatMap(Object.keys)))];
  const hasFloor = names.some(one => all.get(one)?.floor);
  const medianOf = (one, key) =>
    median(rounds.flatMap(round => (round[one]?.[key] === undefined ? [] : [round[one][key]])));
  const rows = names.map(one => {
    const floor = all.get(one)?.floor;
    const ratio = floor && outcomeOf({ value: of => of(one).us / of(floor).us }, rounds)?.value;
    const version = versions[all.get(one)?.package];
    const figures = keys
      .map(key => medianOf(one, key))
      .map(value => (value === undefined ? '' : number(value)));
    return [
      version ? `${one} (${version})` : one,
      ...figures,
      ...(hasFloor ? [ratio ? number(ratio) : ''] : []),
    ];
  });
  /** Where the figures of cases have little in common. */
  const listed = () => {
    const known = one =>
      keys.map(key => [key, medianOf(one, key)]).filter(([, value]) => value !== undefined);
    const text = one => known(one).map(([key, value]) => `${key} ${number(value)}`);
    return table(
      ['case', 'figures'],
      names.map(one => [one, text(one).join(', ')]),
    );
  };
  const shown = figuresDiffer ? listed() : table(['case', ...keys, ...(hasFloor ? ['× floor'] : [])], rows);
  const left = Object.entries(skipped).map(([one, reason]) => `- not measured: ${one}: ${reason}`);
  return `## ${name}: ${title}

${about}

${date} UTC, commit ${commit}, Node ${node}, ${fleet ? `${fleet}, ` : ''}${machine}, load average ${number(load)}; rounds: ${rounds.length}${scale === 1 ? '' : `, **only ${scale} of each size**`}.

${shown}
${left.length === 0 ? '' : `\n${left.join('\n')}\n`}`;
}
