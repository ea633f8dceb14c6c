import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { groupWorld } from '../test/support/kills/group-world.ts';
import { KillMatrix, type World } from '../test/support/kills/matrix.ts';
import { randomFrom } from '../test/support/kills/random-kills.ts';
import { workspaceWorld } from '../test/support/kills/workspace-world.ts';

// Kills an engine with workspaces at every point around its git calls, records and changes of files, and compares how
// things end. The engine is the git layer with a journal, or, with `--engine whole`, the whole one. POINTS=git,records,files
// leaves kinds out:
//   node scripts/run-ts.mjs bench/workspace-kills.ts [--engine whole] [--every N] [--from N] [--twice N] [--random N] [--seed N]
const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'small' },
    every: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
    twice: { type: 'string', default: '0' },
    random: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'workspace-kills-'));
const world: World<object> = values.engine === 'whole' ? groupWorld(`kills-${process.pid}`) : workspaceWorld;
// Compiled apart: the engines start often.
const compile = `import { compile } from './scripts/run-ts.mjs'; console.log(compile('${world.life}'));`;
const life = execFileSync(process.execPath, ['--input-type=module', '--eval', compile], {
  encoding: 'utf8',
}).trim();
const matrix = new KillMatrix(folder, world, life);
const random = randomFrom(Number(values.seed));

const began = performance.now();
const { points: all, end } = await matrix.live([]);
const points = all.length;
const lifeMs = performance.now() - began;
console.log(`undisturbed: ${points} points in ${(lifeMs / 1000).toFixed(1)} s`);

let bad = 0;
let done = 0;
async function check(name: string, live: () => Promise<{ readonly end: object }>): Promise<void> {
  try {
    const lived = await live();
    if (isDeepStrictEqual(lived.end, end)) done += 1;
    else report(name, JSON.stringify(lived.end));
  } catch (error) {
    report(name, error instanceof Error ? error.message : String(error));
  }
}
function report(name: string, text: string): void {
  bad += 1;
  console.log(`BAD ${name}: ${text.slice(0, 3_000)}`);
}

for (let at = Number(values.from); at <= points; at += Number(values.every)) {
  await check(`killed at ${at}`, () => matrix.live([at]));
  if ((done + bad) % 50 === 0) console.log(`${at} of ${points}: ${done} good, ${bad} bad`);
}
console.log(`once: ${done} good, ${bad} bad`);
const anywhere = () => 1 + Math.floor(random() * points);
for (let left = Number(values.twice); left > 0; left -= 1) {
  const deaths = [anywhere(), anywhere()];
  await check(`killed at ${deaths.join(' and ')}`, () => matrix.live(deaths));
}
console.log(`with those killed twice: ${done} good, ${bad} bad`);
let kills = 0;
for (let left = Number(values.random); left > 0; left -= 1) {
  await check(`random run ${left}`, async () => {
    const lived = await matrix.liveRandomly(random, lifeMs);
    kills += lived.kills;
    return lived;
  });
}
console.log(
  `with ${kills} random kills: ${done} good, ${bad} bad; ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
rmSync(folder, { recursive: true, force: true });
process.exitCode = bad === 0 ? 0 : 1;
