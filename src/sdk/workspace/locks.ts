import { randomUUID } from 'node:crypto';
import type { ProjectGate } from '../project/project-gate.ts';

/** Runs one action after the other per repository, across all processes of the user that share the gate's folder. */
export interface RepositoryLocks {
  /** @throws the signal's reason if it aborts while waiting */
  hold<T>(repository: string, signal: AbortSignal, action: () => Promise<T>): Promise<T>;
}

/** A process that dies loses its lock at once; what its git was doing is recognised as half-made by the next one. */
export function repositoryLocks(gate: ProjectGate): RepositoryLocks {
  return {
    async hold(repository, signal, action) {
      const holder = randomUUID();
      await entered(gate, repository, holder, signal);
      try {
        return await action();
      } finally {
        gate.leave(repository, holder);
      }
    },
  };
}

function entered(gate: ProjectGate, repository: string, holder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const settle = (settled: () => void): void => {
      stop();
      signal.removeEventListener('abort', abort);
      settled();
    };
    const tryNow = (freed: string): void => {
      if (freed === repository && gate.tryEnter(repository, 1, holder)) settle(resolve);
    };
    const abort = (): void => settle(() => reject(signal.reason));
    const stop = gate.onFreed(tryNow);
    signal.addEventListener('abort', abort, { once: true });
    tryNow(repository);
  });
}
