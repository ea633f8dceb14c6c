// @module-tag processes
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openWorkshop, session, type Workshop } from './workshop.ts';

/** `run --inspect`, as a process of its own. */
describe('run --inspect', () => {
  let shop: Workshop;
  beforeAll(async () => {
    shop = await openWorkshop();
  });
  afterAll(() => shop.close());

  it('prints the address of a relay that shows the group until the run ends', async () => {
    const file = await shop.group(session('a', '{ hang: true }'));
    const run = shop.start('run', file, '--inspect', '--plain');
    await run.says('a: started');
    const address = /Inspector: (\S+)/.exec(run.err())?.[1] ?? '';
    const { host, hash } = new URL(address);
    const page = await fetch(`http://${host}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('src="https://stately.ai/inspect"');

    const states = new Map<string, unknown>();
    let group = '';
    const socket = new WebSocket(`ws://${host}/?${hash.slice(1)}`);
    const shown = new Promise<void>(resolve => {
      socket.on('message', bytes => {
        const { type, name, sessionId, rootId, snapshot } = JSON.parse(String(bytes));
        if (type === '@xstate.actor') states.set(name, snapshot.value);
        if (type === '@xstate.actor' && sessionId === rootId) group = name;
        if (states.has(group) && states.has('a')) resolve();
      });
    });
    const closed = new Promise<number>(resolve => socket.once('close', resolve));
    await shown;
    const [listed] = (await shop.finished('group', 'list', '--json')).lines;
    expect(group).toBe(listed?.id);
    expect([states.get(group), states.get('a')]).toEqual([{ active: 'running' }, { live: 'working' }]);
    run.process.kill('SIGINT');
    expect(await run.ended).toBe(3);
    expect(await closed).toBe(4000);
  });

  it('refuses a busy port before anything starts', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const file = await shop.group(session('a', ''), undefined, 'busy.yaml');
    const before = (await shop.finished('group', 'list', '--json')).lines.length;
    const { code, err } = await shop.finished('run', file, '--inspect', String(port));
    other.close();
    expect([code, err]).toEqual([2, expect.stringContaining(`port ${port} is in use`)]);
    expect((await shop.finished('group', 'list', '--json')).lines.length).toBe(before);
  });
});
