import { command, numberOf, UsageError } from '../command.ts';
import { LARGEST_SEED } from '../random.ts';
import { realSoak } from './real.ts';
import { simulatedSoak } from './simulated.ts';

const USAGE = `usage: npm run soak -- [OPTIONS]: what a process holds is back to where it began
  --days N      of simulated time (default: 2)
  --minutes N   of real processes (default: 10)
  --seed N      what the groups are made of (default: 1)`;

await command(
  USAGE,
  {
    days: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
  async values => {
    const days = numberOf('days', values.days, { most: 365, whole: false });
    const minutes = numberOf('minutes', values.minutes, { most: 1_440, whole: false });
    const seed = numberOf('seed', values.seed, { most: LARGEST_SEED });
    if (days + minutes === 0) throw new UsageError('nothing is left to do');
    const wrong = [
      ...(days > 0 ? await simulatedSoak(days, seed) : []),
      ...(minutes > 0 ? await realSoak(minutes, seed) : []),
    ];
    for (const line of wrong) process.stdout.write(`${line}\n`);
    return wrong.length > 0 ? 1 : 0;
  },
);
