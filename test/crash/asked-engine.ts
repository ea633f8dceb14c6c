import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { GroupResult } from '../../src/sdk/group/progress/progress.ts';
import { program } from '../sdk/process/process-fixture.ts';

export interface Answer {
  readonly result?: GroupResult;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly refused: boolean;
  };
}

export interface AskedEngine {
  readonly pid: number;
  /** The outcome of creating or opening the group. */
  readonly opened: Promise<Answer>;
  ask(what: 'run' | 'resume' | 'dispose'): Promise<Answer>;
  /** Closes its stdin, so that it exits. Returns its exit code and stderr. */
  leave(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Starts asked-engine.mjs with the compiled sources. */
export function askedEngine(modules: string, order: object): AskedEngine {
  const child = spawn(process.execPath, [program('asked-engine.mjs'), modules, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 90_000,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const left = new Promise<number | null>(resolve => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the engine exited with ${await left}: ${stderr}`);
    return JSON.parse(value);
  };
  return {
    pid: child.pid ?? 0,
    opened: next(),
    ask(what) {
      child.stdin.write(`${what}\n`);
      return next();
    },
    async leave() {
      child.stdin.end();
      return { code: await left, stderr };
    },
  };
}
