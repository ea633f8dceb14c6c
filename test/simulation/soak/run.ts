import { parseArgs } from 'node:util';
import { realSoak } from './real.ts';
import { simulatedSoak } from './simulated.ts';

/* `npm run soak -- [--days 2] [--minutes 10] [--seed 1]`: what a process holds is back to where it began. */

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});

const seed = Number(values.seed);
const wrong = [
  ...(Number(values.days) > 0 ? await simulatedSoak(Number(values.days), seed) : []),
  ...(Number(values.minutes) > 0 ? await realSoak(Number(values.minutes), seed) : []),
];
for (const line of wrong) process.stdout.write(`${line}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
