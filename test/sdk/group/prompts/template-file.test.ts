import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TemplateError } from '../../../../src/sdk/group/prompts/template-error.ts';
import {
  readTemplate,
  templateValues,
  validTemplate,
} from '../../../../src/sdk/group/prompts/template-file.ts';
import { shippedTemplates } from '../../../../src/sdk/group/prompts/template-lookup.ts';
import { compileParsed, renderTracked } from '../../../../src/sdk/group/prompts/templates.ts';

const read = (text: string, name = 'team/x') => readTemplate(text, { name, file: 'x.md' });
/** `severity code line:column suggestion`. */
const told = (text: string, name?: string) =>
  read(text, name).problems.map(({ severity, code, line, column, suggestion }) =>
    [severity, code, `${line}:${column}`, suggestion ?? ''].join(' ').trim(),
  );
const body = (text: string) =>
  renderTracked(compileParsed(read(text).template?.body ?? fail(), 'x'), NOTHING).text;
const NOTHING = { values: {}, closed: new Set<object>() };
const fail = (): never => {
  throw new Error('the front matter cannot be read');
};

describe('a template file', () => {
  test('declares its variables in front matter', () => {
    const { template, problems } = read(`---
name: x
description: What it is for
variables:
  - name: a
    description: The first
  - { name: b, default: [1, two] }
  - { name: c, required: false }
  - { name: d, default: "" }
---
{{ a }}{{ b }}{{ c ?? '' }}{{ variables.d }}{{ session.id }}`);
    expect(problems.map(problem => problem.message)).toEqual([]);
    expect(template).toMatchObject({
      name: 'team/x',
      description: 'What it is for',
      variables: [
        {
          name: 'a',
          required: true,
          default: undefined,
          description: 'The first',
          place: { line: 5, column: 11 },
        },
        { name: 'b', required: false, default: [1, 'two'] },
        { name: 'c', required: false, default: undefined },
        { name: 'd', required: false, default: '' },
      ],
    });
    expect(templateValues(template ?? fail(), { a: 'A', b: null, more: 1 })).toEqual({
      a: 'A',
      b: [1, 'two'],
      c: undefined,
      d: '',
    });
  });

  test('has a body that starts at the first nonblank line after the front matter, unchanged', () => {
    const text = '  indented \\{{ a }} --- $x `y`\r\n\r\n---\r\nend\n\n';
    for (const matter of [
      '---\n---\n',
      '---\r\ndescription: x\r\n---\r\n\r\n',
      '---\n# only this\n...\n \n',
      '',
    ]) {
      expect(body(matter + text)).toBe(text.replace('\\{{', '{{'));
    }
  });

  test('has no front matter if the first line is not a YAML document start', () => {
    const text = '---\nvariables: [{ name: a, default: "\u2028---\u2028" }]\n---\n{{ a }}';
    expect(told(text)).toEqual([]);
    expect(read(text).template?.variables[0]?.default).toBe('\u2028---\u2028');
  });

  test('may have no front matter, and then no variables', () => {
    expect(told('Review {{ group.name }}.')).toEqual([]);
    expect(told('Review {{ change }}.')[0]).toContain('error unknown_variable 1:11');
  });

  test.each<[string, string, string[]]>([
    [
      'front matter that is not closed',
      '---\nname: x\nHello',
      ['error front_matter 1:1 end it with a line that contains only ---'],
    ],
    ['an unknown key', '---\nvariabels: []\n---\nx', ['error unknown_key 2:1 did you mean "variables"?']],
    [
      'an unknown key of a variable',
      '---\nvariables:\n  - name: a\n    defautl: x\n---\n{{ a }}',
      ['error unknown_key 4:5 did you mean "default"?'],
    ],
    ['a variable without a name', '---\nvariables: [{ default: x }]\n---\nx', ['error missing_key 2:13']],
    [
      'a variable with an invalid name',
      '---\nvariables: [{ name: two words }]\n---\nx',
      ['error invalid_value 2:21'],
    ],
    ['a list that is a map', '---\nvariables: { a: x }\n---\nx', ['error invalid_value 2:12']],
    ['front matter that is a list', '---\n- name\n---\nx', ['error invalid_value 2:1']],
    ['invalid YAML', '---\nname: [x\n---\nx', ['error yaml_syntax 3:1']],
    [
      'a hyphen in front of a text',
      '---\nname: - x\n---\nx',
      ['error yaml_syntax 2:7 quote it if it is a text; a list begins on the line below'],
    ],
    ['a duplicate key', '---\nname: x\nname: y\n---\nx', ['error duplicate_key 3:1']],
    ['an unknown alias', '---\nname: *x\n---\nx', ['error yaml_alias 2:1']],
    [
      'a variable that is declared twice',
      '---\nvariables: [{ name: a }, { name: a }]\n---\n{{ a }}',
      ['error duplicate_variable 2:34'],
    ],
    [
      'a variable with a reserved name',
      '---\nvariables: [{ name: session }]\n---\n{{ session.id }}',
      ['error reserved_name 2:21 choose another name'],
    ],
    ['no text', '---\nname: x\n---\n\n \n', ['error empty_file 6:1']],
    [
      'several malformed tags',
      'a {{ }}\n{{ b c }}',
      [
        'error template_syntax 1:3 write \\{{ for literal braces, or set templating: false for this session',
        "error template_syntax 2:6 a tag contains a path such as feature or sessions['ID'].result, optionally with ?? 'text' as a fallback; write \\{{ for literal braces, or set templating: false for this session",
      ],
    ],
    [
      'a misspelled field of the group',
      "{{ group.nam ?? 'x' }}",
      ['error unknown_variable 1:4 did you mean "name"?'],
    ],
    [
      'a misspelled field of a session',
      '{{ sessions.a.reslt }}',
      ['error unknown_variable 1:4 did you mean "result"?'],
    ],
  ])('reports %s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  test.each<[string, string, string[]]>([
    ["a name that differs from the file's", '---\nname: y\n---\nx', ['warning template_name 2:7']],
    ['an unused variable', '---\nvariables: [{ name: a }]\n---\nx', ['warning unused_variable 2:21']],
    [
      'a required variable with a default',
      '---\nvariables: [{ name: a, default: x, required: true }]\n---\n{{ a }}',
      ['warning needless_required 2:21 remove required: true or the default'],
    ],
  ])('warns about %s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  test('is named by its last part or its full name', () => {
    expect(told('---\nname: team/x\n---\nx')).toEqual([]);
    expect(told('---\nname: x\n---\nx')).toEqual([]);
  });

  test('that became invalid is rejected with its places', () => {
    expect(() => validTemplate('x {{ y }}', 'x')).toThrow(TemplateError);
    expect(() => validTemplate('x {{ y }}', 'x')).toThrow('template x:1:6: unknown variable "y"');
    expect(() => validTemplate('---\n', 'x')).toThrow(TemplateError);
  });
});

