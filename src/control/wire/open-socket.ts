import { OwnerGoneError } from './failure.ts';
import type { Sockets, WireSocket } from './sockets.ts';

/** The last one: it died before it had accepted the connection. */
const GONE_CODES: readonly unknown[] = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ECONNRESET'];

/** Connects. @throws OwnerGoneError if no process listens there; the signal's reason. */
export async function openSocket(
  sockets: Sockets,
  address: string,
  signal?: AbortSignal,
): Promise<WireSocket> {
  try {
    return await sockets.connect(address, signal);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && GONE_CODES.includes(error.code);
    throw isGone ? new OwnerGoneError(undefined, error) : error;
  }
}
