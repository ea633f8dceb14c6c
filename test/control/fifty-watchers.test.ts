// @module-tag processes
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serveGroup } from '../../src/control/serve-group.ts';
import { connectControl } from '../../src/control/wire/client.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { rawClient } from './fixture.ts';

const SESSIONS = 20;
const TEXTS = 50;

/** The most bytes buffered for any client of a server in this process. */
function heldBack() {
  const most = { bytes: 0 };
  const { write } = Socket.prototype;
  Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
    const taken = Reflect.apply(write, this, args);
    // Only accepted sockets have a server.
    if ('server' in this && this.server) most.bytes = Math.max(most.bytes, this.writableLength);
    return taken;
  };
  onTestFinished(() => {
    Socket.prototype.write = write;
  });
  return most;
}

async function talkativeGroup() {
  const folder = mkdtempSync(join(tmpdir(), 'sg-fifty-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const steps = Array.from({ length: TEXTS }, (_, index) => ({ text: `${index} `.padEnd(1_000, '.') }));
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'Talkative',
      config: {
        agent: { kind: 'scripted', steps: [...steps, { result: 'done' }] },
        concurrency: { maxConcurrent: 5, maxPerProject: 5 },
        sessionDefaults: { generateClaudeMd: false },
      },
      sessions: Array.from({ length: SESSIONS }, (_, index) => ({
        id: `s${index}`,
        projectPath: folder,
        prompt: 'Talk',
      })),
    },
    { store: createFileStore({ dataDir: folder }) },
  );
  await serveGroup(group).serve();
  const owner: unknown = JSON.parse(readFileSync(join(group.dir ?? '', 'owner.json'), 'utf8'));
  const address = (owner as { readonly address: string }).address;
  return { group, address };
}

test('fifty watchers of a running group, ten of which never read, affect neither the run nor each other', async () => {
  const most = heldBack();
  const { group, address } = await talkativeGroup();
  const readers = await Promise.all(Array.from({ length: 40 }, () => connectControl(address)));
  const deaf = await Promise.all(Array.from({ length: 10 }, () => rawClient(address)));
  for (const { socket, write } of deaf) {
    socket.pause();
    write('{"v":1,"id":1,"method":"watch"}\n');
  }
  const seen = readers.map(async reader => {
    const seqs: number[] = [];
    for await (const event of reader.watch()) seqs.push(event.seq);
    return seqs;
  });

  const result = await group.run();
  expect(result.status).toBe('completed');
  const all: number[] = [];
  for await (const event of group.history()) all.push(event.seq);
  expect(all.length).toBeGreaterThan(SESSIONS * TEXTS);
  expect(all).toEqual(all.map((_, index) => index));
  for (const seqs of await Promise.all(seen)) expect(seqs).toEqual(all);

  // No buffer grows beyond what fits between two reads; all 50 were sent the same.
  expect(most.bytes).toBeGreaterThan(0);
  expect(most.bytes).toBeLessThan(64 * 1024);

  // A watcher that starts to read gets everything, once and in order.
  const [late] = deaf;
  late?.socket.resume();
  const told: unknown[] = [];
  for (let line = await late?.next(); line !== 'end'; line = await late?.next()) {
    if (JSON.stringify(line).includes('"ok":')) break;
    told.push(JSON.parse(JSON.stringify(line)).record.seq);
  }
  expect(told).toEqual(all);

  // Watchers that never read do not keep the owner from exiting.
  await group.dispose();
  for (const { socket, closed } of deaf.slice(1)) {
    socket.resume();
    await closed;
  }
  for (const reader of readers) reader.close();
});
