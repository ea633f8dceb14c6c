import { groupBench } from '../test/support/group-bench.ts';
import { moneyShapes, runShape } from '../test/support/money-shapes.ts';

// What a group says that each shape of spending costs, against the real client and the stand-in of its API:
// SESSION_GROUPS_CLAUDE=$(node scripts/ensure-claude.mjs) node scripts/run-ts.mjs bench/money.ts [NAME…]
const wanted = process.argv.slice(2);
const usd = (amount: number): string => amount.toFixed(6).padStart(10);
process.stdout.write(`${'shape'.padEnd(36)}   estimate      group     client        API\n`);
for (const shape of moneyShapes()) {
  if (wanted.length > 0 && !wanted.some(name => shape.name.includes(name))) continue;
  const bench = await groupBench();
  try {
    const { estimatedUsd, finalUsd, clientUsd, apiUsd, group, all } = await runShape(bench, shape);
    const notes = [
      group.getResult().status,
      ...all('session_warning').map(({ message }) => message.slice(0, 60)),
    ];
    const figures = [estimatedUsd, finalUsd, clientUsd, apiUsd].map(usd).join(' ');
    process.stdout.write(`${shape.name.padEnd(36)} ${figures}  ${notes.join('; ')}\n`);
  } finally {
    await bench.close();
  }
}
