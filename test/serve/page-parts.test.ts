import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { GroupEvent, SessionProgress } from '../../src/serve/api-types.ts';
import { neighbour } from '../../src/serve/page/graph/graph-keys.ts';
import { groupHash, listHash, readRoute } from '../../src/serve/page/model/route.ts';
import { inOrder } from '../../src/serve/page/model/session-order.ts';
import { SseParser } from '../../src/serve/page/net/sse-parser.ts';
import { shown, toolInputFields } from '../../src/serve/page/texts/tool-input.ts';
import { Attempts } from '../../src/words/attempts.ts';

describe("the page's reader of event streams", () => {
  const messages = fc.array(
    fc.record({
      event: fc.constantFrom('event', 'progress', 'end'),
      id: fc.option(fc.nat(), { nil: undefined }),
      data: fc.string({ unit: 'grapheme' }).map(words => JSON.stringify({ words })),
    }),
    { maxLength: 6 },
  );
  const cuts = fc.array(fc.nat(400), { maxLength: 12 });
  const ends = fc.constantFrom('\n', '\r\n');

  property.prop([messages, cuts, ends])('parses messages wherever the stream is split', (sent, at, end) => {
    const text = sent
      .map(({ event, id, data }) => {
        const lines = [
          ': ping',
          '',
          `event: ${event}`,
          ...(id === undefined ? [] : [`id: ${id}`]),
          `data: ${data}`,
        ];
        return `${lines.join(end)}${end}${end}`;
      })
      .join('');
    const places = [0, ...at.filter(place => place < text.length).sort((a, b) => a - b), text.length];
    const parser = new SseParser();
    const got = places.flatMap((place, index) => parser.feed(text.slice(places[index - 1] ?? 0, place)));
    expect(got).toEqual(
      sent.map(({ event, id, data }) => ({ event, data, ...(id === undefined ? {} : { id: String(id) }) })),
    );
  });
});

describe("the page's routes", () => {
  property.prop([fc.string({ minLength: 1 }), fc.option(fc.string({ minLength: 1 }), { nil: undefined })])(
    'round-trip',
    (group, session) => {
      const route = readRoute(groupHash(group, session));
      expect(route).toEqual({
        page: 'group',
        group,
        filter: {},
        ...(session === undefined ? {} : { session }),
      });
    },
  );

  it('keep filters, and fall back to the list', () => {
    expect(readRoute(listHash({ status: 'paused', text: 'a & b', project: '' }))).toEqual({
      page: 'list',
      filter: { status: 'paused', text: 'a & b' },
    });
    for (const hash of ['', '#', '#/', '#/nowhere', '#/groups/']) expect(readRoute(hash).page).toBe('list');
    expect(readRoute('#/groups/%E0%A4%A')).toEqual({ page: 'group', group: '%E0%A4%A', filter: {} });
  });
});

describe('the input of a tool', () => {
  it('is shown as requested: a single text without a label, several fields with names, lines as lines', () => {
    expect(toolInputFields({ command: 'npm test' })).toEqual([{ words: 'npm test' }]);
    expect(toolInputFields({ command: 'cat <<E\n"a"\nE', timeout: 5, files: ['a'] })).toEqual([
      { name: 'command', words: 'cat <<E\n"a"\nE' },
      { name: 'timeout', words: '5' },
      { name: 'files', words: '[\n  "a"\n]' },
    ]);
    expect(toolInputFields({ todos: [] })).toEqual([{ name: 'todos', words: '[]' }]);
  });

  property.prop([fc.string({ unit: 'binary' })])(
    'contains no invisible or bidirectional control characters',
    text => {
      const unseen = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Cf}]/u;
      const input = { [`a${text}`]: `${text}\u202e\u200b${text}`, b: [`${text}\u2066`] };
      for (const { name = '', words } of toolInputFields(input))
        expect(`${name}${words}`).not.toMatch(unseen);
      expect(shown('rm \u202e-rf')).toBe('rm \\u{202e}-rf');
    },
  );
});

