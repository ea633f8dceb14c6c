import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/sdk/clock.ts';
import { deferred } from '../src/sdk/process/deferred.ts';
import { markerOf, spawnProcess } from '../src/sdk/process/process.ts';

// How long the event loop is blocked while process trees live, and when they all end at once:
// node scripts/run-ts.mjs bench/process-trees.ts [--trees 200] [--ending 80] [--seconds 10]
const { values } = parseArgs({
  options: {
    trees: { type: 'string', default: '200' },
    ending: { type: 'string', default: '80' },
    seconds: { type: 'string', default: '10' },
  },
});

/** A shell with two children, one of them in a session of its own. */
const TREE = 'setsid sleep 3600 & sleep 3600 & echo up; wait';

async function start(count: number) {
  const trees = [];
  for (let index = 0; index < count; index += 1) {
    const marker = markerOf({ groupId: 'bench', sessionId: `s${index}`, attempt: 1 });
    const up = deferred<void>();
    const tree = spawnProcess(
      {
        command: '/bin/sh',
        args: ['-c', TREE],
        cwd: '/',
        env: { PATH: process.env.PATH ?? '' },
        marker,
        stdout: { onLine: () => up.resolve(undefined) },
      },
      systemClock,
    );
    await up.promise;
    trees.push(tree);
  }
  return trees;
}

/** Loop delay beyond the resolution of the measurement, and CPU, while something goes on. */
async function measure(name: string, run: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  delay.enable();
  await run();
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const wall = performance.now() - begun;
  const ms = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);
  process.stdout.write(
    `${name.padEnd(34)} ${(wall / 1_000).toFixed(1)} s, ${Math.round((user + system) / 1_000)} ms of CPU, ` +
      `loop delay: 99 % ${ms(delay.percentile(99))} ms, most ${ms(delay.max)} ms\n`,
  );
}

const [live, ending, seconds] = [values.trees, values.ending, values.seconds].map(Number);
await measure('nothing (what the machine adds)', () => pause(1_000 * (seconds ?? 0)));
const trees = await start(live ?? 0);
await measure(`${live} trees live`, () => pause(1_000 * (seconds ?? 0)));
const first = trees.splice(0, ending);
const end = (list: typeof trees) =>
  Promise.all(
    list.map(tree => {
      tree.kill();
      return tree.exited;
    }),
  );
await measure(`${first.length} of them end at once`, () => end(first));
await measure(`the other ${trees.length} end at once`, () => end(trees));
