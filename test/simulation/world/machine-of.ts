import type { Random } from '../random.ts';
import type { MachineCalls } from './machine-calls.ts';
import type { Simulation } from './simulation.ts';

/** Errors and rejections that nobody handles are the run's own meanwhile. */
export function unhandledErrors(take: (error: unknown) => void): () => void {
  const restore = (['unhandledRejection', 'uncaughtException'] as const).map(event => {
    const others = process.rawListeners(event) as ((error: unknown) => void)[];
    process.removeAllListeners(event);
    process.on(event, take);
    return () => {
      process.removeListener(event, take);
      for (const other of others) process.on(event, other);
    };
  });
  return () => {
    for (const back of restore) back();
  };
}

/** What the machine of a run answers to what reaches past the engine's ports. */
export function machineCalls(
  simulation: Simulation,
  random: Random,
  leaked: (what: string) => void,
): MachineCalls {
  const { processes, agents, commands, machine } = simulation;
  const others = () => [...agents.live, ...commands.live];
  const engines = () => [...processes.values()].filter(({ alive }) => alive);
  return {
    immediates: 0,
    random: () => random.next(),
    leaked,
    pids: () => [...engines().map(({ pid }) => pid), ...others().map(({ run }) => run.pid)],
    processFile(pid, file) {
      const agent = others().find(({ run }) => run.pid === pid);
      if (agent === undefined && !engines().some(process => process.pid === pid)) return undefined;
      if (file === 'environ') return agent ? `SESSION_GROUPS_MARKER=${agent.marker}\0` : '';
      return `${pid} (simulated) S 1 ${pid} ${pid} ${'0 '.repeat(15)}${pid}`;
    },
    modified: folder => machine.disk.changes(folder),
    signal(pid, name) {
      const agent = others().find(({ run }) => run.pid === pid);
      if (agent === undefined) return engines().some(process => process.pid === pid);
      if (name !== 0) agent.run.killed();
      return true;
    },
  };
}
