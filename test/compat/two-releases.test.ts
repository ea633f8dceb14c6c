// @module-tag processes
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileStore, createSessionGroup, type SessionGroupInput } from '../../src/index.ts';
import { type BothReleases, openBothReleases, type Release } from '../support/both-releases.ts';
import type { CommandLine, StartedCommand } from '../support/command-line.ts';
import { HALF_DONE, QUICK, SLOW, scripted } from '../support/write-saved-groups/steps.ts';

/** One release runs a group, and the other sends it requests. */

const ASKING = [
  { text: 'May I?' },
  { approval: 'Bash', input: { command: 'npm test' } },
  { result: 'I might.' },
];

/** The folder of the only group. */
function groupDir({ dataDir }: BothReleases): string {
  const [id = ''] = readdirSync(join(dataDir, 'groups'));
  return join(dataDir, 'groups', id);
}

const PAIRS: readonly (readonly [Release, Release])[] = [
  ['the last release', 'today'],
  ['today', 'the last release'],
];

describe.each(PAIRS)('a group that %s runs, used by the command line of %s', (owners, askers) => {
  let both: BothReleases;
  let owner: CommandLine;
  let asker: CommandLine;
  let run: StartedCommand;
  let watch: StartedCommand;
  beforeAll(async () => {
    both = openBothReleases();
    [owner, asker] = [both.lineOf(owners), both.lineOf(askers)];
    const sessions = [scripted('library', QUICK), scripted('service', SLOW), scripted('guide', ASKING)];
    const definition = { version: 1, name: 'Demo', config: { agent: 'scripted' }, sessions };
    writeFileSync(join(both.definitions, 'demo.json'), JSON.stringify(definition));
    run = owner.start('run', 'demo.json', '--json', '--attended');
    for (const text of ['session_completed', HALF_DONE, 'approval_requested']) await run.says(text);
    watch = asker.start('group', 'watch', 'demo', '--json');
    await watch.says('approval_requested');
  });
  afterAll(() => both?.close());

  it("is shown in its owner's current state", async () => {
    const { code, lines } = await asker.run('group', 'show', 'demo', '--json');
    expect({ code, lines }).toMatchObject({
      code: 0,
      lines: [{ status: 'running', completed: 1, totalCostUsd: 0.35, owner: { pid: run.process.pid } }],
    });
    const [{ sessions }] = lines as unknown as [{ sessions: readonly { status: string }[] }];
    expect(sessions.map(({ status }) => status)).toEqual(['completed', 'running', 'awaiting_approval']);
  });

  it('refuses a request of a later protocol version', async () => {
    const lock = readFileSync(join(groupDir(both), 'owner.json'), 'utf8');
    const socket = createConnection(JSON.parse(lock).address);
    socket.write(`${JSON.stringify({ v: 2, id: 7, method: 'pause' })}\n`);
    const replies = createInterface({ input: socket })[Symbol.asyncIterator]();
    const { value } = await replies.next();
    socket.destroy();
    expect(JSON.parse(value)).toEqual({
      ...{ v: 1, id: 7, ok: false },
      error: {
        code: 'unsupported_version',
        message: 'version 2 of the protocol is not known, only 1',
        hint: 'Use the same version of session-groups on both sides.',
      },
    });
  });

  it('gets its permission request allowed', async () => {
    expect(await asker.run('session', 'approve', 'demo', 'guide')).toMatchObject({ code: 0 });
    await run.says('session_completed', 2);
  });

  it('refuses with a message what its state does not allow', async () => {
    const { code, err } = await asker.run('group', 'retry', 'demo');
    expect({ code, err }).toEqual({
      code: 5,
      err: expect.stringContaining('error: not possible while the group is running'),
    });
  });

  it('accepts one more session', async () => {
    const session = [
      '--id',
      'more',
      '--project',
      '../projects/more',
      '--prompt',
      'Go on.',
      '--depends-on',
      'service',
    ];
    expect(await asker.run('session', 'add', 'demo', ...session)).toMatchObject({ code: 0 });
    await run.says('"added":["more"]');
  });

  it('is paused, and its watchers get every event', async () => {
    expect(await asker.run('group', 'pause', 'demo')).toMatchObject({ code: 0 });
    const [ran, watched] = [await run.ended, await watch.ended];
    expect([ran.code, watched.code]).toEqual([3, 3]);
    const events = ran.lines.filter(({ seq }) => seq !== undefined);
    expect(watched.lines.filter(({ seq }) => seq !== undefined)).toEqual(events);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events).toContainEqual(expect.objectContaining({ type: 'approval_answered', by: 'cli' }));
  });

  it('is stopped by the other release once it is not running, and shown by the one that ran it', async () => {
    expect(await asker.run('group', 'stop', 'demo')).toMatchObject({ code: 0 });
    const { lines } = await owner.run('group', 'show', 'demo', '--json');
    expect(lines).toMatchObject([{ status: 'stopped', totalCostUsd: 0.35 }]);
  });
});

describe('a group that a later release runs', () => {
  let both: BothReleases;
  let later: Server;
  beforeAll(async () => {
    both = openBothReleases();
    const definition: SessionGroupInput = {
      version: 1,
      name: 'Later',
      config: { agent: 'scripted' },
      sessions: [scripted('library', QUICK)],
    };
    const store = createFileStore({ dataDir: both.dataDir });
    const group = await createSessionGroup(definition, { store, baseDir: both.definitions });
    await group.dispose();
    const error = { code: 'unsupported_version', message: 'version 1 is not known', hint: 'Update it.' };
    // It answers in the version of the request: the client understands no other.
    later = createServer(socket => {
      createInterface({ input: socket }).on('line', text => {
        const { v, id } = JSON.parse(text);
        socket.write(`${JSON.stringify({ v, id, ok: false, error })}\n`);
      });
    });
    const address = join(both.dataDir, 'later.sock');
    await new Promise<void>(resolve => later.listen(address, resolve));
    const owner = { pid: process.pid, host: hostname(), since: new Date().toISOString(), address };
    const lock = { version: 1, token: '00000000-0000-0000-0000-000000000000', ...owner };
    writeFileSync(join(groupDir(both), 'owner.json'), JSON.stringify(lock));
  });
  afterAll(async () => {
    later?.close();
    await both?.close();
  });

  it.each<Release>(['the last release', 'today'])(
    "is refused by the command line of %s with the owner's reason",
    async asker => {
      const { code, err } = await both.lineOf(asker).run('group', 'pause', 'later');
      expect({ code, err }).toEqual({ code: 1, err: 'error: version 1 is not known\nhint: Update it.\n' });
    },
  );
});
