import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { until } from './observe.ts';

export interface Frame {
  readonly id?: number;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the test expects says what it is
  readonly data: any;
}

/** Reads a group's stream, as the page does. */
export interface StreamClient {
  readonly frames: readonly Frame[];
  /** Number of comment lines. */
  readonly pings: number;
  /** The `seq` of the group's events. */
  readonly seqs: readonly number[];
  readonly isOver: boolean;
  readonly response: IncomingMessage;
  /** Resolves with the first matching frame once it has been read. */
  sees(isIt: (frame: Frame) => boolean): Promise<Frame>;
  /** Stops reading, but keeps the connection open. */
  pause(): void;
  resume(): void;
  leave(): void;
}

export async function readStream(
  { server: { port, token } }: { readonly server: { readonly port: number; readonly token: string } },
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamClient> {
  const frames: Frame[] = [];
  let pings = 0;
  let isOver = false;
  let text = '';
  let asked: ClientRequest | undefined;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked = request({
      host: '127.0.0.1',
      port,
      path: `/api/v1${path}`,
      headers: { authorization: `Bearer ${token}`, ...headers },
      agent: false,
    });
    asked.on('response', resolve);
    asked.on('error', reject);
    asked.end();
  });
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) pings += 1;
      else frames.push(frameOf(block));
    }
  });
  const end = () => {
    isOver = true;
  };
  response.on('end', end);
  response.on('error', end);
  response.on('close', end);
  return {
    frames,
    get pings() {
      return pings;
    },
    get seqs() {
      return frames.flatMap(frame => (frame.id === undefined ? [] : [frame.id]));
    },
    get isOver() {
      return isOver;
    },
    response,
    async sees(isIt) {
      await until(() => frames.some(isIt));
      const found = frames.find(isIt);
      if (!found) throw new Error('not found');
      return found;
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    leave: () => void asked?.destroy(),
  };
}

function frameOf(block: string): Frame {
  const fields = new Map(block.split('\n').map(line => line.split(/: (.*)/s, 2) as [string, string]));
  const id = fields.get('id');
  return {
    ...(id === undefined ? {} : { id: Number(id) }),
    event: fields.get('event') ?? 'message',
    data: JSON.parse(fields.get('data') ?? 'null'),
  };
}
