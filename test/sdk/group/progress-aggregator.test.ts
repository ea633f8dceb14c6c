import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SESSION_STATUSES } from '../../../machines/vocabulary.ts';
import { toMicroUsd } from '../../../src/sdk/group/cost/ledger.ts';
import type { GroupEventBody } from '../../../src/sdk/group/journal/events.ts';
import type { JournalRecord } from '../../../src/sdk/group/journal/records.ts';
import type { GroupProgress } from '../../../src/sdk/group/progress/progress.ts';
import { ProgressAggregator } from '../../../src/sdk/group/progress-aggregator.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { runs } from '../../support/runs.ts';

function aggregating(sessions: number, estimates: readonly (number | undefined)[] = []) {
  const clock = new SimulatedClock();
  let whys = 0;
  const progress = new ProgressAggregator({
    groupId: 'g',
    name: 'group',
    sessions: Array.from({ length: sessions }, (_, i) => ({
      ...{ id: `s${i}`, projectPath: `/p/${i}`, estimate: estimates[i] },
    })),
    maxConcurrent: 2,
    clock,
    why: id => {
      whys++;
      return id === undefined ? undefined : { kind: 'not_started' };
    },
    limitUsd: () => 10,
  });
  let seq = 0;
  const record = (body: GroupEventBody) =>
    progress.apply({
      ...body,
      seq: seq++,
      time: new Date(clock.now()).toISOString(),
      groupId: 'g',
    } as JournalRecord);
  return { clock, progress, record, whys: () => whys };
}

const ids = fc.nat({ max: 11 }).map(index => `s${index}`);
const amount = fc.nat({ max: 5_000 });
const tokens = fc.record({ input: amount, output: amount, cacheRead: amount, cacheWrite: amount });
const usd = fc.nat({ max: 3_000_000 }).map(micro => micro / 1_000_000);
const sessionRecord: fc.Arbitrary<JournalRecord | GroupEventBody> = fc.oneof(
  fc.record({
    type: fc.constant('_status' as const),
    sessionId: ids,
    status: fc.constantFrom(...SESSION_STATUSES),
  }),
  fc.record({
    type: fc.constant('session_started' as const),
    sessionId: ids,
    attempt: amount,
    agentSessionId: ids,
  }),
  fc.record({
    type: fc.constant('session_progress' as const),
    sessionId: ids,
    costUsd: usd,
    tokens,
    estimated: fc.boolean(),
  }),
  fc.record({ type: fc.constant('tool_started' as const), sessionId: ids, tool: ids, toolUseId: ids }),
  fc.record({ type: fc.constant('tool_finished' as const), sessionId: ids, tool: ids, toolUseId: ids }),
  fc.record({
    type: fc.constant('session_completed' as const),
    sessionId: ids,
    costUsd: usd,
    tokens,
    durationMs: amount,
    result: fc.constant(''),
    permissionDenials: fc.constant<{ tool: string }[]>([]),
  }),
  fc.record({
    type: fc.constant('session_failed' as const),
    sessionId: ids,
    costUsd: usd,
    error: fc.constant({ code: 'max_turns' as const, message: 'm' }),
  }),
  fc.record({ type: fc.constant('session_stopped' as const), sessionId: ids, costUsd: usd }),
  fc.record({
    type: fc.constant('session_skipped' as const),
    sessionId: ids,
    reason: fc.constantFrom('not_needed' as const, 'upstream_failed' as const),
    because: fc.constant<string[]>([]),
  }),
  fc.record({ type: fc.constant('group_retried' as const), sessions: fc.array(ids) }),
  fc.constantFrom({ type: 'group_resumed' as const }, { type: 'group_completed' as const }),
);

const BUCKETS = {
  pending: ['pending'],
  running: ['preparing', 'placing', 'running', 'saving', 'verifying', 'integrating', 'interrupting'],
  waiting: ['awaiting_approval', 'retrying', 'quota_wait'],
  paused: ['paused'],
  completed: ['completed'],
  failed: ['failed'],
  skipped: ['skipped'],
  stopped: ['stopped'],
} as const;

function expectSums(progress: GroupProgress): void {
  for (const [bucket, statuses] of Object.entries(BUCKETS)) {
    const rows = progress.sessions.filter(session => statuses.some(status => status === session.status));
    expect(progress[bucket as keyof typeof BUCKETS], bucket).toBe(rows.length);
  }
  const sum = (of: (session: GroupProgress['sessions'][number]) => number) =>
    progress.sessions.reduce((total, session) => total + of(session), 0);
  expect(toMicroUsd(progress.totalCostUsd)).toBe(sum(session => toMicroUsd(session.costUsd)));
  expect(progress.totalTokens.cacheRead).toBe(sum(session => session.tokens.cacheRead));
  expect(progress.totalTokens.output).toBe(sum(session => session.tokens.output));
  expect(progress.totalSessions).toBe(progress.sessions.length);
}

