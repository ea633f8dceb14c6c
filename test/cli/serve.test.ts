// @module-tag processes
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../serve/observe.ts';
import { send } from '../serve/serve-world.ts';
import { readStream } from '../serve/stream-client.ts';
import type { Running } from './built-cli.ts';
import { openWorkshop, session, type Workshop } from './workshop.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

interface Address {
  readonly port: number;
  readonly token: string;
  readonly group: string | null;
}

/** The address that a command printed. */
const addressOf = async (running: Running): Promise<Address> => {
  await running.says('Page: http://127.0.0.1:');
  const [, text = ''] = /Page: (\S+)\n/.exec(running.err()) ?? [];
  const { port, hash } = new URL(text);
  const hashed = new URLSearchParams(hash.slice(1));
  return { port: Number(port), token: hashed.get('token') ?? '', group: hashed.get('group') };
};
const api = ({ port, token }: Address, path: string, method = 'GET', body?: unknown) => {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return send(port, `/api/v1${path}`, { method, headers, body });
};

describe('serve', () => {
  test('serves the page and the API of all groups; Ctrl-C pauses the groups it runs and exits', async () => {
    await shop.group(session('a', '{ hang: true }'));
    const [created] = (await shop.finished('group', 'create', 'group.yaml', '--json')).lines;
    const serving = shop.start('serve');
    const address = await addressOf(serving);
    expect(serving.out()).toBe('');
    const page = await send(address.port, '/');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toMatch(/^<!doctype html>/i);
    expect((await send(address.port, '/assets/main.js')).headers['content-type']).toMatch(
      /^text\/javascript/,
    );

    const id = String(created?.groupId);
    expect((await api(address, `/groups/${id}/run`, 'POST', {})).status).toBe(202);
    serving.process.kill('SIGINT');
    expect(await serving.ended).toBe(0);
    expect(serving.err()).toContain(`session-groups group resume ${id}`);
    const [shown] = (await shop.finished('group', 'show', id, '--json')).lines;
    expect(shown).toMatchObject({ status: 'paused', why: { reason: 'shutdown' } });
  });

  test('leaves the groups of other processes alone', async () => {
    await shop.group(session('a', '{ hang: true }'));
    const running = shop.start('run', 'group.yaml', '--plain');
    await running.says('a: started');
    const serving = shop.start('serve', '--json');
    const address = await addressOf(serving);
    expect(JSON.parse(serving.out())).toMatchObject({
      type: 'serving',
      port: address.port,
      token: address.token,
      url: expect.stringContaining(`#token=${address.token}`),
    });
    expect((await api(address, '/groups?status=running')).json.groups).toHaveLength(1);
    serving.process.kill('SIGTERM');
    expect(await serving.ended).toBe(0);
    expect(running.err()).not.toContain('paus');
    expect((await shop.finished('group', 'list', '--status', 'running', '--json')).lines).toHaveLength(1);
  });

  test('listens on the given port, and reports a busy one', async () => {
    const other = createServer();
    const port = await new Promise<number>(resolve => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const refused = await shop.finished('serve', '--port', String(port), '--json');
    expect(refused.code).toBe(2);
    expect(refused.lines).toMatchObject([{ type: 'error', code: 'port_busy' }]);
    await new Promise(resolve => other.close(resolve));
    const serving = shop.start('serve', '--port', String(port));
    expect((await addressOf(serving)).port).toBe(port);
  });

  test('opens the browser through a private file: the token is in no argument', async () => {
    const { chmod, stat } = await import('node:fs/promises');
    const opened = join(shop.folder, 'opened');
    const program = join(shop.folder, 'xdg-open');
    await writeFile(
      program,
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${opened}.part'; mv '${opened}.part' '${opened}'\n`,
    );
    await chmod(program, 0o755);
    const { PATH = '' } = process.env;
    const serving = shop.startWith({ PATH: `${shop.folder}:${PATH}` }, 'serve', '--open');
    const { token, port } = await addressOf(serving);
    let path = '';
    await until(async () => {
      path = (await readFile(opened, 'utf8').catch(() => '')).trim();
      return path !== '';
    });
    expect(path).not.toContain(token);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toContain(`url=http://127.0.0.1:${port}/#token=${token}`);
    serving.process.kill('SIGINT');
    expect(await serving.ended).toBe(0);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });
});

describe('run --web', () => {
  test('shows its group while it runs, takes answers, and closes once viewers have seen it end', async () => {
    await shop.group(session('a', '{ approval: Bash, input: { command: ls } }, { result: x }'));
    const running = shop.start('run', 'group.yaml', '--web', '--plain');
    const address = await addressOf(running);
    const { group } = address;
    const client = await readStream({ server: address }, `/groups/${group}/events`);
    // Without a terminal, --web promises that someone can answer.
    const { data } = await client.sees(frame => frame.data.type === 'approval_requested');
    const answer = { requestId: data.requestId, decision: 'allow' };
    expect((await api(address, `/groups/${group}/sessions/a/answer`, 'POST', answer)).status).toBe(202);
    expect(await running.ended).toBe(0);
    expect((await client.sees(({ event }) => event === 'end')).data).toEqual({ status: 'completed' });
    expect(client.seqs).toEqual(client.seqs.map((_, at) => at));
    expect(running.out()).toContain('completed');
    expect(running.out()).not.toContain(address.token);
  });

  test('pauses on Ctrl-C; viewers see it', async () => {
    await shop.group(session('a', '{ hang: true }'));
    const running = shop.start('run', 'group.yaml', '--web', '--plain');
    const address = await addressOf(running);
    const client = await readStream({ server: address }, `/groups/${address.group}/events?view=progress`);
    await client.sees(({ data }) => data.status === 'running');
    running.process.kill('SIGINT');
    expect(await running.ended).toBe(3);
    await until(() => client.isOver);
    expect(client.frames.at(-1)?.data).toMatchObject({ status: 'paused' });
  });

  test('refuses a busy port before anything is created', async () => {
    await shop.group(session('a', '{ result: x }'));
    const serving = shop.start('serve');
    const { port } = await addressOf(serving);
    const refused = await shop.finished('run', 'group.yaml', '--web', String(port), '--json');
    expect(refused.code).toBe(2);
    expect((await shop.finished('group', 'list', '--json')).lines).toEqual([]);
  });
});
