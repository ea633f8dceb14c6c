import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineSplitter } from '../../src/sdk/process/line-splitter.ts';
import type { ProcessExit } from '../../src/sdk/process/process.ts';
import type { AgentEvent, AttemptEnd } from '../../src/sdk/session/agent.ts';
import { attemptEnd } from '../../src/sdk/session/claude-code/outcome.ts';
import { mapLine } from '../../src/sdk/session/claude-code/stream/mapping.ts';
import { newStreamState, type StreamState } from '../../src/sdk/session/claude-code/stream/stream-state.ts';
import { streamJsonReader } from '../../src/sdk/session/stream-json-usage.ts';
import { EXPECTED, linesOf, NOW, names } from '../support/recordings.ts';
import { runs } from '../support/runs.ts';

/*
 * Recorded output of the real client, changed in any way: no change makes the reader throw, hides a result that is
 * there (so that the client would wait for ever), or makes a completion of what is none.
 *
 * All single changes of fields, and more of the others: SEQUENCES=20000 SEED=1 npx vitest run
 * test/properties/claude-output.test.ts
 */

const SEED = Number(process.env.SEED ?? 20_260_101);
const MANY = process.env.SEQUENCES === undefined ? undefined : Number(process.env.SEQUENCES);
const settings = (share: number) => ({ numRuns: MANY ?? runs(share), seed: SEED });

interface Reading {
  readonly events: readonly AgentEvent[];
  readonly state: StreamState;
  readonly end: AttemptEnd;
}

function read(name: string, chunks: readonly Buffer[]): Reading {
  const state = newStreamState();
  const events: AgentEvent[] = [];
  const wrapped = streamJsonReader();
  const lines = lineSplitter(line => {
    const mapped = mapLine(state, line);
    for (const event of mapped.events) events.push(event);
    if (mapped.showsWork && mapped.events.length === 0) throw new Error('work that nobody hears of');
    wrapped.read(line);
  });
  for (const chunk of chunks) lines.push(chunk);
  lines.end();
  const { exit, asked = false } = EXPECTED[name] ?? {};
  const how: ProcessExit = { code: 0, signal: null, stderrTail: '', ...exit };
  return { events, state, end: attemptEnd(state, how, { asked, resumed: false, now: NOW }) };
}

const readLines = (name: string, lines: readonly string[]): Reading =>
  read(name, [Buffer.from(lines.map(line => `${line}\n`).join(''))]);

const unchanged = new Map(names.map(name => [name, readLines(name, linesOf(name))]));
const reading = (name: string): Reading => unchanged.get(name) ?? readLines(name, linesOf(name));

/** A completion, and of which text; otherwise only that it is none. */
const completion = ({ end }: Reading): string | undefined =>
  end.outcome === 'done' ? end.result : undefined;

const aRecording = fc.constantFrom(...names.filter(name => linesOf(name).length > 0));

/** Every place in a message, objects and lists included. */
function placesIn(value: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [...(at.length > 0 ? [at] : []), ...entries.flatMap(([key, part]) => placesIn(part, [...at, key]))];
}

/** What takes the place of a field; `DROP` removes it. */
const DROP = Symbol('dropped');
const OTHERS = [DROP, null, 'text', '', 7, -1, 0.5, true, [], [null], {}, { a: null }];

function changed(line: string, place: readonly (string | number)[], other: unknown): string {
  const message: unknown = JSON.parse(line);
  const parent = place
    .slice(0, -1)
    .reduce<unknown>((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), message);
  const key = place.at(-1);
  if (!isObject(parent) || key === undefined) return line;
  if (other !== DROP) Reflect.set(parent, key, other);
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
  return JSON.stringify(message);
}
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

interface Change {
  readonly name: string;
  readonly line: number;
  readonly place: readonly (string | number)[];
  readonly other: unknown;
}

/** By these a result is judged, and what else it says of itself. */
const JUDGED = new Set([
  ...['type', 'subtype', 'is_error', 'terminal_reason', 'num_turns', 'result', 'errors', 'local_command'],
  ...['queued_turn_count', 'stop_reason', 'api_error_status', 'startup_failure_reason'],
]);
const isResult = (line: string): boolean => /"type":"result"/.test(line);

function check({ name, line, place, other }: Change): void {
  const lines = linesOf(name);
  const original = lines[line] ?? '';
  const after = readLines(
    name,
    lines.map((text, index) => (index === line ? changed(text, place, other) : text)),
  );
  const before = reading(name);
  const says = `${name}:${line + 1} ${place.join('.')} ${String(other)}`;
  const [field] = place;
  const hides = isResult(original) && place.length === 1 && field === 'type';
  // The client is told to end once its result is known; one that isn't waits for ever.
  if (before.state.result && !hides && !after.state.result) throw new Error(`no result: ${says}`);
  // Without a reason, the number of turns is all that tells a turn that was prevented from one that ended.
  const counts = isResult(original) && field === 'num_turns';
  if (!counts && completion(before) === undefined && completion(after) !== undefined) {
    throw new Error(`a wrong completion: ${says}`);
  }
  const decides = isResult(original) && JUDGED.has(String(field));
  if (!decides && completion(after) !== completion(before)) throw new Error(`a lost result: ${says}`);
  const odd = isResult(original) && other !== DROP && other !== null;
  const reads = ['total_cost_usd', 'modelUsage', 'permission_denials', 'errors', 'api_error_status'];
  if (odd && place.length === 1 && reads.includes(String(field)) && !fits(String(field), other)) {
    const warned = after.events.some(event => event.type === 'warning' && event.message.includes(`${field}`));
    if (!warned) throw new Error(`not a word of it: ${says}`);
  }
}

