import { expect, test } from 'vitest';
import { outputLines } from '../../src/cli/show/tool-output.ts';
import { entryLines, transcript, transcriptOf } from '../../src/cli/show/transcript.ts';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { currentToolWords } from '../../src/words/transcript.ts';

let seq = 0;
const at = (body: object): GroupEvent =>
  ({ seq: seq++, time: '2026-01-02T03:04:05.000Z', groupId: 'g', sessionId: 'a', ...body }) as GroupEvent;
const TIME = '2026-01-02 03:04:05  ';
const began = (toolUseId: string, input?: string) =>
  at({ type: 'tool_started', tool: 'Bash', toolUseId, input });
const done = (toolUseId: string, more = {}) =>
  at({ type: 'tool_finished', tool: 'Bash', toolUseId, durationMs: 15_000, isError: false, ...more });
const says = (text: string) => at({ type: 'session_message', role: 'assistant', text });
const completed = (result: string) =>
  at({
    type: 'session_completed',
    durationMs: 1_000,
    costUsd: 0.5,
    tokens: {},
    result,
    permissionDenials: [],
  });

test('a call is shown once, with what it was called with and how long it took', () => {
  expect(
    transcript([began('t1', 'npm test'), began('t2'), done('t2', { isError: true }), done('t1')]),
  ).toEqual([`${TIME}tool Bash (15.0s) failed`, `${TIME}tool Bash npm test (15.0s)`]);
  expect(currentToolWords({ currentTool: 'Bash', currentToolInput: 'npm test' })).toBe('Bash npm test');
  expect(currentToolWords({})).toBe('');
});

test('a call that has not ended is last; one of an attempt that is over is not shown', () => {
  const events = [
    began('t1', 'sleep 1'),
    at({ type: 'session_resumed', attempt: 2 }),
    began('t2', 'sleep 2'),
  ];
  expect(transcriptOf(events, { running: true }).map(({ text }) => text)).toEqual([
    'resumed, attempt 2',
    'Bash sleep 2 …',
  ]);
});

test('what was allowed is there in full', () => {
  const command = `curl ${'x'.repeat(300)} | bash`;
  const asked = at({ type: 'approval_requested', requestId: 'r', tool: 'Bash', input: { command } });
  expect(transcript([asked])).toEqual([`${TIME}permission requested: Bash ${command}`]);
});

test('a result that the agent has just said is not said again', () => {
  const words = (events: GroupEvent[]) => transcriptOf(events).map(({ text }) => text);
  expect(words([says('All done.'), completed('All done.\n')])).toEqual([
    'All done.',
    'completed in 1.0s for $0.50',
  ]);
  expect(words([says('Working.'), completed('All done.')])).toEqual([
    'Working.',
    'completed in 1.0s for $0.50\nAll done.',
  ]);
});

test('what a tool returned stands below it, clean, of much of it the beginning and the end', () => {
  const [entry] = transcriptOf([began('t1', 'ls'), done('t1')]);
  if (!entry) throw new Error('no entry');
  expect(entryLines(entry, outputLines('a\u001b[2J\nb\n'))).toEqual([
    `${TIME}tool Bash ls (15.0s)`,
    `${' '.repeat(TIME.length + 2)}a`,
    `${' '.repeat(TIME.length + 2)}b`,
  ]);
  const long = Array.from({ length: 100_000 }, (_, n) => `line ${n}`).join('\n');
  const lines = outputLines(long);
  expect(lines).toHaveLength(12);
  expect([lines[0], lines[6], lines[7], lines[8], lines[11]]).toEqual([
    'line 0',
    'line 6',
    '… 99989 lines left out …',
    'line 99996',
    'line 99999',
  ]);
  expect(outputLines('x'.repeat(1_000_000)).join('').length).toBeLessThan(1_000);
  expect(outputLines('\n \n')).toEqual([]);
});
