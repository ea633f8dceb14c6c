import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { BehaviorSubject, Subject } from 'rxjs';
import type { CliIo, CliSignal, JobSignal } from '../../src/cli/io.ts';
import { libraryServices } from '../../src/cli/library.ts';
import type { Job } from '../../src/cli/live/job.ts';
import type { KeyInput } from '../../src/cli/live/keys.ts';
import type { CliServices, DrivenGroup, GroupOptions } from '../../src/cli/services.ts';
import { OwnerGoneError } from '../../src/control/wire/failure.ts';
import type { LoadedDefinition } from '../../src/sdk/group/definition/definition.ts';
import { NO_FILES } from '../../src/sdk/group/document/group-files.ts';
import type { GroupEvent, GroupEventBody } from '../../src/sdk/group/journal/events.ts';
import { GroupManager } from '../../src/sdk/group/manager.ts';
import type { GroupProgress, GroupResult, SessionProgress } from '../../src/sdk/group/progress/progress.ts';
import { viewGroup } from '../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { SessionGroupDefinition, type SessionGroupInput } from '../../src/sdk/group/types.ts';
import { NO_TOKENS } from '../../src/sdk/session/usage.ts';

/** Collects the output; a terminal if it has columns. */
export class FakeStream extends Writable {
  text = '';
  readonly isTTY: boolean;
  columns: number | undefined;
  rows: number | undefined;

  constructor(terminal?: { columns: number; rows: number }) {
    super({ decodeStrings: false });
    this.isTTY = terminal !== undefined;
    this.columns = terminal?.columns;
    this.rows = terminal?.rows;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }

  get lines(): string[] {
    return this.text.split('\n').filter(line => line !== '');
  }
}

/** A terminal's keyboard. */
export class FakeKeyboard extends EventEmitter {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(raw: boolean): void {
    this.isRaw = raw;
  }

  resume(): void {}

  pause(): void {}

  /** Each key by itself. */
  type(...keys: readonly string[]): void {
    for (const key of keys) this.emit('data', key);
  }
}

export class FakeIo implements CliIo {
  readonly stdin: KeyInput;
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  readonly env: Record<string, string | undefined>;
  readonly cwd: string;
  readonly now: () => number;
  readonly availableMemory: () => number;
  readonly #listeners = new Set<{ signal: CliSignal | JobSignal; listener: () => void }>();

  constructor(
    options: {
      terminal?: { columns: number; rows: number };
      env?: Readonly<Record<string, string | undefined>>;
      cwd?: string;
      stdout?: FakeStream;
      stdin?: FakeKeyboard;
      now?: () => number;
      availableMemory?: () => number;
    } = {},
  ) {
    this.stdin = options.stdin ?? { isTTY: options.terminal !== undefined };
    this.stdout = options.stdout ?? new FakeStream(options.terminal);
    this.stderr = new FakeStream(options.terminal);
    this.env = { LANG: 'C.UTF-8', ...options.env };
    this.cwd = options.cwd ?? '/somewhere';
    this.now = options.now ?? (() => Date.UTC(2026, 0, 2, 3, 4, 5));
    this.availableMemory = options.availableMemory ?? (() => 8e9);
  }

