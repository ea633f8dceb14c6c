import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Durability, FileJournal } from '../src/store/journal/file-journal.ts';
import { journalAt, readJournal, records } from '../test/store/records.ts';

// The cost of a record at each durability: node scripts/run-ts.mjs bench/journal-cost.ts [--dir PATH]
const { values } = parseArgs({ options: { dir: { type: 'string', default: tmpdir() } } });
const dir = mkdtempSync(join(resolve(values.dir), 'sg-cost-'));

/** @param together how many records share one `synced`. */
async function measure(name: string, durability: Durability, count: number, together: number): Promise<void> {
  const path = join(dir, `${name}.ndjson`.replaceAll(' ', '-'));
  const { journal } = FileJournal.open(journalAt(path), { durability });
  const all = records(count);
  const start = performance.now();
  for (let index = 0; index < count; index += together) {
    for (const record of all.slice(index, index + together)) journal.append(record);
    await journal.synced();
  }
  const micros = ((performance.now() - start) * 1_000) / count;
  await journal.close();
  const bytes = Math.round(statSync(path).size / count);
  process.stdout.write(
    `${name.padEnd(34)} ${micros.toFixed(1).padStart(8)} us per record of ${bytes} bytes\n`,
  );
}

await measure('warm-up', 'process', 20_000, 1);
await measure('process', 'process', 100_000, 1);
await measure('power, each waits', 'power', 500, 1);
await measure('power, 10 wait together', 'power', 5_000, 10);
await measure('power, 100 wait together', 'power', 50_000, 100);
const start = performance.now();
const { length } = readJournal(join(dir, 'process.ndjson')).records;
process.stdout.write(`reading ${length} records: ${Math.round(performance.now() - start)} ms\n`);
rmSync(dir, { recursive: true });