describe("the page's attempts", () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 4, second)).toISOString();
  let seq = 0;
  const event = (second: number, body: object) =>
    ({ seq: seq++, time: at(second), groupId: 'g', sessionId: 's', ...body }) as GroupEvent;
  const started = (second: number, attempt: number) =>
    event(second, { type: 'session_started', attempt, agentSessionId: 'x' });

  it('end with their events; one whose engine died ends with the last event before the next begins', () => {
    const attempts = new Attempts([{ sessionId: 's', attempt: 1, startedAt: at(0) }]);
    const told = [
      event(1, {
        type: 'session_retrying',
        attempt: 2,
        delayMs: 1,
        error: { code: 'overloaded', message: '' },
      }),
      started(2, 2),
      started(5, 3),
      event(6, { type: 'session_message', role: 'assistant', text: 'x' }),
      event(7, { type: 'session_completed', costUsd: 0 }),
      event(8, { type: 'session_completed', costUsd: 0 }),
    ].map(one => attempts.apply(one));
    expect(told).toEqual(['s', 's', 's', undefined, 's', undefined]);
    expect(attempts.of('s')).toEqual([
      { sessionId: 's', attempt: 1, startedAt: at(0), endedAt: at(1), outcome: 'retrying' },
      { sessionId: 's', attempt: 2, startedAt: at(2), endedAt: at(2), outcome: 'lost' },
      { sessionId: 's', attempt: 3, startedAt: at(5), endedAt: at(7), outcome: 'completed' },
    ]);
  });
});

describe("the page's order of sessions", () => {
  const row = (id: string, more: Partial<SessionProgress> = {}): SessionProgress => ({
    id,
    projectPath: '/p',
    status: 'pending',
    costUsd: 0,
    estimated: false,
    tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    attempts: 0,
    messageCount: 0,
    ...more,
  });
  const rows = [row('s-10', { costUsd: 1 }), row('s-9', { status: 'failed' }), row('s-1', { costUsd: 3 })];
  const ids = (key: Parameters<typeof inOrder>[1]) => inOrder(rows, key).map(({ id }) => id);

  it('is definition order or by a column; numbers in names sort as numbers', () => {
    expect(ids({ descending: false })).toEqual(['s-10', 's-9', 's-1']);
    expect(ids({ key: 'id', descending: false })).toEqual(['s-1', 's-9', 's-10']);
    expect(ids({ key: 'cost', descending: true })).toEqual(['s-1', 's-10', 's-9']);
    expect(ids({ key: 'status', descending: false })).toEqual(['s-9', 's-10', 's-1']);
  });
});

describe('the arrow keys in the graph', () => {
  const box = (id: string, x: number, y: number) => ({ id, x, y, width: 100, height: 50, critical: false });
  const boxes = [box('a', 0, 0), box('b', 200, 10), box('c', 200, 90), box('d', 400, 0)];
  const from = (id: string) => boxes.find(one => one.id === id) ?? box('none', 0, 0);
  it.each([
    ['a', 'ArrowRight', 'b'],
    ['b', 'ArrowDown', 'c'],
    ['c', 'ArrowUp', 'b'],
    ['d', 'ArrowLeft', 'b'],
    ['a', 'ArrowLeft', undefined],
    ['b', 'End', 'd'],
    ['d', 'Home', 'a'],
    ['a', 'x', undefined],
  ])('move from %s by %s to %s', (id, key, wanted) => {
    expect(neighbour(from(id), boxes, key)?.id).toBe(wanted);
  });

  it('go from a wide box to the first below it, past what is below it to the next beside it, and back', () => {
    const wide = { ...box('wide', 110, 0), width: 320 };
    const unfolded = [wide, box('first', 0, 60), box('last', 220, 60), box('next', 400, 30)];
    const by = (key: string, start = wide) => neighbour(start, unfolded, key)?.id;
    expect([by('ArrowDown'), by('ArrowRight')]).toEqual(['first', 'next']);
    expect(by('ArrowUp', unfolded[2])).toBe('wide');
  });
});
