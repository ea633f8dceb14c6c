import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { KeyInput } from './live/keys.ts';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

export type CliSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Everything of the process that the CLI touches, so that tests can run it inside their own. */
export interface CliIo {
  /** A terminal where a person may type, or not. */
  readonly stdin: KeyInput;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Epoch milliseconds. */
  now(): number;
  /** Calls the listener on each such signal until the returned function is called. */
  onSignal(signal: CliSignal, listener: () => void): () => void;
  /** Calls the listener with an error that nobody caught, instead of ending the process on the spot. */
  onCrash(listener: (error: unknown) => void): () => void;
}

export function processIo(): CliIo {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    onSignal(signal, listener) {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    onCrash(listener) {
      process.on('uncaughtException', listener);
      return () => process.off('uncaughtException', listener);
    },
  };
}

/** Resolves once all that was written has left for the reader, or the reader has gone. */
export function flushed(stream: OutputStream): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed || stream.errored) return Promise.resolve();
  return new Promise(resolve => {
    stream.once('error', () => resolve());
    stream.once('close', () => resolve());
    stream.write('', () => resolve());
  });
}

/** Resolves once more may be written to a stream that was full, or its reader has gone. */
export async function drained(stream: OutputStream): Promise<void> {
  const cut = new AbortController();
  const { signal } = cut;
  try {
    await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]);
  } catch {
    // The reader has gone; the caller sees it on the stream.
  } finally {
    cut.abort();
  }
}

/**
 * Tells when the reader of a stream has gone (`| head`). Without a listener the EPIPE would end the process
 * with a stack trace.
 */
export function watchReader(stream: OutputStream, onGone: () => void): () => void {
  const listener = () => onGone();
  stream.on('error', listener);
  return () => stream.off('error', listener);
}
