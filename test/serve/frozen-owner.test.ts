import { expect, onTestFinished, test } from 'vitest';
import { groupHandlers } from '../../src/control/verbs.ts';
import { serveConnection } from '../../src/control/wire/connection.ts';
import type { WireSocket } from '../../src/control/wire/sockets.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import { GroupManager } from '../../src/sdk/group/manager.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import type { GroupStore } from '../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { groupAccess } from '../../src/serve/live/access.ts';
import { eventStream } from '../../src/serve/live/event-stream.ts';
import { Residents } from '../../src/serve/live/residents.ts';
import { Watches } from '../../src/serve/live/watches.ts';
import { definitionOf, scripted } from '../support/bench.ts';
import { MemorySockets } from '../support/memory-sockets.ts';

/* An owner whose process is stopped: the system takes its connections, and it answers none. */

test('a stream stays open while the owner does not answer, and goes on once it does', async () => {
  const [clock, store, sockets] = [new SimulatedClock(), createMemoryStore(), new MemorySockets()];
  const owned = await createSessionGroup(definitionOf([scripted('a')]), { store, clock });
  const unanswered: WireSocket[] = [];
  const listener = await sockets.listen('/owner', socket => void unanswered.push(socket));
  owned.announce('/owner', () => listener.close());
  const residents = new Residents(new GroupManager({ store, clock }), clock, sockets);
  const access = groupAccess(store, residents, clock, sockets);
  const watches = new Watches(access, clock, residents.moved);
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await new Promise(setImmediate);
    }
  };

  const world = { access, residents, watches, clock };
  const reader = eventStream({ id: owned.id, fromSeq: 0 }, world, () => {}).getReader();
  onTestFinished(() => reader.cancel());
  let text = '';
  const reading = async (): Promise<void> => {
    for (let read = await reader.read(); read.value; read = await reader.read()) {
      text += new TextDecoder().decode(read.value);
    }
  };
  void reading();
  await pass(60_000);
  expect(text).toContain('"status":"created"'); // from the journal
  expect(text).not.toContain('event: error');

  for (const socket of unanswered) if (!socket.destroyed) serveConnection(socket, groupHandlers(owned));
  await pass(1_000);
  expect(text).toContain('"type":"group_created"');
});

test('viewers are told that the owner is suspended once it answers nothing, and that it runs again', async () => {
  const [clock, kept, sockets] = [new SimulatedClock(), createMemoryStore(), new MemorySockets()];
  const definition = definitionOf([scripted('a', [{ hang: true }])]);
  const owned = await createSessionGroup(definition, { store: kept, clock, projects: memoryProjectGate() });
  void owned.run();
  let frozen = false;
  const store: GroupStore = {
    ...kept,
    async read(id) {
      const stored = await kept.read(id);
      const { owner } = stored;
      return owner && frozen ? { ...stored, owner: { ...owner, suspended: true } } : stored;
    },
  };
  const { status, ...handlers } = groupHandlers(owned);
  const answering: typeof status = (...asked) => (frozen ? new Promise(() => {}) : status(...asked));
  const listener = await sockets.listen('/owner', socket =>
    serveConnection(socket, { ...handlers, status: answering }),
  );
  owned.announce('/owner', () => listener.close());
  const residents = new Residents(new GroupManager({ store, clock }), clock, sockets);
  const access = groupAccess(store, residents, clock, sockets);
  const { watch, release } = new Watches(access, clock, residents.moved).watch(owned.id);
  onTestFinished(release);
  let last = '';
  const reading = async (): Promise<void> => {
    for (let version = 0; ; ) {
      const update = await watch.next(version, new AbortController().signal);
      version = update.version;
      last = new TextDecoder().decode(update.frame);
    }
  };
  void reading().catch(() => {});
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    }
  };

  await pass(3_000);
  expect(last).toContain('"status":"running"');
  expect(last).not.toContain('suspended');
  frozen = true;
  await pass(4_000);
  expect(last).toContain('"suspended":true');
  frozen = false;
  await pass(4_000);
  expect(last).toContain('"status":"running"');
  expect(last).not.toContain('suspended');
});
