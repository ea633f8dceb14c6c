import { Duplex } from 'node:stream';
import type { Sockets, WireSocket } from '../../src/control/wire/sockets.ts';

/** Whoever listens at an address; once it is dead, without `accept`. */
interface Listening {
  accept: ((socket: WireSocket) => void) | undefined;
}

/** One end of a connection in memory. What the other side hasn't read is held back, as by a full socket. */
class MemorySocket extends Duplex implements WireSocket {
  readonly listening: Listening;
  other: MemorySocket | undefined;
  /** How many more bytes reach it before its connection is lost. */
  left = Number.POSITIVE_INFINITY;
  /** Continues once the other side reads. */
  #held: ((error?: Error) => void) | undefined;

  constructor(listening: Listening, highWaterMark: number | undefined) {
    super({ allowHalfOpen: false, ...(highWaterMark === undefined ? {} : { highWaterMark }) });
    this.listening = listening;
  }

  override _read(): void {
    this.other?.goOn();
  }

  goOn(error?: Error): void {
    const held = this.#held;
    this.#held = undefined;
    held?.(error);
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error) => void): void {
    const { other } = this;
    if (other === undefined || other.destroyed) done(failure('EPIPE', 'write'));
    else if (chunk.length > other.left) {
      other.push(chunk.subarray(0, other.left));
      done(failure('ECONNRESET', 'write'));
    } else {
      other.left -= chunk.length;
      if (other.push(chunk)) done();
      else this.#held = done;
    }
  }

  override _final(done: () => void): void {
    if (this.other?.destroyed === false) this.other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this;
    if (other && !other.destroyed && !other.readableEnded && !this.writableFinished) other.push(null);
    this.goOn();
    other?.goOn(failure('EPIPE', 'write'));
    done(error);
  }

  destroySoon(): void {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }
}

/** Simulates a connection that is lost once this many more bytes have come, also in the middle of a line. */
export function loseAfter(socket: WireSocket, bytes: number): void {
  if (socket instanceof MemorySocket) socket.left = bytes;
}

/** Sockets in memory, whose connections can be lost. */
export class MemorySockets implements Sockets {
  readonly #listeners = new Map<string, Listening>();
  #open: MemorySocket[] = [];
  /** Wait for connections to end. */
  readonly #closing = new Set<() => void>();
  readonly #highWaterMark: number | undefined;

  /** @param highWaterMark bytes that each side of a connection takes before its writers have to wait. */
  constructor(highWaterMark?: number) {
    this.#highWaterMark = highWaterMark;
  }

  /** Simulates the loss of the network. */
  lose(): void {
    for (const socket of this.#open) socket.destroy(failure('ECONNRESET', 'read'));
  }

  /** Simulates the death of the listening process: its sockets close, and its address remains occupied. */
  kill(address: string): void {
    const listening = this.#listeners.get(address);
    if (listening === undefined) return;
    listening.accept = undefined;
    for (const socket of this.#open) {
      if (socket.listening === listening) socket.destroy(failure('ECONNRESET', 'read'));
    }
  }

  async connect(address: string, signal?: AbortSignal): Promise<WireSocket> {
    signal?.throwIfAborted();
    const listening = this.#listeners.get(address);
    if (listening?.accept === undefined) throw failure(listening ? 'ECONNREFUSED' : 'ENOENT', 'connect');
    const [near, far] = [
      new MemorySocket(listening, this.#highWaterMark),
      new MemorySocket(listening, this.#highWaterMark),
    ];
    near.other = far;
    far.other = near;
    for (const socket of [near, far]) {
      this.#open.push(socket);
      socket.once('close', () => {
        this.#open = this.#open.filter(open => open !== socket);
        for (const look of this.#closing) look();
      });
    }
    listening.accept(far);
    return near;
  }

  async listen(address: string, accept: (socket: WireSocket) => void) {
    if (this.#listeners.has(address)) throw failure('EADDRINUSE', 'listen');
    const listening: Listening = { accept };
    this.#listeners.set(address, listening);
    const close = async (): Promise<void> => {
      if (this.#listeners.get(address) === listening) this.#listeners.delete(address);
      await new Promise<void>(resolve => {
        const look = (): void => {
          if (this.#open.some(socket => socket.listening === listening)) return;
          this.#closing.delete(look);
          resolve();
        };
        this.#closing.add(look);
        look();
      });
    };
    return { close };
  }

  isSocket(): boolean {
    return true;
  }

  remove(address: string): void {
    this.#listeners.delete(address);
  }
}

const failure = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
