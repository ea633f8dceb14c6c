import { randomUUID } from 'node:crypto';
import type { ProjectGate } from '../project/project-gate.ts';

/** Runs one action after the other per name, across all processes of the user that share the gate's folder. */
export interface Locks {
  /** @throws the signal's reason if it aborts while waiting */
  hold<T>(name: string, signal: AbortSignal, action: () => Promise<T>): Promise<T>;
}

/** A process that dies loses its locks at once. */
export function locksOf(gate: ProjectGate): Locks {
  return {
    async hold(name, signal, action) {
      const holder = randomUUID();
      await entered(gate, name, holder, signal);
      try {
        return await action();
      } finally {
        gate.leave(name, holder);
      }
    },
  };
}

function entered(gate: ProjectGate, name: string, holder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const settle = (settled: () => void): void => {
      stop();
      signal.removeEventListener('abort', abort);
      settled();
    };
    const tryNow = (freed: string): void => {
      if (freed === name && gate.tryEnter(name, 1, holder)) settle(resolve);
    };
    const abort = (): void => settle(() => reject(signal.reason));
    const stop = gate.onFreed(tryNow);
    signal.addEventListener('abort', abort, { once: true });
    tryNow(name);
  });
}
