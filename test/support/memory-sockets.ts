import { Duplex } from 'node:stream';
import type { Sockets, WireSocket } from '../../src/control/wire/sockets.ts';

/** One end of a connection in memory. What the other side hasn't read is held back, as by a full socket. */
class MemorySocket extends Duplex implements WireSocket {
  other: MemorySocket | undefined;
  /** Continues once the other side reads. */
  #held: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false });
  }

  override _read(): void {
    this.other?.goOn();
  }

  goOn(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error) => void): void {
    if (this.other === undefined || this.other.destroyed) done(failure('EPIPE', 'write'));
    else if (this.other.push(chunk)) done();
    else this.#held = done;
  }

  override _final(done: () => void): void {
    if (this.other?.destroyed === false) this.other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this;
    if (other && !other.destroyed && !other.readableEnded && !this.writableFinished) other.push(null);
    this.goOn();
    done(error);
  }

  destroySoon(): void {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }
}

/** Sockets in memory, whose connections can be lost. */
export class MemorySockets implements Sockets {
  readonly #listeners = new Map<string, ((socket: WireSocket) => void) | undefined>();
  #open: MemorySocket[] = [];
  #over: (() => void) | undefined;

  /** Simulates the loss of the network, or of the process at the other end. */
  lose(): void {
    for (const socket of this.#open) socket.destroy(failure('ECONNRESET', 'read'));
  }

  /** Simulates the death of the listening process: its sockets close, and its address remains occupied. */
  kill(address: string): void {
    this.#listeners.set(address, undefined);
    this.lose();
  }

  async connect(address: string, signal?: AbortSignal): Promise<WireSocket> {
    signal?.throwIfAborted();
    const accept = this.#listeners.get(address);
    if (accept === undefined) {
      throw failure(this.#listeners.has(address) ? 'ECONNREFUSED' : 'ENOENT', 'connect');
    }
    const [near, far] = [new MemorySocket(), new MemorySocket()];
    near.other = far;
    far.other = near;
    for (const socket of [near, far]) {
      this.#open.push(socket);
      socket.once('close', () => {
        this.#open = this.#open.filter(open => open !== socket);
        if (this.#open.length === 0) this.#over?.();
      });
    }
    accept(far);
    return near;
  }

  async listen(address: string, accept: (socket: WireSocket) => void) {
    if (this.#listeners.has(address)) throw failure('EADDRINUSE', 'listen');
    this.#listeners.set(address, accept);
    const close = async (): Promise<void> => {
      this.#listeners.delete(address);
      if (this.#open.length > 0) {
        await new Promise<void>(resolve => {
          this.#over = resolve;
        });
      }
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
