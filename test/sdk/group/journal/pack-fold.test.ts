import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldJournal, type GroupFold } from '../../../../src/sdk/group/journal/fold.ts';
import type { SessionFold } from '../../../../src/sdk/group/journal/fold-session.ts';
import { FOLD_VERSION, packFold, unpackFold } from '../../../../src/sdk/group/journal/pack-fold.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import { ProgressAggregator } from '../../../../src/sdk/group/progress-aggregator.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { journals } from '../../../support/record-arbitrary.ts';
import { runs } from '../../../support/runs.ts';

const kept = (fold: GroupFold): GroupFold | undefined =>
  unpackFold(JSON.parse(JSON.stringify(packFold(fold))));

/** The progress of an aggregator that continues from a fold. */
function progressAfter(fold: GroupFold) {
  const source = {
    groupId: 'g',
    name: 'group',
    sessions: ['a', 'b', 'c', 'd', 'e'].map(id => ({ id, projectPath: `/p/${id}` })),
    maxConcurrent: 2,
    clock: new SimulatedClock(),
    why: () => undefined,
    limitUsd: () => 10,
  };
  return new ProgressAggregator(source, fold).getProgress();
}

/** Whether values of a type survive JSON (FOLD-1); `unknown` stands for values that come from JSON. */
type Plain<T> = unknown extends T
  ? true
  : T extends string | number | boolean | null | undefined
    ? true
    : T extends readonly (infer Item)[]
      ? Plain<Item>
      : T extends
            | ReadonlyMap<unknown, unknown>
            | ReadonlySet<unknown>
            | Date
            | bigint
            | symbol
            | CallableFunction
        ? false
        : { [Key in keyof T]-?: Plain<T[Key]> }[keyof T];

describe('the fold of a journal', () => {
  test('is plain data according to its types (FOLD-1)', () => {
    const plain: readonly [Plain<SessionFold>, Plain<Omit<GroupFold, 'sessions'>>] = [true, true];
    expect(plain).not.toContain(false);
  });

  test('survives JSON with every field, for any journal (FOLD-1)', () => {
    fc.assert(
      fc.property(journals('g'), records => {
        const fold = foldJournal(records);
        expect(kept(fold)).toStrictEqual(fold);
      }),
      { numRuns: runs(300) },
    );
  });

  test('can be saved and continued, with the same result as one pass; so can progress (I11)', () => {
    fc.assert(
      fc.property(journals('g'), fc.nat(), (records, place) => {
        const cut = place % (records.length + 1);
        const expected = foldJournal(records);
        const beginning = kept(foldJournal(records.slice(0, cut)));
        const all = foldJournal(records.slice(cut), beginning);
        expect(all).toStrictEqual(expected);
        expect(progressAfter(all)).toEqual(progressAfter(expected));
      }),
      { numRuns: runs(300) },
    );
  });

  test('is not mutated by those who continue a copy', () => {
    fc.assert(
      fc.property(journals('g'), records => {
        const fold = foldJournal(records);
        progressAfter(fold);
        expect(fold).toStrictEqual(foldJournal(records));
      }),
      { numRuns: runs(50) },
    );
  });

  test('is rejected if its version or fields differ', () => {
    const packed = JSON.parse(JSON.stringify(packFold(foldJournal([]))));
    expect(unpackFold(packed)).toBeDefined();
    expect(unpackFold({ ...packed, version: FOLD_VERSION + 1 })).toBeUndefined();
    expect(unpackFold({ ...packed, fields: `${packed.fields} more` })).toBeUndefined();
    for (const broken of [undefined, null, [], 'x', { ...packed, group: [] }, { ...packed, group: 1 }]) {
      expect(unpackFold(broken)).toBeUndefined();
    }
    expect(unpackFold({ ...packed, group: { ...packed.group, sessions: [['a']] } })).toBeUndefined();
  });

  test.each([-12_000_000, null, '7'])('holds no amount of %s, whoever saved it', odd => {
    const settled = { type: 'session_started', sessionId: 'a', attempt: 1, agentSessionId: 'x' };
    const packed = JSON.parse(
      JSON.stringify(
        packFold(foldJournal([{ ...settled, seq: 0, time: '', groupId: 'g' } as JournalRecord])),
      ),
    );
    const [[, session]] = packed.group.sessions;
    session.ledger = { settled: odd, tokens: { input: odd }, conversation: odd, unreported: 3, guessed: odd };
    expect(unpackFold(packed)?.sessions.get('a')?.ledger).toEqual({
      settled: 0,
      tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      conversation: 0,
      unreported: 3,
      guessed: 0,
    });
  });

  const begun = { type: 'session_started', sessionId: 'a', attempt: 1, agentSessionId: 'x' };
  const foldOf = (...bodies: object[]) =>
    foldJournal(bodies.map((body, seq) => ({ seq, time: '', groupId: 'g', ...body }) as JournalRecord));

  test.each([
    ['is paused', { type: 'session_paused' }],
    ['is tried again', { type: 'session_retrying', delayMs: 5, error: { code: 'overloaded', message: '' } }],
    ['waits for its account', { type: 'quota_limited', account: 'x', until: '' }],
    ['waits for a slot after a crash', { type: '_status', status: 'pending' }],
    ['begins anew', { ...begun, attempt: 2 }],
    ['goes on', { ...begun, type: 'session_resumed', attempt: 2 }],
    ['ends', { type: 'session_stopped', costUsd: 0 }],
  ])('has no running tool of an attempt that is over: it %s', (_, end) => {
    const tool = { type: 'tool_started', sessionId: 'a', tool: 'Bash', toolUseId: 't' };
    expect(foldOf(begun, tool).sessions.get('a')?.tools).toEqual([['t', 'Bash']]);
    expect(foldOf(begun, tool, { sessionId: 'a', ...end }).sessions.get('a')?.tools).toEqual([]);
  });

  test('keeps the latest of tools that never finish, so that no number of them makes it slow', () => {
    const started = (toolUseId: string) => ({
      type: 'tool_started',
      sessionId: 'a',
      tool: 'Bash',
      toolUseId,
    });
    const all = Array.from({ length: 250 }, (_, index) => started(`t${index}`));
    const tools = foldOf(begun, ...all, started('t200')).sessions.get('a')?.tools ?? [];
    expect([tools.length, tools[0]?.[0], tools.at(-1)?.[0]]).toEqual([100, 't150', 't200']);
  });

  test('of a session whose estimate has fallen expects no more of it in the next figure', () => {
    const spent = (costUsd: number) => ({
      ...{ type: 'session_progress', sessionId: 'a', costUsd, estimated: true },
      tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    });
    const { ledger } = foldOf(begun, spent(0.1), spent(0.04)).sessions.get('a') ?? {};
    expect(ledger).toMatchObject({ settled: 40_000, unreported: 40_000 });
  });

  test('counts no time twice if the clock was set back', () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const event = (seq: number, second: number, body: object) =>
      ({ ...body, seq, time: at(second), groupId: 'g' }) as JournalRecord;
    const said = { type: 'session_message', sessionId: 'a', role: 'assistant', text: 'x' };
    const fold = foldJournal([
      event(0, 0, { type: 'group_started', sessionCount: 1, maxConcurrent: 1 }),
      event(1, 10, said),
      event(2, 5, said),
      event(3, 12, { type: 'group_completed' }),
    ]);
    expect(fold.elapsedMs).toBe(12_000);
  });
});
