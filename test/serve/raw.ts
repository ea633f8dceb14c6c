import { connect, type Socket } from 'node:net';

/** The bytes that a socket received, and whether the other side has closed it. */
export interface Raw {
  readonly socket: Socket;
  readonly text: string;
  readonly isClosed: boolean;
  readonly closed: Promise<void>;
}

/** A raw connection, for requests that no HTTP client would send. */
export async function raw(port: number, bytes = ''): Promise<Raw> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let isClosed = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {}); // `close` follows
  const closed = new Promise<void>(resolve => {
    socket.once('close', () => {
      isClosed = true;
      resolve();
    });
  });
  await new Promise<void>(resolve => socket.once('connect', resolve));
  if (bytes !== '') socket.write(bytes);
  return {
    socket,
    get text() {
      return text;
    },
    get isClosed() {
      return isClosed;
    },
    closed,
  };
}

/** The bytes of a request. */
export const wire = (line: string, headers: Readonly<Record<string, string>>, body = ''): string =>
  [line, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n');
