import { expect, test } from 'vitest';
import { copyFold, foldJournal, foldRecord } from '../../../../src/sdk/group/journal/fold.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';

let seq = 0;
const event = (body: object): JournalRecord =>
  ({ seq: seq++, time: '2026-01-01T00:00:00.000Z', groupId: 'g', ...body }) as unknown as JournalRecord;
const started = (sessionId: string) =>
  event({ type: 'session_started', sessionId, attempt: 1, agentSessionId: `of ${sessionId}` });
const failed = (sessionId: string) =>
  event({ type: 'session_failed', sessionId, error: { code: 'agent_error', message: 'no' }, costUsd: 0 });
const resolved = (sessionId: string, dependency: string) =>
  event({ type: 'dependency_resolved', sessionId, dependency });

test('a copy goes on by itself: it shares the sessions that it does not change, and changes none of the original', () => {
  const history = [
    event({ type: 'group_started' }),
    ...['a', 'b', 'c', 'd'].map(started),
    failed('a'),
    resolved('e', 'a'),
  ];
  const original = foldJournal(history);
  const before = structuredClone(original);
  const copy = copyFold(original);
  const later = [
    failed('b'),
    event({ type: 'group_retried', sessions: ['a'], fresh: true }),
    started('f'),
    event({
      type: 'group_updated',
      revision: 1,
      added: ['g'],
      removed: ['d'],
      changed: [],
      fresh: ['c'],
      edges: [],
    }),
    started('d'),
    failed('d'),
  ];
  for (const record of later) foldRecord(copy, record);
  expect(original).toEqual(before);
  expect(copy).toEqual(foldJournal([...history, ...later]));
  const shared = [...copy.sessions].filter(([id, session]) => original.sessions.get(id) === session);
  expect(shared.map(([id]) => id)).toEqual([]);
  expect([...copyFold(original).sessions.values()][0]).toBe(original.sessions.get('a'));
});

test('a session with very many dependencies costs as much for each as one with few; a copy adds to a list of its own', () => {
  const names = Array.from({ length: 5_000 }, (_, index) => `d${index}`);
  const fold = foldJournal([event({ type: 'group_started' })]);
  const lists = new Set<unknown>();
  for (const name of names) {
    foldRecord(fold, resolved('last', name));
    lists.add(fold.sessions.get('last')?.resolved);
  }
  expect(lists.size).toBeLessThan(50);
  const copy = copyFold(fold);
  const copyOfCopy = copyFold(copy);
  for (const name of ['x', 'y']) foldRecord(copy, resolved('last', name));
  foldRecord(copyOfCopy, resolved('last', 'z'));
  expect(fold.sessions.get('last')?.resolved).toEqual(names);
  expect(copy.sessions.get('last')?.resolved).toEqual([...names, 'x', 'y']);
  expect(copyOfCopy.sessions.get('last')?.resolved).toEqual([...names, 'z']);
});
