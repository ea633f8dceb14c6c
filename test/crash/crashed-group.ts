import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect } from 'vitest';
import { isSettled } from '../../machines/vocabulary.ts';
import { foldJournal, type GroupFold } from '../../src/sdk/group/journal/fold.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import type { GroupResult } from '../../src/sdk/group/progress/progress.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { program } from '../sdk/process/process-fixture.ts';
import { compiledSources } from '../sdk/session/compiled-sources.ts';
import { runEngine } from './logged-engine.ts';

/** A line of an agent's own log. */
interface LogLine {
  readonly word: string;
  readonly id: string;
  readonly pid: number;
}

type Engine = ChildProcessByStdio<null, Readable, Readable>;

export type EngineResult = GroupResult & { readonly appended: number; readonly snapshots: number };

export const SNAPSHOT_MOMENTS = [
  'snapshot begun',
  'snapshot half written',
  'snapshot written',
  'snapshot named',
] as const;
type SnapshotMoment = (typeof SNAPSHOT_MOMENTS)[number];

export interface CrashPoint {
  /** Number of the record or snapshot. */
  readonly killAt: number;
  readonly when: 'before' | 'after' | SnapshotMoment;
}

/** One group in a folder of its own, run by engines that die and others that take it over. */
export class CrashedGroup {
  readonly folder = mkdtempSync(join(tmpdir(), 'session-groups-crash-'));
  readonly log = join(this.folder, 'agents.log');
  readonly #modules: string;
  readonly #sessions: readonly Readonly<Record<string, unknown>>[];

  /** `modules`: the compiled sources. Each session works in a project of its own. */
  constructor(modules: string, sessionsFor: (log: string) => readonly Readonly<Record<string, unknown>>[]) {
    this.#modules = modules;
    this.#sessions = sessionsFor(this.log).map(session => ({
      prompt: 'Work.',
      ...session,
      projectPath: join(this.folder, 'projects', String(session.id)),
    }));
    for (const { projectPath } of this.#sessions) mkdirSync(String(projectPath), { recursive: true });
  }

  /** A process that creates the group and runs it. */
  start(point?: CrashPoint): Engine {
    const config = { concurrency: { maxConcurrent: 4 }, retry: { initialInterval: '10ms' } };
    return this.#engine({
      ...point,
      definition: { version: 1, name: basename(this.folder), config, sessions: this.#sessions },
    });
  }

  /** Runs the group to its end; undefined if the engine dies first. */
  run(point?: CrashPoint): Promise<EngineResult | undefined> {
    return resultOf(this.start(point));
  }

  /** This process takes the group over and continues it: faster than a new process. */
  recoverHere(): Promise<GroupResult> {
    return runEngine({ id: this.id }, createFileStore({ dataDir: join(this.folder, 'data') }), this.log);
  }

  /** A new process takes the group over and continues it. */
  recover(point?: CrashPoint): Promise<EngineResult | undefined> {
    return resultOf(this.#engine({ ...point, id: this.id }));
  }

  get id(): string {
    const [id] = readdirSync(join(this.folder, 'data', 'groups'));
    if (id === undefined) throw new Error('the group was never created');
    return id;
  }

  async records(): Promise<readonly JournalRecord[]> {
    return (await createFileStore({ dataDir: join(this.folder, 'data') }).read(this.id)).records;
  }

  agentLog(): readonly LogLine[] {
    let text = '';
    try {
      text = readFileSync(this.log, 'utf8');
    } catch {
      // No agent has started.
    }
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => line.split(' '))
      .map(([word = '', id = '', pid]) => ({ word, id, pid: Number(pid) }));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, maxRetries: 5 });
  }

  #engine(order: object): Engine {
    const settings = { dataDir: join(this.folder, 'data'), log: this.log, snapshotEveryBytes: 1 };
    const orders = JSON.stringify({ ...settings, ...order });
    return spawn(process.execPath, [program('crash-engine.mjs'), this.#modules, orders], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGTERM', // SIGKILL is what the tests send
    });
  }
}

/** Undefined if it was killed. */
function resultOf(engine: Engine): Promise<EngineResult | undefined> {
  let out = '';
  let err = '';
  engine.stdout.setEncoding('utf8').on('data', text => {
    out += text;
  });
  engine.stderr.setEncoding('utf8').on('data', text => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    engine.once('error', reject);
    engine.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined);
      else if (code === 0) resolve(JSON.parse(out));
      else reject(new Error(`the engine exited with ${code ?? signal}: ${err}`));
    });
  });
}

/** The compiled modules for the engines. */
export const compiledEngine = (): string =>
  compiledSources('test/crash/logged-engine.ts', 'src/store/file-store.ts');

/** The result without what a crash may change: attempts and their cost. */
export function outcomeOf({ status, reason, sessions }: GroupResult) {
  const outcome = Object.entries(sessions).map(([id, session]) => [
    id,
    { status: session.status, reason: session.reason, error: session.error, result: session.result },
  ]);
  return { status, reason, sessions: Object.fromEntries(outcome) };
}

/** The journal and the agents' log after the engine's death. */
export interface Remains {
  readonly records: readonly JournalRecord[];
  readonly log: readonly LogLine[];
}

export const remainsOf = async (group: CrashedGroup): Promise<Remains> => ({
  records: await group.records(),
  log: group.agentLog(),
});

/** Checks I1, I4, I8, I10 and I11 across the engine's death, by the journal and the agents' own log. */
export async function expectNothingLost(group: CrashedGroup, { records, log }: Remains): Promise<void> {
  const all = await group.records();
  const after = group.agentLog();
  expect(all.slice(0, records.length)).toEqual(records);
  const seqs = all.flatMap(record => ('seq' in record ? [record.seq] : []));
  expect(seqs, 'I11').toEqual(seqs.map((_, index) => index));
  expect(
    after.filter(({ word }) => word === 'overlap'),
    'I1',
  ).toEqual([]);

  const then = foldJournal(records);
  const now = foldJournal(all);
  expect(spent(now), 'I8').toBeGreaterThanOrEqual(spent(then));
  for (const [id, session] of now.sessions) {
    expect([id, settlements(all, id)]).toEqual([id, 1]);
    expect(starts(after, id), `I10: ${id}`).toBeLessThanOrEqual(journalledStarts(all, id));
    const before = then.sessions.get(id);
    if (!before || !isSettled(before.status)) continue;
    expect(starts(after, id), `I4: ${id} was settled`).toBe(starts(log, id));
    expect(session.ledger, `I8: ${id} was settled`).toEqual(before.ledger);
  }
}

const SETTLEMENTS: ReadonlySet<string> = new Set([
  'session_completed',
  'session_failed',
  'session_skipped',
  'session_stopped',
]);

const settlements = (records: readonly JournalRecord[], id: string): number =>
  records.filter(record => SETTLEMENTS.has(record.type) && 'sessionId' in record && record.sessionId === id)
    .length;

const journalledStarts = (records: readonly JournalRecord[], id: string): number =>
  records.filter(
    record =>
      (record.type === 'session_started' || record.type === 'session_resumed') && record.sessionId === id,
  ).length;

const starts = (log: readonly LogLine[], id: string): number =>
  log.filter(line => line.word === 'start' && line.id === id).length;

/** Cost of all sessions in micro-dollars. */
function spent(snapshot: GroupFold): number {
  let sum = 0;
  for (const { ledger } of snapshot.sessions.values()) sum += ledger.settled;
  return sum;
}
