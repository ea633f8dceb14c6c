import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { leavePorts, takePorts } from '../../../src/sdk/delivery/ports.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listening = (port: number) =>
  new Promise<void>((resolve, reject) => {
    const server = createServer().once('error', reject);
    servers.push(server);
    server.listen({ host: '127.0.0.1', port }, resolve);
  });

const take = (gate = memoryProjectGate(), holder = 'g/a', before = {}) =>
  takePorts(gate, { holder, names: ['PORT', 'ADMIN_PORT'], before });

test('each variable has a port of its own, on which one can listen', async () => {
  const { PORT = 0, ADMIN_PORT = 0 } = await take();
  expect(PORT).not.toBe(ADMIN_PORT);
  await listening(PORT);
  await listening(ADMIN_PORT);
});

test('ports that a session had before are taken again', async () => {
  const gate = memoryProjectGate();
  const before = await take(gate);
  leavePorts(gate, 'g/a', before);
  expect(await take(gate, 'g/a', before)).toEqual(before);
});

test('a port that another session holds is not taken, although nothing listens on it', async () => {
  const gate = memoryProjectGate();
  const held = await take(gate, 'g/a');
  const others = await take(gate, 'h/b', held);
  expect(Object.values(others).filter(port => Object.values(held).includes(port))).toEqual([]);
  leavePorts(gate, 'g/a', held);
  leavePorts(gate, 'h/b', others);
  expect(await take(gate, 'i/c', held)).toEqual(held);
});

test('a port on which something listens is not taken', async () => {
  const gate = memoryProjectGate();
  const before = await take(gate);
  leavePorts(gate, 'g/a', before);
  await listening(before.PORT ?? 0);
  const { PORT, ADMIN_PORT } = await take(gate, 'g/a', before);
  expect(PORT).not.toBe(before.PORT);
  expect(ADMIN_PORT).toBe(before.ADMIN_PORT);
});

test('where none can be taken, none is held', async () => {
  const gate = memoryProjectGate();
  const held: string[] = [];
  const full = {
    tryEnter: (project: string, limit: number, holder: string) =>
      holder.endsWith('PORT') &&
      !holder.endsWith('ADMIN_PORT') &&
      gate.tryEnter(project, limit, holder) &&
      !!held.push(project),
    leave: (project: string, holder: string) => {
      held.splice(held.indexOf(project), 1);
      gate.leave(project, holder);
    },
  };
  await expect(takePorts(full, { holder: 'g/a', names: ['PORT', 'ADMIN_PORT'], before: {} })).rejects.toThrow(
    'no free port',
  );
  expect(held).toEqual([]);
});
