import type { SessionGroupHandle } from './handle.ts';

/** The handle's property for the control socket; a symbol, so that copies of the handle have it too. */
export const ANNOUNCE: unique symbol = Symbol('announce');

/** Publishes the address at which this process listens for control requests. */
export function announceAddress(handle: SessionGroupHandle, address: string): void {
  if (ANNOUNCE in handle && typeof handle[ANNOUNCE] === 'function') handle[ANNOUNCE](address);
}
