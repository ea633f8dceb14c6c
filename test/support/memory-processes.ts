import type { Machine } from '../../src/store/machine.ts';

/** A process, as the owner lock sees it. */
export interface MemoryProcess extends Machine {
  end(): void;
}

/** Processes of one machine, simulated within this one. Each call starts another. */
export function memoryProcesses(): () => MemoryProcess {
  const live = new Set<number>();
  let last = process.pid - 1;
  return () => {
    last += 1;
    const pid = last;
    live.add(pid);
    return {
      host: 'here',
      pid,
      pidNamespace: undefined,
      startTime: asked => (live.has(asked) ? `${asked}` : undefined),
      exists: asked => live.has(asked),
      isSuspended: () => false,
      end: () => void live.delete(pid),
    };
  };
}
