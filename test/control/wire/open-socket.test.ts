import { expect, test } from 'vitest';
import { OwnerGoneError } from '../../../src/control/wire/failure.ts';
import { openSocket } from '../../../src/control/wire/open-socket.ts';
import { type Sockets, systemSockets } from '../../../src/control/wire/sockets.ts';

/** Every connection fails with this code. */
const failing = (code: string): Sockets => ({
  ...systemSockets,
  connect: () => Promise.reject(Object.assign(new Error(`connect ${code}`), { code })),
});

test.each(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ECONNRESET'])(
  'an owner whose socket answers %s is gone: it has died, or does just now',
  async code => {
    await expect(openSocket(failing(code), '/nowhere')).rejects.toBeInstanceOf(OwnerGoneError);
  },
);

test('what is wrong with this machine is no sign that the owner is gone', async () => {
  await expect(openSocket(failing('EMFILE'), '/nowhere')).rejects.toMatchObject({ code: 'EMFILE' });
});