describe('the progress of a group', () => {
  test('has counters and totals that equal the sums over its sessions, after any records (PROGRESS-2)', () => {
    fc.assert(
      fc.property(fc.array(sessionRecord, { maxLength: 150, size: 'max' }), records => {
        const { progress, record } = aggregating(12);
        for (const body of records) {
          if (body.type.startsWith('_')) progress.apply(body as JournalRecord);
          else record(body as GroupEventBody);
        }
        expectSums(progress.getProgress());
        const { sessions: _, groupId: __, name: ___, ...rest } = progress.getProgress();
        expect(rest).toMatchObject(progress.getGroupStats());
      }),
      { numRuns: runs(100) },
    );
  });

  test('costs the same per record in a group of 10 and of 10,000 (PROGRESS-1)', () => {
    const touched = [10, 10_000].map(size => {
      const { progress, record, whys } = aggregating(size);
      const before = progress.getProgress().sessions;
      const asked = whys();
      record({ type: 'session_started', sessionId: 's5', attempt: 1, agentSessionId: 'c' });
      record({ type: 'session_message', sessionId: 's5', role: 'assistant', text: 'hi' });
      record({ type: 'tool_started', sessionId: 's5', tool: 'Bash', toolUseId: 't' });
      expect(whys()).toBe(asked); // nobody is asked for a reason while records come in
      const after = progress.getProgress().sessions;
      return after.filter((session, index) => session.messageCount !== before[index]?.messageCount).length;
    });
    expect(touched).toEqual([1, 1]);
  });

  test('touches only the row that a record is about (PROGRESS-1)', () => {
    const { record } = aggregating(100);
    const get = Map.prototype.get;
    const looked = new Set<unknown>();
    let loops = 0;
    const values = Map.prototype.values;
    Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown) {
      looked.add(key);
      return get.call(this, key);
    };
    Map.prototype.values = function (this: Map<unknown, unknown>) {
      if (this.size === 100) loops++;
      return values.call(this);
    };
    try {
      record({ type: 'session_started', sessionId: 's5', attempt: 1, agentSessionId: 'c' });
      record({ type: 'session_stopped', sessionId: 's5', costUsd: 1 });
    } finally {
      Map.prototype.get = get;
      Map.prototype.values = values;
    }
    expect([...looked]).toEqual(['s5']);
    expect(loops).toBe(0);
  });

  test('asks for wait reasons only when read, and of all sessions that have not settled', () => {
    const { progress, whys } = aggregating(4);
    // Who is to merge may wait for its turn.
    for (const [index, status] of (['integrating', 'completed', 'failed'] as const).entries()) {
      progress.apply({ type: '_status', sessionId: `s${index}`, status });
    }
    expect(whys()).toBe(0);
    const shown = progress.getProgress().sessions.map(({ why }) => why?.kind);
    expect(whys()).toBe(3); // the group, s0 and s3
    expect(shown).toEqual(['not_started', undefined, undefined, 'not_started']);
  });

  test('names the running tool that started last', () => {
    const { progress, record } = aggregating(1);
    const current = () => progress.sessionProgress('s0')?.currentTool;
    record({ type: 'tool_started', sessionId: 's0', tool: 'Task', toolUseId: '1' });
    record({ type: 'tool_started', sessionId: 's0', tool: 'Bash', toolUseId: '2' });
    expect(current()).toBe('Bash');
    record({ type: 'tool_finished', sessionId: 's0', tool: 'Bash', toolUseId: '2' });
    expect(current()).toBe('Task');
    record({ type: 'session_stopped', sessionId: 's0', costUsd: 0 });
    expect(current()).toBeUndefined();
  });

  test('measures durations while the group runs, not while it is paused', () => {
    const { clock, progress, record } = aggregating(4);
    record({ type: 'group_started', sessionCount: 4, maxConcurrent: 2 });
    record({ type: 'session_started', sessionId: 's0', attempt: 1, agentSessionId: 'c' });
    clock.advance(4_000);
    record({
      type: 'session_failed',
      sessionId: 's0',
      costUsd: 5,
      error: { code: 'max_turns', message: '' },
    });
    expect(progress.getProgress()).toMatchObject({ elapsedMs: 4_000, budgetUsedRatio: 0.5, limitUsd: 10 });
    expect(progress.getProgress().estimatedRemainingMs).toBe((4_000 * 3) / 2);
    record({ type: 'group_paused', reason: 'manual' });
    clock.advance(60_000);
    expect(progress.elapsedMs).toBe(4_000);
    record({ type: 'group_resumed' });
    clock.advance(1_000);
    expect(progress.elapsedMs).toBe(5_000);
    expect(progress.sessionProgress('s0')?.durationMs).toBe(4_000);
  });

  test('estimates what is left from the estimates, and says nothing that is known to be wrong', () => {
    const { clock, progress, record } = aggregating(4, [1_000, 60_000, 5_000]);
    const left = () => progress.getProgress().estimatedRemainingMs;
    const starts = (sessionId: string) =>
      record({ type: 'session_started', sessionId, attempt: 1, agentSessionId: 'c' });
    const stops = (sessionId: string) => record({ type: 'session_stopped', sessionId, costUsd: 0 });
    record({ type: 'group_started', sessionCount: 4, maxConcurrent: 2 });
    for (const id of ['s0', 's1']) starts(id);
    expect(left()).toBeUndefined(); // of s3 nothing is known
    clock.advance(3_000);
    stops('s0');
    expect(left()).toBe(57_000); // of s1; the others, with the mean of 3 s for s3, are faster
    starts('s2');
    clock.advance(4_999);
    expect(left()).toBe(52_001);
    clock.advance(1);
    expect(left()).toBeUndefined(); // s2 takes longer than was expected
    clock.advance(10_000);
    expect(left()).toBeUndefined();
    for (const id of ['s2', 's3']) stops(id);
    expect(left()).toBe(42_000);
    stops('s1');
    expect(left()).toBe(0);
  });

  test('measures and estimates on the monotonic clock, even if the wall clock jumps (PROGRESS-3)', () => {
    const { clock, progress, record } = aggregating(2);
    let jump = 0;
    clock.now = () => clock.monotonic() + jump;
    record({ type: 'group_started', sessionCount: 2, maxConcurrent: 2 });
    record({ type: 'session_started', sessionId: 's0', attempt: 1, agentSessionId: 'c' });
    clock.advance(4_000);
    jump = 3_600_000;
    record({ type: 'session_stopped', sessionId: 's0', costUsd: 0 });
    expect(progress.getProgress()).toMatchObject({ elapsedMs: 4_000, estimatedRemainingMs: 4_000 });
    record({ type: 'group_retried', sessions: ['s0'] });
    record({ type: 'session_resumed', sessionId: 's0', attempt: 2, agentSessionId: 'c' });
    clock.advance(2_000);
    jump = -3_600_000;
    record({ type: 'session_stopped', sessionId: 's0', costUsd: 0 });
    expect(progress.sessionProgress('s0')?.durationMs).toBe(6_000);
    expect(progress.getProgress()).toMatchObject({ elapsedMs: 6_000, estimatedRemainingMs: 5_000 });
  });

  test('drops the error of a retried session, and keeps its cost (I8)', () => {
    const { progress, record } = aggregating(2);
    record({
      type: 'session_failed',
      sessionId: 's0',
      costUsd: 2,
      error: { code: 'max_turns', message: '' },
    });
    record({ type: 'session_skipped', sessionId: 's1', reason: 'upstream_failed', because: ['s0'] });
    record({ type: 'group_retried', sessions: ['s0', 's1'] });
    const [first, second] = progress.getProgress().sessions;
    expect(first).toMatchObject({ status: 'pending', costUsd: 2 });
    expect([first?.error, second?.skipReason]).toEqual([undefined, undefined]);
    expectSums(progress.getProgress());
  });

  test('ignores unknown sessions', () => {
    const { progress, record } = aggregating(1);
    record({ type: 'session_stopped', sessionId: 'ghost', costUsd: 3 });
    expect(progress.getGroupStats()).toMatchObject({ totalSessions: 1, stopped: 0, totalCostUsd: 0 });
  });
});

