import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Running, startCli } from '../cli/built-cli.ts';
import { claudeExecutable } from '../support/claude-bench.ts';
import { treeOf } from '../support/delivering-clients.ts';
import { examplePlace, exampleSessionOf } from '../support/example-place.ts';
import { type GroupBench, groupBench } from '../support/group-bench.ts';
import { silence, slow, text, toolUse } from '../support/messages-api/answers.ts';
import { Gate } from '../support/messages-api/pace.ts';
import type { RecordedRequest } from '../support/messages-api/request.ts';
import { RedisServer } from '../support/redis-server.ts';
import { repositoryAt } from '../support/repository.ts';

/* The example of the README over two workers, with real clients: what was asked of the model is what was paid for. */

let bench: GroupBench;
let redis: RedisServer;
let place: string;
const processes: Running[] = [];
beforeEach(async () => {
  bench = await groupBench();
  redis = await RedisServer.begin();
  place = examplePlace(join(bench.folder, 'place'));
});
afterEach(async () => {
  for (const { process, ended } of processes.splice(0)) {
    process.kill('SIGKILL');
    await ended;
  }
  expect(bench.api.failures).toEqual([]);
  await redis.end();
  await bench.close();
});

/** `SESSION TURN`, from 0: a turn follows each call of a tool. */
function turnOf({ body }: RecordedRequest): string {
  const blocks = body.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  return `${exampleSessionOf({ body })} ${blocks.filter(({ type }) => type === 'tool_use').length}`;
}

function start(...argv: string[]): Running {
  const running = startCli(argv, join(place, 'group'), {
    ...bench.env,
    SESSION_GROUPS_CLAUDE: claudeExecutable(),
    SESSION_GROUPS_CONFIG_DIR: join(bench.folder, 'settings'),
    SESSION_GROUPS_DATA_DIR: join(bench.folder, 'data'),
    SESSION_GROUPS_WORK_DIR: join(bench.folder, 'work'),
    SESSION_GROUPS_REDIS: `redis://127.0.0.1:${redis.port}`,
  });
  processes.push(running);
  return running;
}

async function worker(): Promise<Running> {
  const running = start('worker', '--lease', '3s', '--concurrency', '2');
  await running.says('Serving the pool');
  return running;
}

it('finishes though a worker is killed and the process of the group, too, and asks for no turn twice but the one that was cut', async () => {
  const variables = Object.keys(bench.env).filter(name => /^(ANTHROPIC|CLAUDE)_/.test(name));
  mkdirSync(join(bench.folder, 'settings'));
  writeFileSync(join(bench.folder, 'settings', 'config.yaml'), JSON.stringify({ worker: { variables } }));
  const asked: string[] = [];
  const gates = { 'gateway 0': new Gate(), 'web 0': new Gate() };
  bench.api.answerWith(request => {
    if (request.side) return undefined;
    const turn = turnOf(request);
    asked.push(turn);
    const write = (path: string, content: string) =>
      toolUse('Write', { file_path: join(treeOf(request.body), path), content });
    switch (turn) {
      case 'shared-lib 0':
        return write('src/auth.js', 'export const readToken = () => undefined;\n');
      case 'shared-lib 1':
        return asked.filter(other => other === turn).length === 1 ? silence() : text('the contract');
      case 'release-notes 0':
        return write('CHANGELOG.md', '## 1.1.0\n');
      case 'gateway 0':
      case 'web 0':
        return slow('A token without an expiry is refused.', gates[turn]);
      default:
        return text('done');
    }
  });
  const asks = (turn: string) => expect.poll(() => asked, { timeout: 60_000 }).toContain(turn);

  const first = await worker();
  const run = start('run', 'session-groups.yaml', '--executor', 'bullmq', '--plain');
  await asks('shared-lib 1');
  await worker();
  first.process.kill('SIGKILL');
  await Promise.all([asks('gateway 0'), asks('web 0')]);
  run.process.kill('SIGKILL');
  await run.ended;
  for (const gate of Object.values(gates)) gate.open();
  const next = start('group', 'resume', '@latest', '--json');
  expect(await next.ended, next.err()).toBe(0);

  expect(asked.toSorted()).toEqual([
    'gateway 0',
    'release-notes 0',
    'release-notes 1',
    'shared-lib 0',
    'shared-lib 1',
    'shared-lib 1',
    'web 0',
  ]);
  const lines = next.out().trim().split('\n');
  const { groupId } = JSON.parse(lines.at(-1) ?? '');
  const library = repositoryAt(join(place, 'shared-lib'));
  expect(library.git('log', '--reverse', '--format=%s', `session-groups/${groupId}/_merged`)).toBe(
    'Start\nWork of session shared-lib\nWork of session release-notes\n',
  );
});
