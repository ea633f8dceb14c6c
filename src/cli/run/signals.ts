import { SIGNAL_EXIT } from '../exit-codes.ts';
import type { CliIo, CliSignal } from '../io.ts';
import type { DrivenGroup } from '../services.ts';

export interface SignalControl {
  /** Resolves with the exit code when the run must end at once, without its result. */
  readonly cut: Promise<number>;
  /** The exit code that a signal from outside asks for; undefined after Ctrl-C and without any. */
  exitCode(): number | undefined;
  /** The reader of stdout has gone: pause, as a signal from outside would. */
  readerGone(): void;
  release(): void;
}

/** Bounds the ending of processes once nobody wants to wait any longer. */
const LAST_WAIT_MS = 5_000;

const PAUSING =
  'Pausing: live sessions are being interrupted. Groups of this version live in memory only, so this one ends with this process. Ctrl-C again stops it.';
const STOPPING = 'Stopping. Ctrl-C again ends everything at once.';

/**
 * The first Ctrl-C pauses, the second stops, the third ends the processes and exits. SIGTERM and SIGHUP
 * pause at whatever count; when one comes again, it stops.
 */
export function takeSignals(handle: DrivenGroup, io: CliIo, note: (line: string) => void): SignalControl {
  let requests = 0;
  let code: number | undefined;
  let finish: (code: number) => void = () => {};
  const cut = new Promise<number>(resolve => {
    finish = resolve;
  });
  // A refusal says that the group is already there or beyond, and `run` tells how it ended, or that it has
  // not begun yet, and then it never shall.
  const quietly = (request: Promise<unknown>, exitCode: number) => {
    request.catch(() => {
      if (handle.getProgress().status === 'created') finish(exitCode);
    });
  };

  const next = (exitCode: number) => {
    requests += 1;
    if (requests === 1) {
      note(PAUSING);
      quietly(handle.pause(), exitCode);
    } else if (requests === 2) {
      note(STOPPING);
      quietly(handle.stop(), exitCode);
    } else if (requests === 3) {
      note('Ending at once.');
      void bounded(handle.dispose(), LAST_WAIT_MS).then(() => finish(exitCode));
    }
  };
  const fromOutside = (exitCode: number) => {
    code ??= exitCode;
    next(exitCode);
  };
  const listen = (signal: CliSignal, listener: () => void) => io.onSignal(signal, listener);
  const releases = [
    listen('SIGINT', () => next(SIGNAL_EXIT.SIGINT)),
    listen('SIGTERM', () => fromOutside(SIGNAL_EXIT.SIGTERM)),
    listen('SIGHUP', () => fromOutside(SIGNAL_EXIT.SIGHUP)),
  ];

  return {
    cut,
    exitCode: () => code,
    // In silence, as any program whose reader goes away.
    readerGone: () => {
      if (requests > 0) return;
      requests = 1;
      code = SIGNAL_EXIT.SIGPIPE;
      quietly(handle.pause({ reason: 'shutdown' }), code);
    },
    release: () => {
      for (const release of releases) release();
    },
  };
}

/** Waits for the work, its failure or the time, whichever comes first. */
export async function bounded(work: Promise<unknown>, timeMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, timeMs);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
