import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { builtCli } from '../cli/built-cli.ts';
import { claudeExecutable, STEADY_MODEL } from '../support/claude-bench.ts';
import { type GroupBench, groupBench } from '../support/group-bench.ts';
import { reply, text } from '../support/messages-api/answers.ts';

/* `session open` with the real client: the conversation is the same one, and what a person spends in it is not counted. */

let bench: GroupBench;
beforeEach(async () => {
  bench = await groupBench();
});
afterEach(() => bench.close());

const usage = { input: 1_000, output: 1_000 };
const REPLY_USD = (1_000 * 5 + 1_000 * 25) / 1e6;

/** The environment of a person's shell. */
const shell = () => ({
  ...bench.env,
  SESSION_GROUPS_DATA_DIR: join(bench.folder, 'data'),
  SESSION_GROUPS_CLAUDE: claudeExecutable(),
  XDG_RUNTIME_DIR: join(bench.folder, 'data'),
  LC_ALL: 'C.UTF-8',
  TERM: 'xterm-256color',
});
/** The API is in this process, so nothing may block it. */
const output = async (command: string, args: readonly string[], env: NodeJS.ProcessEnv = shell()) =>
  (await promisify(execFile)(command, args, { env })).stdout;
const cli = (...argv: string[]) => output(process.execPath, [builtCli(), ...argv]);

/** A group whose session has failed after its first reply, so that it can be retried in the same conversation. */
async function failed(): Promise<GroupRunner> {
  const store = createFileStore({ dataDir: join(bench.folder, 'data') });
  const { group } = await bench.create(
    {
      name: 'hand',
      config: { model: STEADY_MODEL },
      sessions: [
        {
          id: 'a',
          projectPath: bench.repository('a'),
          prompt: 'begin',
          outputSchema: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
          retry: { maximumAttempts: 1 },
        },
      ],
    },
    { store },
  );
  bench.api.answerWith(({ side }) => (side ? undefined : text('The first answer.', { usage })));
  expect((await group.run()).status).toBe('failed');
  return group;
}
const costOf = async (id: string): Promise<number> =>
  JSON.parse(await cli('session', 'show', id, 'a', '--json')).costUsd;

test('the printed command goes on with the conversation, wherever the shell has its configuration', async () => {
  const group = await failed();
  await group.dispose();
  expect(await costOf(group.id)).toBeGreaterThanOrEqual(REPLY_USD - 1e-6);
  const line = (await cli('session', 'open', group.id, 'a')).trim();
  bench.api.answerWith(({ side }) => (side ? undefined : text('An answer by hand.', { usage })));
  const said = await output('sh', ['-c', `${line} -p "and now by hand" --model ${STEADY_MODEL} </dev/null`], {
    ...shell(),
    CLAUDE_CONFIG_DIR: '/nowhere',
  });
  expect(said).toContain('An answer by hand.');
  expect(JSON.stringify(bench.api.requests.at(-1))).toContain('The first answer.');
});

test('--exec runs the client in this terminal; what is spent there is not counted, also once the group goes on', async () => {
  const group = await failed();
  await group.dispose();
  const before = await costOf(group.id);
  const config = join(bench.env.CLAUDE_CONFIG_DIR ?? '', '.claude.json');
  writeFileSync(
    config,
    JSON.stringify({
      ...JSON.parse(readFileSync(config, 'utf8')),
      hasCompletedOnboarding: true,
      theme: 'dark',
      customApiKeyResponses: { approved: ['test'], rejected: [] },
      projects: { [join(bench.folder, 'a')]: { hasTrustDialogAccepted: true } },
    }),
  );
  bench.api.answerWith(({ side }) => (side ? undefined : text('An answer by hand.', { usage })));
  const words = [process.execPath, builtCli(), 'session', 'open', group.id, 'a', '--exec'];
  const command = `stty cols 100 rows 40; ${words.map(word => `'${word}'`).join(' ')}`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { env: shell(), cwd: bench.folder });
  let screen = '';
  terminal.stdout.on('data', bytes => {
    screen += bytes;
  });
  const ended = new Promise<number | null>(resolve => terminal.once('close', resolve));
  const shows = (wanted: string) =>
    vi.waitFor(() => expect(stripVTControlCharacters(screen).replace(/\s+/g, '')).toContain(wanted), {
      timeout: 60_000,
      interval: 200,
    });
  await shows('Thefirstanswer.');
  terminal.stdin.write('more please');
  await shows('moreplease');
  terminal.stdin.write('\r');
  await shows('Ananswerbyhand.');
  terminal.stdin.write('\u0003');
  terminal.stdin.write('\u0003');
  expect(await ended).toBe(0);
  expect(await costOf(group.id)).toBe(before);

  let replies = 0;
  bench.api.answerWith(({ side }) => {
    if (side) return undefined;
    replies += 1;
    return reply([{ tool: 'StructuredOutput', input: { n: 1 } }], { usage });
  });
  await cli('group', 'retry', group.id, '--json');
  const last = JSON.stringify(bench.api.requests.at(-1));
  expect(last).toContain('more please');
  expect((await costOf(group.id)) - before).toBeCloseTo(replies * REPLY_USD, 5);
});
