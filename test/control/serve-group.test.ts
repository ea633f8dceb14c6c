import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { serveGroup } from '../../src/control/serve-group.ts';
import { controlAddress } from '../../src/control/wire/address.ts';
import { connectControl } from '../../src/control/wire/client.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { GroupManager } from '../../src/sdk/group/manager.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { definitionOf, scripted } from '../support/bench.ts';
import { MemorySockets } from '../support/memory-sockets.ts';

/** A group that its host serves, and another manager of the same store. */
async function served() {
  const dataDir = mkdtempSync(join(tmpdir(), 'sg-served-'));
  const store = createFileStore({ dataDir });
  // Other tests of this machine may work in a project of the same name.
  const projects = memoryProjectGate();
  const [manager, other] = [new GroupManager({ store, projects }), new GroupManager({ store, projects })];
  const sockets = new MemorySockets();
  onTestFinished(async () => {
    await Promise.all([manager.dispose(), other.dispose()]);
    rmSync(dataDir, { recursive: true });
  });
  const handle = await manager.create(definitionOf([scripted('a', [{ hang: true }])]));
  const group = Object.assign(handle, serveGroup(handle, systemClock, sockets));
  const address = controlAddress(dirname(dirname(handle.dir ?? '')), handle.id);
  return { manager, other, group, address, sockets, connect: () => connectControl(address, { sockets }) };
}

test.each(['archive', 'delete'] as const)(
  'a group that its host serves and the manager is to %s can be reached no more',
  async verb => {
    const { manager, group, connect } = await served();
    await group.serve();
    const client = await connect();
    await manager[verb](group.id);
    await expect(client.request('status', {})).rejects.toMatchObject({ code: 'owner_gone' });
    await expect(connect()).rejects.toMatchObject({ code: 'owner_gone' });
    await group.dispose();
  },
);

test('after its group was archived, the next owner can listen at the same address', async () => {
  const { manager, other, group, address, sockets } = await served();
  await group.serve();
  await manager.archive(group.id);
  const next = serveGroup(await other.open(group.id), systemClock, sockets);
  await next.serve();
  const client = await connectControl(address, { sockets });
  expect(await client.request('status', {})).toMatchObject({ status: 'created' });
  client.close();
});

test('a group that is archived while its host begins to serve it cannot be reached afterwards', async () => {
  const { manager, group, connect } = await served();
  await Promise.all([group.serve(), manager.archive(group.id)]);
  await expect(connect()).rejects.toMatchObject({ code: 'owner_gone' });
});

test('an archive that is refused leaves the socket open', async () => {
  const { manager, group, connect } = await served();
  await group.serve();
  const started = firstValueFrom(group.events$.pipe(filter(({ type }) => type === 'session_started')));
  const running = group.run();
  await started;
  await group.pause();
  await running;
  await expect(manager.archive(group.id)).rejects.toMatchObject({ code: 'not_in_this_state' });
  const client = await connect();
  expect(await client.request('status', {})).toMatchObject({ status: 'paused' });
  client.close();
});
