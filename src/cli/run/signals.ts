import { isBeginning } from '../../../machines/vocabulary.ts';
import { resumeCommand, runCommand, watchCommand } from '../advice.ts';
import { EXIT, SIGNAL_EXIT } from '../exit-codes.ts';
import type { CliIo, CliSignal } from '../io.ts';
import { CTRL_C, listenForKeys } from '../live/keys.ts';
import type { ShownGroup } from '../services.ts';

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

export interface SignalOptions {
  readonly note: (line: string) => void;
  /** Another process runs the group: a signal from outside ends this one and nothing else, and so does `q`. */
  readonly elsewhere: boolean;
  /** It only looks on: Ctrl-C leaves as well. Default: false. */
  readonly observing?: boolean | undefined;
  /** Keys are read, where the group is drawn on a terminal. Default: false. */
  readonly keys?: boolean;
}

/**
 * The first Ctrl-C pauses, the second stops, the third ends the processes and exits. SIGTERM and SIGHUP
 * pause at whatever count; when one comes again, it stops.
 */
export function takeSignals(group: ShownGroup, io: CliIo, options: SignalOptions): SignalControl {
  const { note, elsewhere, observing = false, keys = false } = options;
  let requests = 0;
  let begun = elsewhere;
  let code: number | undefined;
  let finish: (code: number) => void = () => {};
  const cut = new Promise<number>(resolve => {
    finish = resolve;
  });
  const subscription = group.events$.subscribe({
    next: event => {
      begun ||= isBeginning(event.type);
    },
    error: () => {},
  });
  // A refusal says that the group is already there or beyond, and the run tells how it ended; or that it has
  // not begun yet, and then it never shall.
  const quietly = (request: Promise<unknown>, exitCode: number) => {
    request.catch(() => {
      if (!begun) finish(exitCode);
    });
  };

  const next = (exitCode: number, reason: 'manual' | 'shutdown') => {
    if (observing) return finish(exitCode);
    requests += 1;
    if (requests === 1) {
      note(pausing(group));
      quietly(group.pause({ reason }), exitCode);
    } else if (requests === 2) {
      note('Stopping. Ctrl-C again ends everything at once.');
      quietly(group.stop(), exitCode);
    } else if (requests === 3) {
      note('Ending at once.');
      void bounded(group.dispose(), LAST_WAIT_MS).then(() => finish(exitCode));
    }
  };
  const fromOutside = (exitCode: number) => {
    if (elsewhere) return finish(exitCode);
    code ??= exitCode;
    next(exitCode, 'shutdown');
  };
  const listen = (signal: CliSignal, listener: () => void) => io.onSignal(signal, listener);
  const onKey = (key: string) => {
    if (key === CTRL_C) return next(SIGNAL_EXIT.SIGINT, 'manual');
    if (key !== 'q' && key !== 'Q') return;
    note(`Left; the group goes on. Follow it with: ${watchCommand(group.id)}`);
    finish(EXIT.completed);
  };
  const releases = [
    listen('SIGINT', () => next(SIGNAL_EXIT.SIGINT, 'manual')),
    listen('SIGTERM', () => fromOutside(SIGNAL_EXIT.SIGTERM)),
    listen('SIGHUP', () => fromOutside(SIGNAL_EXIT.SIGHUP)),
    keys && elsewhere ? listenForKeys(io.stdin, onKey) : () => {},
    () => subscription.unsubscribe(),
  ];

  return {
    cut,
    exitCode: () => code,
    // In silence, as any program whose reader goes away.
    readerGone: () => {
      if (elsewhere) return finish(SIGNAL_EXIT.SIGPIPE);
      if (requests > 0) return;
      requests = 1;
      code = SIGNAL_EXIT.SIGPIPE;
      quietly(group.pause({ reason: 'shutdown' }), code);
    },
    release: () => {
      for (const release of releases) release();
    },
  };
}

function pausing(group: ShownGroup): string {
  const { id } = group;
  if (group.getProgress().status === 'created') return `Not started. Start it with: ${runCommand(id)}`;
  return `Pausing: live sessions are being interrupted. Ctrl-C again stops the group.\nResume it with: ${resumeCommand(id)}`;
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
