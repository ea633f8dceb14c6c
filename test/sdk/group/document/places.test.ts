import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { createDocumentSource } from '../../../../src/sdk/group/document/document-source.ts';
import { readDocument } from '../../../../src/sdk/group/document/read-document.ts';
import { createSourceText } from '../../../../src/sdk/group/document/source-text.ts';
import { condense } from '../../../../src/sdk/group/document/yaml/long-lists.ts';
import { yamlPlaces } from '../../../../src/sdk/group/document/yaml/yaml-places.ts';
import { runs } from '../../../support/runs.ts';

type Path = readonly (string | number)[];

/** All paths of a value, and one below each that isn't there. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  const parts: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(typeof value === 'object' && value !== null ? value : {});
  return [path, [...path, 'missing'], ...parts.flatMap(([key, part]) => pathsOf(part, [...path, key]))];
}

/** A text as it is read, and as the YAML parser alone reads it. */
function bothReadings(text: string, file: string) {
  const read = readDocument(text, file);
  const document = parseDocument(text, {
    merge: !file.endsWith('.json'),
    logLevel: 'error',
    prettyErrors: false,
  });
  const places = createDocumentSource(
    createSourceText(text, file),
    yamlPlaces({ document, itemsOf: list => list.items, endOf: end => end }),
  );
  if (!read.ok) throw new Error(`not read: ${read.problems[0]?.message}`);
  return { read: read.document, value: document.toJS() as unknown, places };
}

function expectSamePlaces({ read, places }: ReturnType<typeof bothReadings>, paths: readonly Path[]): void {
  for (const path of paths) {
    for (const what of ['key', 'value', 'whole'] as const) {
      expect([path, what, read.source.span(path, what)]).toEqual([path, what, places.span(path, what)]);
    }
    const first = { line: 1, column: 2 };
    expect([path, read.source.inText(path, first)]).toEqual([path, places.inText(path, first)]);
  }
}

describe('a JSON text', () => {
  const text = fc.oneof(
    fc.constantFrom('', 'a', 'two words', 'a"b\\c', '{[,:]}', '\u{1f600}\n'),
    fc.string(),
  );
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, false, 0, -1.5e10),
      text,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        text.filter(key => key !== '__proto__'),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  }));

  test('has its parts where the YAML parser finds them', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(value), fc.dictionary(fc.constantFrom('a', 'b'), value)),
        fc.nat(3),
        (input, indent) => {
          const both = bothReadings(JSON.stringify(input, undefined, indent), 'x.json');
          expect(both.read.value).toEqual(input);
          expectSamePlaces(both, pathsOf(input));
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test('has no key twice in a map, however it is written', () => {
    const problems = (json: string) => {
      const read = readDocument(json, 'x.json');
      return read.ok ? [] : read.problems.map(({ code, line, column }) => `${code} ${line}:${column}`);
    };
    expect(problems('{"a": 1, "b": {"a": ["a", "a"]}, "c": [{"a": 1}, {"a": 1}]}')).toEqual([]);
    expect(problems('{"a": {"b": 1,\n "\\u0062": 2}, "c": [3, {"d": 1, "d": 1}], "a": "a"}')).toEqual([
      'duplicate_key 2:2',
      'duplicate_key 2:34',
      'duplicate_key 2:44',
    ]);
    expect(problems(`{${'"a": 1,'.repeat(50)} "b": 2}`)).toHaveLength(20);
  });
});

