import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TemplateError } from '../../../../src/sdk/group/prompts/template-error.ts';
import { compileTemplate, renderTracked, rootsOf } from '../../../../src/sdk/group/prompts/templates.ts';
import { runs } from '../../../support/runs.ts';

const rendered = (
  text: string,
  values: Readonly<Record<string, unknown>> = {},
  closed: readonly object[] = [],
) => renderTracked(compileTemplate(text, { name: 'test' }), { values, closed: new Set(closed) }).text;

function problemsOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof TemplateError) return error.problems;
    throw error;
  }
  throw new Error('expected a TemplateError');
}

describe('a tag', () => {
  test('stands for a value, by name, property, key and index', () => {
    const values = { name: 'Ada', deep: { 'two words': [{ x: 1 }, 'second'] }, _x: 'u', $y: 'd' };
    expect(rendered('Hi {{name}}, {{ name }}!', values)).toBe('Hi Ada, Ada!');
    expect(rendered(`{{ deep['two words'][0].x }}{{ deep["two words"][1] }}`, values)).toBe('1second');
    expect(rendered('{{_x}}{{ $y }}{{\n  name\n}}', values)).toBe('udAda');
  });

  test('shows numbers and booleans as text, objects and lists as JSON', () => {
    const values = { n: 1.5, yes: true, list: [1, 'a'], map: { a: null } };
    expect(rendered('{{ n }} {{ yes }} {{ list }} {{ map }}', values)).toBe('1.5 true [1,"a"] {"a":null}');
  });

  test('may contain quoted strings and numbers', () => {
    expect(rendered(`{{ '{{' }} {{ "}}" }} {{ 'it\\'s\\n' }} {{ 42 }}`)).toBe("{{ }} it's\n 42");
  });

  test('takes the next operand of ?? if there is no value', () => {
    const values = { nothing: null, some: { deep: null }, empty: '' };
    expect(rendered("{{ nothing ?? 'none' }}", values)).toBe('none');
    expect(rendered("{{ absent ?? nothing ?? some.deep ?? some.other ?? 'last' }}", values)).toBe('last');
    expect(rendered("{{ absent.deeper ?? some.deep.deeper ?? 'none' }}", values)).toBe('none');
    expect(rendered("[{{ empty ?? 'none' }}]", values)).toBe('[]');
  });
});

describe('literal braces', () => {
  const WAY_OUT = 'write \\{{ for literal braces, or set templating: false for this session';

  test.each(['{{ github.ref }}', '{{- .Values.x }}', '{{#if y}}', '{{ include "x" . }}', '{{', '{{ }}'])(
    'of another language have their way out: %s',
    text => {
      const [problem, ...more] = problemsOf(() => rendered(text, { task: 'x' }));
      expect(problem?.suggestion).toContain(WAY_OUT);
      expect(more).toEqual([]);
    },
  );

  test('are written with a backslash, and a backslash before a tag with two', () => {
    expect(rendered('\\{{ x }} {{ x }}', { x: 1 })).toBe('{{ x }} 1');
    expect(rendered('C:\\\\{{ x }}', { x: 1 })).toBe('C:\\1');
    expect(rendered('\\\\\\{{ x }}', { x: 1 })).toBe('\\\\1');
  });

  test('may be directly around a tag', () => {
    expect(rendered('{"id":{{{ x }}}} \\{{{ x }}}', { x: 1 })).toBe('{"id":{1}} {{{ x }}}');
  });

  test('need no escape if they do not open a tag', () => {
    const text = '{ "a": {"b": [1]}} }} \\ \\{ {% x %} <% y %> ${z} `q` it\'s\r\n\u2028 \ud800 {';
    expect(rendered(text)).toBe(text);
    expect(rendered(`${text}{{ x }}${text}`, { x: '-' })).toBe(`${text}-${text}`);
  });
});

