import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A port of 127.0.0.1 that leads to another one, until it is severed: then nobody hears anything more, not even an end. */
export class SeveredPort {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What of these is said is lost. */
  readonly #dead = new Set<Socket>();
  #isSevered = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<SeveredPort> {
    const server = createServer();
    const made = new SeveredPort(server);
    server.on('connection', socket => made.#join(socket, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  sever(): void {
    this.#isSevered = true;
    for (const socket of this.#sockets) this.#dead.add(socket);
  }

  /** Who connects from now on gets through; what was connected before still hears nothing. */
  mend(): void {
    this.#isSevered = false;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(here: Socket, there: Socket): void {
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      this.#sockets.add(from);
      if (this.#isSevered) this.#dead.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!this.#dead.has(from)) to.destroy();
      });
      from.on('data', chunk => {
        if (!this.#dead.has(from)) to.write(chunk);
      });
    }
  }
}