/** Whether another value has the type of the field, so that nothing can be wrong with it. */
function fits(field: string, other: unknown): boolean {
  if (field === 'total_cost_usd') return typeof other === 'number' && other >= 0;
  if (field === 'api_error_status') return typeof other === 'number';
  if (field === 'modelUsage') return isObject(other) && !Array.isArray(other) && !('a' in other);
  return Array.isArray(other) && !other.includes(null);
}

const everyChange = (): Change[] =>
  names.flatMap(name =>
    linesOf(name).flatMap((text, line) =>
      placesIn(JSON.parse(text)).flatMap(place => OTHERS.map(other => ({ name, line, place, other }))),
    ),
  );

describe('output of the client', () => {
  test('with any field dropped, null, or of another type', () => {
    const all = everyChange();
    // The results matter most: a quarter of the changes of their own fields; of everything else, a share.
    const results = all.filter(
      ({ name, line, place }) => place.length === 1 && isResult(linesOf(name)[line] ?? ''),
    );
    const each = (step: number) => (_: Change, index: number) => (index + SEED) % step === 0;
    const chosen = [
      ...results.filter(each(Math.ceil(results.length / runs(2_000)))),
      ...all.filter(each(Math.ceil(all.length / runs(1_000)))),
    ];
    for (const change of MANY === undefined ? chosen : all) check(change);
    expect(all.length).toBeGreaterThan(100_000);
  }, 900_000);

  test('says the same, however it is split into chunks', () => {
    const sizes = fc.array(fc.oneof(fc.constant(1), fc.nat({ max: 80 }), fc.nat({ max: 9_000 })), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(aRecording, sizes, (name, lengths) => {
        const bytes = Buffer.from(`${linesOf(name).join('\n')}\n`);
        const chunks: Buffer[] = [];
        let at = 0;
        for (const length of lengths) {
          chunks.push(bytes.subarray(at, at + length));
          at += length;
        }
        chunks.push(bytes.subarray(at));
        expect(read(name, chunks).events).toEqual(reading(name).events);
      }),
      settings(300),
    );
  });

  /** Between two lines: nothing, another line end, or what other programs print. */
  const between = fc.constantFrom(
    '',
    '\r\n',
    '\n\n',
    '\n\uFEFF',
    '\0',
    '\n\0\0',
    ' \t',
    'Warning: {"a',
    ' ok ',
  );
  test('says the same with other line ends, none, or other text around its messages', () => {
    fc.assert(
      fc.property(aRecording, fc.array(between, { minLength: 40, maxLength: 40 }), (name, separators) => {
        const lines = linesOf(name);
        const text = lines.map((line, index) => `${line}${separators[index % 40]}`).join('');
        const { events, end } = read(name, [Buffer.from(text)]);
        expect({ events, end }).toEqual({ events: reading(name).events, end: reading(name).end });
      }),
      settings(300),
    );
  });

  test('never becomes a completion by what is lost, repeated or out of order, nor loses its result', () => {
    const place = fc.nat({ max: 60 });
    const edit = fc.oneof(
      fc.record({ how: fc.constantFrom('drop', 'repeat', 'swap', 'glue'), at: place }),
      fc.record({
        how: fc.constantFrom('cut', 'damage', 'cut and glue'),
        at: place,
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(aRecording, fc.array(edit, { minLength: 1, maxLength: 3 }), (name, edits) => {
        const lines = linesOf(name).map(text => ({ text, end: '\n', whole: true }));
        for (const { how, at, ...more } of edits) {
          const index = at % lines.length;
          const line = lines[index];
          const next = lines[index + 1];
          if (!line) continue;
          if (how === 'drop' && lines.length > 1) lines.splice(index, 1);
          if (how === 'repeat') lines.splice(index, 0, { ...line });
          if (how === 'swap' && next) lines.splice(index, 2, next, line);
          if (how === 'glue' || how === 'cut and glue') line.end = '';
          if ('part' in more && line.text !== '') {
            const cut = Math.floor(more.part * line.text.length);
            line.text =
              line.text.slice(0, cut) + (how === 'damage' ? `\uFFFD${line.text.slice(cut + 1)}` : '');
            line.whole = false;
          }
        }
        const text = lines.map(line => line.text + line.end).join('');
        const after = read(name, [Buffer.from(text)]);
        const { events } = after;
        const before = reading(name);
        const done = new Set(
          linesOf(name).flatMap(line => {
            const alone = isResult(line) ? completion(readLines(name, [line])) : undefined;
            return alone === undefined ? [] : [alone];
          }),
        );
        const is = completion(after);
        if (is !== undefined && done.size === 0) expect(`${name} ${text}`).toBe('no completion');
        const kept = lines.some(line => line.whole && isResult(line.text));
        const merged = lines.some(line => !line.whole && line.end === '');
        if (before.state.result && kept && !merged) expect(after.state.result).toBeDefined();
        expect(events.filter(event => event.type === 'started').length).toBeLessThanOrEqual(1);
      }),
      settings(1_000),
    );
  });
});
