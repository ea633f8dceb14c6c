import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Job } from './live/job.ts';
import type { KeyInput } from './live/keys.ts';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

export type CliSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
/** A terminal's job control. */
export type JobSignal = 'SIGTSTP' | 'SIGCONT';

/** The parts of the process that the CLI uses, so that tests can run it in their own process. */
export interface CliIo {
  /** May be a terminal. */
  readonly stdin: KeyInput & Partial<AsyncIterable<unknown>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Epoch milliseconds. */
  now(): number;
  /** How much memory new processes can take, in bytes, without what is in use or forbidden here. */
  availableMemory(): number;
  /** Calls the listener on each such signal; the returned function stops that. */
  onSignal(signal: CliSignal | JobSignal, listener: () => void): () => void;
  /** Calls the listener with an uncaught exception, instead of ending the process. */
  onCrash(listener: (error: unknown) => void): () => void;
  /** Calls the listener just before the process exits, unless a signal kills it; what it starts is not done. */
  onExit(listener: () => void): () => void;
  /** Loaded on demand. */
  job(): Promise<Job>;
}

export function processIo(): CliIo {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    availableMemory: () => process.availableMemory(),
    onSignal(signal, listener) {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    onCrash(listener) {
      process.on('uncaughtException', listener);
      return () => process.off('uncaughtException', listener);
    },
    onExit(listener) {
      process.on('exit', listener);
      return () => process.off('exit', listener);
    },
    job: async () => (await import('./live/job.ts')).processJob,
  };
}

/**
 * What standard input has, without its last line break; of a text that is longer than this, in UTF-16 code units, no more
 * than is needed to see that.
 */
export async function textOfInput({ stdin }: Pick<CliIo, 'stdin'>, longest: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  const read = stdin[Symbol.asyncIterator];
  for await (const part of read === undefined ? [] : { [Symbol.asyncIterator]: read.bind(stdin) }) {
    text += part instanceof Uint8Array ? decoder.decode(part, { stream: true }) : String(part);
    if (text.length > longest + 2) break;
  }
  return `${text}${decoder.decode()}`.replace(/\r?\n$/, '');
}

/** Resolves once everything is flushed, or the reader has closed the stream. */
export function flushed(stream: OutputStream): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed || stream.errored) return Promise.resolve();
  return new Promise(resolve => {
    stream.once('error', () => resolve());
    stream.once('close', () => resolve());
    stream.write('', () => resolve());
  });
}

/** Resolves once a full stream has drained, or its reader has closed it. */
export async function drained(stream: OutputStream): Promise<void> {
  const listening = new AbortController();
  const { signal } = listening;
  try {
    await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]);
  } catch {
    // The reader has closed it; the caller sees that on the stream.
  } finally {
    listening.abort();
  }
}

/**
 * Calls `onGone` when the reader closes the stream (`| head`). Without a listener, EPIPE would end the process with a
 * stack trace.
 */
export function watchReader(stream: OutputStream, onGone: () => void): () => void {
  const listener = () => onGone();
  stream.on('error', listener);
  return () => stream.off('error', listener);
}

/** Writes texts to a stream, as fast as they are read. */
export type Print = (texts: readonly string[]) => Promise<void>;

/**
 * Prints for as long as somebody reads the stream: then `signal` aborts, and whatever `use` throws because of it is
 * nothing.
 * @returns whether the reader has stayed to the end.
 */
export async function whileRead(
  stream: OutputStream,
  use: (print: Print, signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const gone = new AbortController();
  const release = watchReader(stream, () => gone.abort());
  try {
    await use(async texts => {
      for (const text of texts) {
        gone.signal.throwIfAborted();
        if (!stream.write(text)) await drained(stream);
      }
    }, gone.signal);
    return true;
  } catch (error) {
    if (!gone.signal.aborted) throw error;
    return false;
  } finally {
    release();
  }
}
