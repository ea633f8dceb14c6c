import type { SessionGroupHandle } from './handle.ts';

/** Where a handle keeps what only the control socket needs; copies of the handle have it too. */
export const ANNOUNCE: unique symbol = Symbol('announce');

/** Makes known to other processes where this one listens for control requests. */
export function announceAddress(handle: SessionGroupHandle, address: string): void {
  if (ANNOUNCE in handle && typeof handle[ANNOUNCE] === 'function') handle[ANNOUNCE](address);
}
