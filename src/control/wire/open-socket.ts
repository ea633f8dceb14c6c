import { createConnection, type Socket } from 'node:net';
import { OwnerGoneError } from './failure.ts';

/**
 * Connects to a unix socket. @throws OwnerGoneError when nobody listens there; the signal's reason when it aborts.
 */
export function openSocket(address: string, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const socket = createConnection(address);
    const settle = (act: () => void): void => {
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      act();
    };
    const onAbort = (): void => {
      socket.destroy();
      settle(() => reject(signal?.reason));
    };
    const onError = (error: Error & { readonly code?: string }): void => {
      const isGone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ENOTSOCK';
      settle(() => reject(isGone ? new OwnerGoneError(undefined, error) : error));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => settle(() => resolve(socket)));
  });
}
