import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Clock } from '../clock.ts';
import { textLog } from './appending-file.ts';
import { type LineHandlers, lineSplitter } from './line-splitter.ts';
import { tail } from './tail.ts';

const STDERR_TAIL_BYTES = 8 * 1024;
/** Once a tree has gone its pipes close by themselves, unless an unknown process still holds them. */
const DRAIN_MS = 500;

/** What is done with standard output: line by line, or as it comes, which costs the same however short its lines are. */
export type StdoutReader = LineReader | ChunkReader;

interface LineReader extends LineHandlers {
  /** In bytes; default: 16 MiB. */
  readonly longest?: number;
}

interface ChunkReader {
  /** Must not throw. */
  onChunk(chunk: Buffer): void;
}

/** Leaves something out of one stream: it hands over what is complete, and holds the rest. Must not throw. */
export interface OutputFilter {
  push(chunk: Buffer): Buffer;
  /** The rest, once the stream has ended. */
  end(): Buffer;
}

/** Reads stdout and stderr of a child as they arrive, in bounded memory. */
export function collectOutput(
  child: ChildProcessWithoutNullStreams,
  spec: {
    readonly stdout: StdoutReader;
    readonly stderrFile?: string;
    readonly stderrFilter?: OutputFilter;
    onStderrLeftOut?(): void;
  },
) {
  const stdout = readingOf(spec.stdout);
  const errors = tail(STDERR_TAIL_BYTES);
  const filter = spec.stderrFilter;
  const log = spec.stderrFile === undefined ? undefined : textLog(spec.stderrFile, spec.onStderrLeftOut);
  const keep = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    errors.push(bytes);
    log?.write(bytes);
  };
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()));

  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => keep(filter ? filter.push(chunk) : chunk));
  for (const stream of [child.stdout, child.stderr]) stream.on('error', () => {});

  return {
    stderrTail: (): string => errors.text(),
    /** Call it once the tree has gone: resolves when all output has been handed over. */
    async drained(clock: Clock): Promise<void> {
      let timer: unknown;
      const longEnough = new Promise<void>(resolve => {
        timer = clock.setTimeout(resolve, DRAIN_MS);
      });
      await Promise.race([closed, longEnough]);
      clock.clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      stdout.end();
      if (filter) keep(filter.end());
      log?.close();
    },
  };
}

const readingOf = (reader: StdoutReader) =>
  'onChunk' in reader
    ? { push: (chunk: Buffer) => reader.onChunk(chunk), end: () => {} }
    : lineSplitter(reader, reader.longest);
