import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { foldJournal } from '../../src/sdk/group/journal/fold.ts';
import { isEvent, type JournalRecord } from '../../src/sdk/group/journal/records.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { viewGroup } from '../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import type { GroupStore } from '../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import type { Agent, AttemptSpec } from '../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../src/sdk/session/scripted/scripted.ts';
import type { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { expect } from './light-expect.ts';

const SETTLED = new Set(['completed', 'failed', 'stopped', 'skipped']);
const RESTING = new Set(['paused', 'stopped', 'completed', 'failed']);

/** A group under control requests, as seen by its agents: starts and ends are theirs, not the engine's claims. */
export interface ControlWorld {
  readonly clock: SimulatedClock;
  readonly options: SessionGroupOptions & { readonly store: GroupStore };
  readonly live: Map<string, string>;
  readonly pending: Set<{ name: string; settled: boolean }>;
  handle: GroupRunner;
  watch(handle: GroupRunner): void;
  /** The invariants that hold after every step. */
  check(): void;
}

export function createControlWorld(clock: SimulatedClock, maxConcurrent: number): ControlWorld {
  const live = new Map<string, string>();
  const inProject = new Map<string, number>();
  const conversations = new Map<string, string>();
  const scripted = createScriptedAgent(clock);
  const events: GroupEvent[] = [];
  const violations: unknown[] = [];
  const settled = new Map<string, { status: string; costUsd: number }>();

  const agent: Agent = {
    ...scripted,
    start(spec, sink) {
      try {
        checkStart(spec);
      } catch (error) {
        violations.push(error);
      }
      const { sessionId, cwd } = spec;
      live.set(sessionId, cwd);
      inProject.set(cwd, (inProject.get(cwd) ?? 0) + 1);
      return scripted.start(spec, event => {
        if (event.type === 'ended') {
          live.delete(sessionId);
          inProject.set(cwd, (inProject.get(cwd) ?? 1) - 1);
        }
        sink(event);
      });
    },
  };

  const checkStart = ({ sessionId, cwd, conversation }: AttemptSpec): void => {
    const { totalCostUsd, limitUsd, status } = world.handle.getProgress();
    expect(live.has(sessionId), `${sessionId} has two live attempts (I1)`).toBe(false);
    expect(status, `${sessionId} starts (I6)`).toBe('running');
    if (world.handle.group.definition.config.budget.onBudgetExceeded !== 'warn' && limitUsd !== undefined) {
      expect(totalCostUsd, `${sessionId} starts at the limit (I9)`).toBeLessThan(limitUsd);
    }
    if (conversation.resume) {
      expect(conversation.id, `${sessionId} resumes its conversation (I14)`).toBe(
        conversations.get(sessionId),
      );
    }
    conversations.set(sessionId, conversation.id);
    expect(live.size, 'slots (I3)').toBeLessThan(maxConcurrent);
    expect(inProject.get(cwd) ?? 0, 'places in the project (I3)').toBe(0);
  };

  const checkEvents = () => {
    for (const event of events.splice(0)) {
      if (event.type === 'group_failed') expect(event.reason).not.toBe('internal_error');
      if (event.type === 'session_failed') expect(event.error.message).not.toContain('chart has failed');
      if (event.type === 'group_retried') for (const id of event.sessions) settled.delete(id);
      if (event.type === 'group_updated') for (const id of event.removed) settled.delete(id);
    }
  };

  const world: ControlWorld = {
    clock,
    live,
    pending: new Set(),
    options: {
      store: told(createMemoryStore(), event => events.push(event)),
      clock,
      projects: memoryProjectGate(),
      quota: new QuotaGate(clock, () => 0),
      agents: { scripted: agent },
    },
    handle: undefined as never,
    watch(handle) {
      world.handle = handle;
      const follow = () =>
        handle.journal$(seen).subscribe({
          next: event => {
            expect(event.seq, 'seq has no gap (I11)').toBe(seen);
            seen = event.seq + 1;
          },
          complete: () => {
            ended = true;
          },
        });
      let seen = 0;
      let ended = false;
      follow();
      world.check = () => {
        if (ended) {
          ended = false; // the stream ended when the group settled; a retry continues it
          follow();
        }
        for (const violation of violations.splice(0)) throw violation;
        checkEvents();
        checkState(handle);
      };
    },
    check() {},
  };

  function checkState(handle: GroupRunner): void {
    const progress = handle.getProgress();
    const { status } = progress;
    if (RESTING.has(status)) expect([...live.keys()], `alive while ${status} (I7)`).toEqual([]);
    const sum = progress.sessions.reduce((total, session) => total + session.costUsd, 0);
    expect(progress.totalCostUsd, 'the total is the sum (I8)').toBeCloseTo(sum, 6);
    expect(handle.getResult().totalCostUsd, 'ledger and progress agree (I8, I11)').toBeCloseTo(sum, 6);
    for (const session of progress.sessions) {
      const before = settled.get(session.id);
      if (before) {
        expect(session.status, `${session.id} changed after it had settled (I4)`).toBe(before.status);
        expect(session.costUsd, `${session.id}'s settled cost fell (I8)`).toBeGreaterThanOrEqual(
          before.costUsd,
        );
      }
      if (SETTLED.has(session.status))
        settled.set(session.id, { status: session.status, costUsd: session.costUsd });
    }
    if (status === 'completed' || status === 'failed') checkOutcome(handle);
  }
  return world;
}

/** The same store; `tell` gets each event as it is journaled, independently of streams. */
function told(store: GroupStore, tell: (event: GroupEvent) => void): GroupStore {
  return {
    ...store,
    async create(group) {
      const owned = await store.create(group);
      const { journal } = owned;
      const append = (record: JournalRecord): void => {
        void journal.append(record);
        if (isEvent(record)) tell(record);
      };
      return Object.create(owned, { journal: { value: { ...journal, append } } });
    },
  };
}

/** I5, written from the specification. */
function checkOutcome(handle: GroupRunner): void {
  const allowed = new Set(
    handle.group.definition.sessions.filter(one => one.allowFailure).map(one => one.id),
  );
  const good = handle
    .getProgress()
    .sessions.every(
      session =>
        session.status === 'completed' ||
        (session.status === 'skipped' && session.skipReason === 'not_needed') ||
        (session.status === 'failed' && allowed.has(session.id)),
    );
  expect(handle.getProgress().status, 'completed as defined (I5)').toBe(good ? 'completed' : 'failed');
}

/** I13 and I15: at rest, everything has settled or has a wait reason, and every request is answered. */
export function checkAtRest(world: ControlWorld): void {
  const { handle } = world;
  const progress = handle.getProgress();
  if (progress.status === 'running') {
    const waits = progress.sessions.filter(session => !SETTLED.has(session.status));
    expect(
      waits.some(session => session.status === 'awaiting_approval'),
      'running, and nothing can happen (I13)',
    ).toBe(true);
  }
  for (const session of progress.sessions) {
    if (SETTLED.has(session.status) || world.live.has(session.id)) continue;
    expect(session.why, `${session.id} is ${session.status} without a reason (I13)`).toBeDefined();
  }
  if (RESTING.has(progress.status)) {
    expect(
      [...world.pending].filter(one => !one.settled).map(one => one.name),
      'unanswered (I15)',
    ).toEqual([]);
  }
}

/** I11: the journal folds to the group's state. */
export async function checkFold(handle: GroupRunner, store: GroupStore): Promise<void> {
  const { records } = await store.read(handle.id);
  const folded = foldJournal(records);
  const progress = handle.getProgress();
  expect(folded.status, 'the fold of the journal (I11)').toBe(progress.status);
  for (const session of progress.sessions) {
    const { status, attempts, ledger } = folded.sessions.get(session.id) ?? {
      status: 'pending',
      attempts: 0,
      ledger: { settled: 0 },
    };
    expect(
      { id: session.id, status, attempts, cost: ledger.settled / 1e6 },
      'the fold of the journal (I11)',
    ).toEqual({
      id: session.id,
      status: session.status,
      attempts: session.attempts,
      cost: session.costUsd,
    });
  }
}

/** Promise 4: whoever reads the journal of a live group is told the same reasons to wait as its owner tells. */
export async function checkReasons({ handle, options, clock }: ControlWorld): Promise<void> {
  const progress = handle.getProgress();
  const seen = viewGroup(await options.store.read(handle.id), clock).progress;
  for (const [index, { id, status, why }] of seen.sessions.entries()) {
    expect({ id, status, why }, 'a reason to wait, by the journal').toEqual({
      id,
      status: progress.sessions[index]?.status,
      why: progress.sessions[index]?.why,
    });
  }
  expect(seen.why, "the group's reason to wait, by the journal").toEqual(progress.why);
}

/** Sends a request; its outcome must be acceptance or a typed refusal. */
export async function request(
  world: ControlWorld,
  name: string,
  send: () => Promise<unknown>,
): Promise<void> {
  const entry = { name, settled: false };
  world.pending.add(entry);
  send().then(
    () => {
      entry.settled = true;
    },
    (error: { code?: unknown; message?: string }) => {
      entry.settled = true;
      if (typeof error.code !== 'string')
        world.pending.add({ name: `${name} threw ${error.message}`, settled: false });
    },
  );
  await turns();
}

/** Lets everything continue that waits for a promise. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 12; i++) await null;
}