describe('a long list in YAML', () => {
  const filling = `filling: ${'x'.repeat(70_000)}\n`; // short texts are left to the parser
  const words = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `s${from + index}`);
  const flow = (count: number) => words(count).join(', ');
  const block = (count: number, indent: string) =>
    words(count)
      .map(word => `${indent}- ${word}\n`)
      .join('');

  test.each([
    ['in brackets', `list: [${flow(40)}]\n`, true],
    ['in brackets, over several lines', `list: [\n  ${flow(20)},\n  ${flow(20)},\n]\n`, true],
    ['in quotes', `list: ["${words(20).join('", "')}", '${words(20).join("','")}']\n`, true],
    ['one below the other', `a:\n  list:\n${block(40, '    ')}  after: 1\n`, true],
    ['one below the other, below the key', `list:\n${block(40, '')}after: 1\n`, true],
    [
      'with Windows line ends',
      `list:\n${block(40, '  ')}after: [${flow(10)}]\n`.replaceAll('\n', '\r\n'),
      true,
    ],
    ['at the end of the file', `list:\n${block(40, '  ')}`.trimEnd(), true],
    ['among other items', `list: [{a: 1}, ${flow(20)}, [b], 3, ${flow(9)}]\n`, true],
    [
      'between other items',
      `list:\n  - a: 1\n${block(20, '  ')}  - two words\n${block(9, '  ')}  - 3\n`,
      true,
    ],
    ['that has a name', `list: &ids [${flow(20)}]\nagain: *ids\nmore: [*ids, *ids]\n`, true],
    ['in a list in a list', `- - - a\n${block(20, '    ')}  - [[${flow(20)}]]\n`, true],
    ['that is a key', `? [${flow(20)}]\n: 1\n`, false],
    ['with words for other values', `list: [${flow(20)}, true, ${flow(20)}]\n`, false],
    ['in a text', `text: |\n${block(20, '  ')}  ${flow(20)}\n`, false],
    ['in a text in quotes', `text: "a [${flow(20)}] b"\n`, false],
    ['that is one text', `list:\n  - ${flow(20)}\n  - ${flow(20)}\n`, false],
    ['in a comment', `# [${flow(20)}]\nlist: [${flow(20)}] # [${flow(20)}]\n`, false],
    ['that goes on', `list:\n${block(20, '  ')}    and on\n`, false],
    ['with a name for its first item', `list: [&a ${flow(20)}, *a]\n`, false],
    ['of another YAML', `%YAML 1.1\n---\nlist: [${flow(20)}, yes, ${flow(20)}]\n`, false],
    ['of keys', `map: {${flow(20)}}\n`, false],
  ])('%s is what the parser reads', (_, text, isShort) => {
    const whole =
      text.startsWith('%') || text.startsWith('- ')
        ? `${text}`
        : `${text}${text.endsWith('\n') ? '' : '\n'}${filling}`;
    const padded = whole === text ? `${text}${`# ${'x'.repeat(70_000)}\n`}` : whole;
    const both = bothReadings(padded, 'x.yaml');
    expect(both.read.value).toEqual(both.value);
    expectSamePlaces(both, pathsOf(both.value));
    if (isShort) expect(condense(padded)?.runs.size).toBeGreaterThan(0);
  });

  test('with something wrong has the problems that the parser finds', () => {
    for (const broken of [
      `list: [${flow(20)}\nb: 1\n`,
      `list:\n${block(20, '  ')} - x\n`,
      `list: [${flow(20)}]]\n`,
    ]) {
      const read = readDocument(`${filling}${broken}`, 'x.yaml');
      const parsed = parseDocument(`${filling}${broken}`, { prettyErrors: false, logLevel: 'error' });
      expect(read.ok ? [] : read.problems.map(({ message }) => message)).toEqual(
        parsed.errors.map(({ message }) => message),
      );
    }
  });

  test('in any surroundings is what the parser reads', () => {
    const piece = fc.constantFrom(
      ...[`[${flow(9)}]`, `${flow(9)}`, `\n${block(9, '  ')}`, `\n${block(9, '')}`, `\n${block(9, '    ')}`],
      ...[
        'a: ',
        'b: ',
        '- ',
        '? ',
        ': ',
        '\n',
        '\n  ',
        ', ',
        '[',
        ']',
        '{',
        '}',
        '|\n  ',
        '"',
        '# ',
        '&x ',
        '*x',
        '!!set ',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const text = `${pieces.join('')}\n${`# ${'x'.repeat(70_000)}\n`}`;
        const parsed = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' });
        const read = readDocument(text, 'x.yaml');
        if (parsed.errors.length > 0) {
          const problems = read.ok ? [] : read.problems.map(({ line, column }) => ({ line, column }));
          expect(problems.slice(0, 1)).not.toEqual([]);
        } else if (read.ok) expect(read.document.value).toEqual(parsed.toJS());
      }),
      { numRuns: runs(300) },
    );
  });
});
