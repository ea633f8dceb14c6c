import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Clock } from '../clock.ts';
import { redactedLog, textLog } from './appending-file.ts';
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

/** Reads stdout and stderr of a child as they arrive, in bounded memory. */
export function collectOutput(
  child: ChildProcessWithoutNullStreams,
  spec: {
    readonly stdout: StdoutReader;
    readonly stderrFile?: string;
    redact?(text: string): string;
    onStderrLeftOut?(): void;
  },
) {
  const stdout = readingOf(spec.stdout);
  const errors = tail(STDERR_TAIL_BYTES);
  const file = spec.stderrFile === undefined ? undefined : textLog(spec.stderrFile, spec.onStderrLeftOut);
  const log = file && spec.redact ? redactedLog(file, spec.redact) : file;
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()));

  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    errors.push(chunk);
    log?.write(chunk);
  });
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
      log?.close();
    },
  };
}

const readingOf = (reader: StdoutReader) =>
  'onChunk' in reader
    ? { push: (chunk: Buffer) => reader.onChunk(chunk), end: () => {} }
    : lineSplitter(reader, reader.longest);
