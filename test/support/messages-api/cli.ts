import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { slow, text } from './answers.ts';
import { environment } from './environment.ts';
import { every } from './pace.ts';
import { startMessagesApi } from './server.ts';

/**
 * Starts a stand-in manually and prints the environment of a client as `export` lines:
 *
 *     node scripts/run-ts.mjs test/support/messages-api/cli.ts [--port N] [--answer TEXT] [--delay MS]
 *
 * It answers every request with TEXT (default: ok), word by word if there is a delay, until Ctrl-C.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    answer: { type: 'string', default: 'ok' },
    delay: { type: 'string', default: '0' },
  },
});
const api = await startMessagesApi({ port: Number(values.port) });
const delay = Number(values.delay);
api.answerWith(() => (delay > 0 ? slow(values.answer, every(delay)) : text(values.answer)));
const folder = mkdtempSync(join(tmpdir(), 'messages-api-'));
for (const [name, value] of Object.entries(environment(api, folder))) {
  if (name !== 'PATH') process.stdout.write(`export ${name}='${value}'\n`);
}
process.once('SIGINT', () => void api.close());
process.once('SIGTERM', () => void api.close());
