import { isBeginning } from '../../../machines/vocabulary.ts';
import { isNotAnswering } from '../../control/wire/failure.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import { deferred } from '../../sdk/process/deferred.ts';
import { resumeCommand, runCommand, watchCommand } from '../advice.ts';
import { EXIT, SIGNAL_EXIT } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';
import type { ShownGroup } from '../services.ts';
import { cleanLine } from '../text.ts';

export interface SignalControl {
  /** Resolves with the exit code if the run must end at once, without a result. */
  readonly cut: Promise<number>;
  /** The user wants that: what becomes of the run no longer matters. */
  isCut(): boolean;
  /** The exit code for a SIGTERM or SIGHUP; undefined after Ctrl-C or without a signal. */
  exitCode(): number | undefined;
  /** The reader of stdout has closed it: pauses like a SIGTERM. */
  readerGone(): void;
  /** How many steps of Ctrl-C have been taken. */
  taken(): number;
  /** A Ctrl-C. */
  interrupt(): void;
  /** Pauses the group like the first Ctrl-C, and does nothing after that. */
  pause(): void;
  /** Ends this process; another one goes on running the group. */
  detach(): void;
  release(): void;
}

/** How long to wait for processes to end after the third Ctrl-C. */
const LAST_WAIT_MS = 5_000;

export interface SignalOptions {
  readonly note: (line: string) => void;
  /** Another process runs the group: SIGTERM, SIGHUP and `q` end only this one. */
  readonly elsewhere: boolean;
  /** An observer: Ctrl-C detaches as well. Default: false. */
  readonly observing?: boolean | undefined;
  /** Called with the Ctrl-Z of a terminal that is not in raw mode. */
  readonly suspend: () => void;
}

/**
 * The first Ctrl-C pauses, the second stops, the third ends the processes and exits. SIGTERM and SIGHUP count like
 * Ctrl-C, with the reason `shutdown`.
 */
export function takeSignals(group: ShownGroup, io: CliIo, options: SignalOptions): SignalControl {
  const { note, elsewhere, observing = false, suspend } = options;
  let requests = 0;
  let begun = elsewhere;
  let code: number | undefined;
  const { promise: cut, resolve: finish } = deferred<number>();
  const subscription = group.events$.subscribe({
    next: event => {
      begun ||= isBeginning(event.type);
    },
    error: () => {},
  });
  // A refusal means that the group already is in that state or beyond, which the run reports; or that it has not
  // started yet, and then it never will.
  const quietly = (request: Promise<unknown>, exitCode: number) => {
    request.catch(error => {
      if (!begun) finish(exitCode);
      else if (isNotAnswering(error)) note(cleanLine(`Refused: ${textOfThrown(error)}`));
    });
  };

  /** What a suspended process is asked for is refused. */
  const tellPausing = () => {
    if (!group.suspended?.()) note(pausing(group));
  };
  const next = (exitCode: number, reason: 'manual' | 'shutdown') => {
    if (observing) return finish(exitCode);
    requests += 1;
    if (requests === 1) {
      tellPausing();
      quietly(group.pause({ reason }), exitCode);
    } else if (requests === 2) {
      if (!group.suspended?.()) note('Stopping. Press Ctrl-C again to end everything at once.');
      quietly(group.stop(), exitCode);
    } else if (requests === 3) {
      const { status } = group.getProgress();
      const left =
        elsewhere || status === 'created' ? '' : ` Then finish it with: ${resumeCommand(group.id)}`;
      note(`Ending all processes.${left}`);
      void bounded(group.dispose(), LAST_WAIT_MS).then(() => finish(exitCode));
    }
  };
  const onShutdown = (exitCode: number) => {
    if (elsewhere) return finish(exitCode);
    code ??= exitCode;
    next(exitCode, 'shutdown');
  };
  const interrupt = () => next(SIGNAL_EXIT.SIGINT, 'manual');
  const releases = [
    io.onSignal('SIGINT', interrupt),
    io.onSignal('SIGTERM', () => onShutdown(SIGNAL_EXIT.SIGTERM)),
    io.onSignal('SIGHUP', () => onShutdown(SIGNAL_EXIT.SIGHUP)),
    io.onSignal('SIGTSTP', suspend),
    () => subscription.unsubscribe(),
  ];

  return {
    cut,
    isCut: () => requests > 2,
    taken: () => requests,
    exitCode: () => code,
    interrupt,
    pause() {
      if (requests > 0) return;
      if (observing) {
        tellPausing();
        return quietly(group.pause(), SIGNAL_EXIT.SIGINT);
      }
      interrupt();
    },
    detach() {
      note(
        `Detached${group.suspended?.() ? '' : '; the group keeps running'}. Follow it with: ${watchCommand(group.id)}`,
      );
      finish(EXIT.completed);
    },
    // Silently, like any program on SIGPIPE.
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
  return `Pausing: interrupting live sessions. Press Ctrl-C again to stop the group.\nResume it with: ${resumeCommand(id)}`;
}

/** Waits until the work succeeds, fails or times out. */
export async function bounded(work: Promise<unknown>, timeMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, timeMs);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
