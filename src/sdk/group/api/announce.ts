import type { SessionGroupHandle } from './handle.ts';

/** The handle's property for the control socket; a symbol, so that copies of the handle have it too. */
export const ANNOUNCE: unique symbol = Symbol('announce');

/** @param close stops listening; called once, as soon as the handle is disposed of. */
export type Announce = (address: string, close: () => Promise<void>) => void;

/** Publishes the address at which this process listens for control requests, for as long as the handle is open. */
export function announceAddress(handle: SessionGroupHandle, ...announced: Parameters<Announce>): void {
  if (ANNOUNCE in handle && typeof handle[ANNOUNCE] === 'function') handle[ANNOUNCE](...announced);
}