  onSignal(signal: CliSignal | JobSignal, listener: () => void): () => void {
    const entry = { signal, listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  raise(signal: CliSignal | JobSignal): void {
    for (const entry of [...this.#listeners]) if (entry.signal === signal) entry.listener();
  }

  readonly #crashListeners = new Set<(error: unknown) => void>();

  onCrash(listener: (error: unknown) => void): () => void {
    this.#crashListeners.add(listener);
    return () => this.#crashListeners.delete(listener);
  }

  crash(error: unknown): void {
    for (const listener of [...this.#crashListeners]) listener(error);
  }

  readonly #exitListeners = new Set<() => void>();

  onExit(listener: () => void): () => void {
    this.#exitListeners.add(listener);
    return () => this.#exitListeners.delete(listener);
  }

  exit(): void {
    for (const listener of [...this.#exitListeners]) listener();
  }

  isInForeground = true;
  suspensions = 0;
  /** Called while the job is suspended. */
  whileSuspended = (): void => {};

  async job(): Promise<Job> {
    return {
      isInForeground: () => this.isInForeground,
      suspend: async onStopped => {
        onStopped();
        this.suspensions += 1;
        this.whileSuspended();
      },
    };
  }

  get listening(): number {
    return this.#listeners.size + this.#crashListeners.size + this.#exitListeners.size;
  }
}

export function sessionProgress(id: string, fields: Partial<SessionProgress> = {}): SessionProgress {
  return {
    id,
    projectPath: `/projects/${id}`,
    status: 'pending',
    costUsd: 0,
    estimated: false,
    tokens: NO_TOKENS,
    attempts: 0,
    messageCount: 0,
    ...fields,
  };
}

export function groupProgress(
  sessions: readonly SessionProgress[],
  fields: Partial<GroupProgress> = {},
): GroupProgress {
  const count = (...statuses: string[]) => sessions.filter(({ status }) => statuses.includes(status)).length;
  return {
    groupId: '20260102-030405-demo',
    name: 'Demo group',
    status: 'running',
    sessions,
    totalSessions: sessions.length,
    pending: count('pending'),
    running: count('preparing', 'running', 'interrupting'),
    waiting: count('retrying', 'quota_wait', 'awaiting_approval'),
    paused: count('paused'),
    completed: count('completed'),
    failed: count('failed'),
    skipped: count('skipped'),
    stopped: count('stopped'),
    totalCostUsd: sessions.reduce((sum, session) => sum + session.costUsd, 0),
    totalTokens: NO_TOKENS,
    elapsedMs: 65_000,
    ...fields,
  };
}

export function groupResult(fields: Partial<GroupResult> = {}): GroupResult {
  return {
    groupId: '20260102-030405-demo',
    status: 'completed',
    sessions: { a: { status: 'completed', costUsd: 0.5, attempts: 1, result: 'long text' } },
    totalCostUsd: 0.5,
    totalTokens: { input: 1_000, output: 200, cacheRead: 0, cacheWrite: 0 },
    elapsedMs: 12_345,
    ...fields,
  };
}

/** A group that the test moves step by step. */
export class FakeGroup implements DrivenGroup {
  readonly id = '20260102-030405-demo';
  readonly group;
  readonly events$ = new Subject<GroupEvent>();
  readonly progress$: BehaviorSubject<GroupProgress>;
  readonly calls: string[] = [];
  /** The reasons of the pauses. */
  readonly reasons: string[] = [];
  #seq = 0;
  #finish: (result: GroupResult) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  readonly #ended = new Promise<GroupResult>((resolve, reject) => {
    this.#finish = resolve;
    this.#fail = reject;
  });

  constructor(progress: GroupProgress = groupProgress([sessionProgress('a')])) {
    this.progress$ = new BehaviorSubject(progress);
    this.group = { id: this.id, slug: 'demo', createdAt: '2026-01-02T03:04:05Z', definition: definition() };
  }

  emit(body: GroupEventBody): void {
    this.events$.next({ seq: this.#seq++, time: '2026-01-02T03:04:05.000Z', groupId: this.id, ...body });
  }

  end(result: GroupResult): void {
    this.#finish(result);
  }

  fail(error: unknown): void {
    this.#fail(error);
  }

  getProgress(): GroupProgress {
    return this.progress$.value;
  }

  getResult(): GroupResult {
    return groupResult({ status: this.getProgress().status });
  }

  run(): Promise<GroupResult> {
    this.calls.push('run');
    return this.#ended;
  }

  readonly dir = undefined;

  async serve(): Promise<void> {}

  leave(): void {}

  retry(): Promise<GroupResult> {
    this.calls.push('retry');
    return this.#ended;
  }

  integrate(): Promise<GroupResult> {
    this.calls.push('integrate');
    return this.#ended;
  }

  async update() {
    this.calls.push('update');
    return { added: [], removed: [], changed: [], settings: ['name'] };
  }

  async addSession({ id }: { readonly id: string }) {
    this.calls.push(`add ${id}`);
    return { added: [id], removed: [], changed: [], settings: [] };
  }

  async setMaxBudget(): Promise<void> {}

  async pauseSession(id: string): Promise<void> {
    this.calls.push(`pause ${id}`);
  }

  async send() {
    return { messageId: 'm' };
  }

  async resumeSession(id: string): Promise<void> {
    this.calls.push(`resume ${id}`);
  }

  async answer(requestId: string, decision: 'allow' | 'deny', by: 'cli'): Promise<void> {
    this.calls.push(`${decision} ${requestId} by ${by}`);
  }

  async *history(): AsyncGenerator<GroupEvent, void, void> {}

  pause({ reason = 'manual' } = {}): Promise<GroupResult> {
    this.reasons.push(reason);
    this.calls.push('pause');
    return this.#ended;
  }

  async rest(): Promise<GroupResult> {
    return this.getResult();
  }

  resume(): Promise<GroupResult> {
    this.calls.push('resume');
    return this.#ended;
  }

  stop(): Promise<GroupResult> {
    this.calls.push('stop');
    return this.#ended;
  }

  async dispose(): Promise<void> {
    this.calls.push('dispose');
  }
}

export function definition(input: Partial<SessionGroupInput> = {}): SessionGroupDefinition {
  return SessionGroupDefinition.parse({
    version: 1,
    name: 'Demo group',
    sessions: [{ id: 'a', projectPath: '/projects/a', prompt: 'Do it.' }],
    ...input,
  });
}

/** Services with a fixed definition and group. */
export function fakeServices(
  group: DrivenGroup,
  changes: Partial<CliServices> & { loaded?: LoadedDefinition } = {},
): CliServices & { created: unknown[]; options: GroupOptions[] } {
  const created: unknown[] = [];
  const options: GroupOptions[] = [];
  const store = createMemoryStore();
  return {
    created,
    options,
    openStore: async () => store,
    openGroup: async (_id, given) => {
      options.push(given);
      return group;
    },
    connect: () => Promise.reject(new OwnerGoneError()),
    viewGroup: async stored => viewGroup(stored),
    archiveGroup: (id, store) => new GroupManager({ store }).archive(id),
    deleteGroup: (id, store) => new GroupManager({ store }).delete(id),
    cleanGroup: (id, store) => new GroupManager({ store }).clean(id),
    undoDelivery: (id, store) => new GroupManager({ store }).undoDelivery(id),
    delivery: () => libraryServices.delivery(),
    openCommand: libraryServices.openCommand,
    openSession: () => Promise.reject(new Error('no terminal here')),
    confirm: async () => false,
    pluginAgents: async () => ({}),
    loadDefinition: () => changes.loaded ?? { definition: definition(), warnings: [], files: NO_FILES },
    createGroup: async (given, opened) => {
      created.push(given);
      options.push(opened);
      return group;
    },
    createServer: async () => {
      throw new Error('no server here');
    },
    redisExecutor: async () => {
      throw new Error('no Redis here');
    },
    createWorker: async () => {
      throw new Error('no Redis here');
    },
    openInBrowser: async () => false,
    createInspector: async () => {
      throw new Error('no inspector here');
    },
    checkAgent: async () => ({ ok: true, version: '2.1.330', path: '/usr/bin/claude', warnings: [] }),
    checkLogin: async () => undefined,
    ...changes,
  };
}
