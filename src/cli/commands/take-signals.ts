import { deferred } from '../../sdk/process/deferred.ts';
import { SIGNAL_EXIT } from '../exit-codes.ts';
import type { CliIo, CliSignal } from '../io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly CliSignal[];

/** Of a command that works until a signal ends it. */
export interface TakenSignals {
  /** Resolves when it is to end gracefully. */
  readonly first: Promise<void>;
  /** Resolves with the exit code when it must end at once; rejects with an uncaught exception. */
  readonly cut: Promise<number>;
  readonly release: () => void;
}

export function takeSignals(io: CliIo): TakenSignals {
  const first = deferred<void>();
  const cut = deferred<number>();
  cut.promise.catch(() => {}); // it may come when nothing awaits it any more
  let count = 0;
  const onSignal = (signal: CliSignal) => {
    count += 1;
    if (count === 1) first.resolve();
    else cut.resolve(SIGNAL_EXIT[signal]);
  };
  const releases = [
    io.onCrash(cut.reject),
    ...SIGNALS.map(signal => io.onSignal(signal, () => onSignal(signal))),
  ];
  return {
    first: first.promise,
    cut: cut.promise,
    release: () => {
      for (const release of releases) release();
    },
  };
}