test("the guide's template is valid, and its session sets the variables", () => {
  const guide = readFileSync(new URL('../../../../docs/guide.md', import.meta.url), 'utf8');
  const [, text = ''] = /^```markdown\n(.*?)^```/ms.exec(guide) ?? [];
  const { template, problems } = read(text, 'check');
  expect(problems).toEqual([]);
  expect(template?.variables.map(({ name, required }) => [name, required])).toEqual([
    ['change', true],
    ['depth', false],
  ]);
  expect(guide).toContain('variables: { depth: quick }');
  expect(guide).toContain('inputs: { change: "');
});

describe('the shipped templates', () => {
  const folder = shippedTemplates() ?? fail();
  const names = readdirSync(folder).map(file => file.replace(/\.md$/, ''));

  test('are those in the documentation', () => {
    expect(names.sort()).toEqual([
      'code-review',
      'fix-failing-tests',
      'implement-feature',
      'update-docs',
      'write-tests',
    ]);
  });

  test.each(names)('%s is valid and describes itself and each of its variables', name => {
    const text = readFileSync(`${folder}/${name}.md`, 'utf8');
    const { template, problems } = readTemplate(text, { name });
    expect(problems).toEqual([]);
    expect(text).toContain(`\nname: ${name}\n`);
    expect(template?.description).toMatch(/^[A-Z].{30,}/);
    for (const variable of template?.variables ?? []) expect(variable.description).toMatch(/^[A-Z].{10,}/);
    for (const part of ['# How to go about it', '# Report']) expect(text).toContain(part);
  });
});