test('a look at what has changed takes the sessions with records since, and those that wait', () => {
  const sessions = ['a', 'b', 'c'].map(id => ({ id, projectPath: `/p/${id}` }));
  const progress = new ProgressAggregator({ sessions });
  const changed = (since: number) => progress.progressSince(since).sessions.map(({ id }) => id);
  let seq = 0;
  const record = (body: GroupEventBody) =>
    progress.apply({ ...body, seq: seq++, time: '2026-01-01T00:00:00.000Z', groupId: 'g' } as JournalRecord);
  const started = (sessionId: string) =>
    record({ type: 'session_started', sessionId, attempt: 1, agentSessionId: sessionId });
  started('a');
  started('b');
  expect(changed(-1)).toEqual(['a', 'b', 'c']);
  const { version } = progress;
  expect(changed(version)).toEqual(['c']); // why it waits can change without a record
  record({ type: 'session_message', sessionId: 'b', role: 'assistant', text: 'x' });
  expect(changed(version)).toEqual(['b', 'c']);
  progress.redefine({ name: 'g', sessions: sessions.slice(1), maxConcurrent: 1 });
  expect(changed(progress.version - 2)).toEqual(['b', 'c']);
  expect(progress.getProgress().sessions).toHaveLength(2);
});

test('why a session waits is asked only of those that wait', () => {
  const asked: (string | undefined)[] = [];
  const sessions = ['working', 'waiting'].map(id => ({ id, projectPath: `/p/${id}` }));
  const why = (id?: string): undefined => void asked.push(id);
  const progress = new ProgressAggregator({ sessions, why });
  const started = { type: 'session_started', sessionId: 'working', attempt: 1, agentSessionId: 'a' } as const;
  progress.apply({ ...started, seq: 0, time: '2026-01-01T00:00:00.000Z', groupId: 'g' });
  progress.getProgress();
  expect(asked).toEqual([undefined, 'waiting']); // undefined: the group
});