describe('values are data', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          '{',
          '}',
          '{{',
          '}}',
          '<%',
          '%>',
          '`',
          '${',
          '\\',
          "'",
          '"',
          '\n',
          '\r',
          'x',
          '\ud800',
          '😀',
        ),
      )
      .map(parts => parts.join('')),
  );

  test('every value is inserted verbatim', () => {
    fc.assert(
      fc.property(hostile, hostile, (value, other) => {
        expect(rendered('<{{ value }}|{{ map.other }}|{{ value }}>', { value, map: { other } })).toBe(
          `<${value}|${other}|${value}>`,
        );
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('the text around the tags is unchanged', () => {
    fc.assert(
      fc.property(hostile, hostile, (before, after) => {
        const written = before.replaceAll('{', '{ ').replace(/\\+$/, '');
        const rest = after.replaceAll('{', '{ ');
        expect(rendered(`${written}{{ x }}${rest}`, { x: 'X' })).toBe(`${written}X${rest}`);
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('a megabyte is no problem', () => {
    const value = '{{ x }}\\`${y}<%\r\n'.repeat(70_000);
    expect(rendered('{{ value }}', { value })).toBe(value);
    expect(rendered(`${'a\r\n'.repeat(300_000)}{{ x }}`, { x: 1 })).toHaveLength(900_001);
  });
});

describe('no JavaScript', () => {
  test.each([
    'process',
    'globalThis',
    'require',
    'Function',
    'constructor',
    '__proto__',
    'toString',
    'slots',
    'eta',
  ])('is reachable by the name %s', name => {
    expect(problemsOf(() => rendered(`{{ ${name} }}`, { x: 1 }))[0]?.code).toBe('unknown_variable');
    expect(problemsOf(() => rendered(`{{ x.${name} }}`, { x: {} }))[0]?.code).toBe('unknown_variable');
    expect(problemsOf(() => rendered(`{{ x['${name}'] }}`, { x: 'text' }))[0]?.code).toBe('unknown_variable');
    expect(problemsOf(() => rendered(`{{ x['${name}'] }}`, { x: [] }))[0]?.code).toBe('unknown_variable');
  });

  test.each([
    "''.constructor.constructor('return process')()",
    'x()',
    'x => x',
    'x + 1',
    'x; y',
    '`x`',
    'x ? 1 : 2',
    'x[y]',
    '/* x */',
    '~x',
    '% x',
    '= x',
    '...x',
    'x ??',
    '?? x',
    '',
    'x.',
    "'x",
    'a-b',
    '#if x',
    '/if',
    '@x',
  ])('is parsed: {{ %s }}', code => {
    expect(problemsOf(() => rendered(`{{ ${code} }}`, { x: 1, y: 1 }))[0]?.code).toBe('template_syntax');
  });

  test('a getter is not run', () => {
    const spy = {
      get trap(): string {
        throw new Error('run');
      },
    };
    expect(problemsOf(() => rendered('{{ spy.trap }}', { spy }))[0]?.code).toBe('missing_value');
  });
});

describe('an invalid template', () => {
  test('is reported with template, line, column, variable and a suggestion', () => {
    const [problem] = problemsOf(() => rendered('one\n  two {{ lib.reslt }}', { lib: { result: 'x' } }));
    expect(problem).toMatchObject({
      code: 'unknown_variable',
      line: 2,
      column: 10,
      length: 9,
      variable: 'lib.reslt',
      suggestion: 'did you mean "result"?',
    });
    expect(() => rendered('\n{{ x }}')).toThrow('test:2:4: unknown variable "x"');
  });

  test('has all of its problems reported, syntax problems first', () => {
    expect(
      problemsOf(() => rendered('{{ }} {{ a b }}\n{{ c')).map(({ line, column }) => [line, column]),
    ).toEqual([
      [1, 1],
      [1, 12],
      [2, 1],
    ]);
    expect(problemsOf(() => rendered('{{ a }} {{ b }}')).map(problem => problem.variable)).toEqual([
      'a',
      'b',
    ]);
  });

  test('is invalid in spite of ?? if the object has a fixed set of keys', () => {
    const group = { name: 'x', description: undefined };
    expect(rendered("{{ group.description ?? 'none' }}", { group }, [group])).toBe('none');
    expect(problemsOf(() => rendered("{{ group.nam ?? 'none' }}", { group }, [group]))[0]?.suggestion).toBe(
      'did you mean "name"?',
    );
  });

  test('with thousands of malformed tags is still reported at once', () => {
    expect(problemsOf(() => rendered('{{ '.repeat(300_000))).length).toBeLessThan(100);
  });
});

test('a template knows which names it uses', () => {
  const { tags } = compileTemplate("{{ a.b }} {{ a.c ?? d }} {{ 'e' }} {{ sessions['x'].result }}", {
    name: 't',
  });
  expect(rootsOf(tags)).toEqual(['a', 'd', 'sessions']);
});
