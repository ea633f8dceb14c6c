// An agent that works until it is told to stop: told-agent.mjs FILE, to which it appends the moment of its SIGTERM.
import { appendFileSync } from 'node:fs';

process.once('SIGTERM', () => {
  appendFileSync(process.argv[2], `${Number(process.hrtime.bigint()) / 1e6}\n`);
  process.exit(1);
});
process.stdin.resume();
setInterval(() => {}, 60_000);
process.stdout.write('up\n');
