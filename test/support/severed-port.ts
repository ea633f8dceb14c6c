import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A port of 127.0.0.1 that leads to another one, unless it is severed: then what is connected hears nothing more, not even an end. */
export class SeveredPort {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
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
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was connected ends, and may connect again. */
  mend(): void {
    this.#isSevered = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.mend();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(here: Socket, there: Socket): void {
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', chunk => {
        if (!this.#isSevered) to.write(chunk);
      });
    }
    if (this.#isSevered) for (const socket of [here, there]) socket.pause();
  }
}
