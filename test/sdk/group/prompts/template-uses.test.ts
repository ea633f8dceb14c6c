import { afterEach, describe, expect, test } from 'vitest';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import { renderDiagnostics } from '../../../../src/sdk/group/document/render-diagnostic.ts';
import { definitionFolder, problemsOf } from '../definition/definition-folder.ts';

const folders: { dispose: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.dispose();
});

/** A group whose sessions are given as YAML, with templates beside it and an empty user folder. */
async function group(sessions: string, files: Readonly<Record<string, string>> = {}) {
  const text = `version: 1\nname: demo\nsessions:\n  - id: a\n    projectPath: lib\n    prompt: do\n${sessions}`;
  const folder = await definitionFolder({ 'group.yaml': text, ...files });
  folders.push(folder);
  const env = { SESSION_GROUPS_CONFIG_DIR: `${folder.path}/user` };
  return { ...folder, env, load: () => folder.load('group.yaml', { env }) };
}
/** A second session, whose extra lines start at line 9. */
const b = (...lines: string[]) =>
  ['  - id: b', '    projectPath: web', ...lines.map(line => `    ${line}`), ''].join('\n');

const GREET = `---
name: greet
variables:
  - name: who
    description: Whom to greet
  - name: tone
    default: kind
---
Greet {{ who }}, being {{ variables.tone }}, in {{ group.name }}.
`;

/** `code line:column`, in the template's file if the problem is there. */
const told = (problems: Awaited<ReturnType<typeof problemsOf>>) =>
  problems.map(({ code, file, line, column }) => {
    const where = file?.endsWith('group.yaml') ? '' : `${file?.split('/').at(-1)}:`;
    return `${code} ${where}${line}:${column}`;
  });

describe('a session with a template', () => {
  test('includes the text of the template', async () => {
    const { load } = await group(b('template: greet', 'variables: { who: Ada }'), {
      'templates/greet.md': GREET,
    });
    const { files, warnings } = await load();
    expect(warnings).toEqual([]);
    expect(files.templates).toEqual({ greet: GREET });
  });

  test('keeps the text that was loaded, whatever happens to the file', async () => {
    const { load, path, env } = await group(b('template: greet', 'variables: { who: Ada }'), {
      'templates/greet.md': GREET,
    });
    const { definition, files } = await load();
    const again = await parseDefinition(JSON.parse(JSON.stringify(definition)), { baseDir: '/', env, files });
    expect(again.definition).toEqual(definition);
    expect(again.files).toEqual(files);
    const beside = await parseDefinition(definition, { baseDir: path, env });
    expect(beside.files).toEqual(files);
    expect(told(await problemsOf(parseDefinition(definition, { baseDir: '/', env })))).toEqual([
      'unknown_template undefined:undefined:undefined',
    ]);
  });

  test("prefers the template beside the definition to the user's, and that to a shipped one", async () => {
    const used = b('template: update-docs');
    const texts = async (files: Readonly<Record<string, string>>) =>
      (await (await group(used, files)).load()).files.templates['update-docs'];
    const [own, users] = ['templates/update-docs.md', 'user/templates/update-docs.md'];
    expect(await texts({ [own]: 'own', [users]: 'user' })).toBe('own');
    expect(await texts({ [users]: 'user' })).toBe('user');
    expect(await texts({})).toContain('Bring the documentation');
  });

  test('may name templates for its CLAUDE.md and its commands, which share its variables', async () => {
    const lines = ['prompt: x', 'variables: { who: Ada }'];
    const config = 'config: { claudeMdTemplate: greet, commands: [greet, nowhere] }';
    const { load } = await group(b(...lines, config), { 'templates/greet.md': GREET });
    const problems = await problemsOf(load());
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['unknown_template', ['sessions', 1, 'config', 'commands', 1]],
    ]);
  });
});

describe('before anything starts', () => {
  test('an unknown name is reported with the places searched and the nearest name', async () => {
    const { load, path } = await group(b('template: graet'), { 'templates/greet.md': GREET });
    const [problem] = await problemsOf(load());
    expect(told(await problemsOf(load()))).toEqual(['unknown_template 9:15']);
    expect(problem?.message).toContain(`looked in ${path}/templates, ${path}/user/templates, `);
    expect(problem?.suggestion).toBe('did you mean "greet"?');
  });

  test('a missing variable points at the session and at its declaration', async () => {
    const { load, path } = await group(b('template: greet'), { 'templates/greet.md': GREET });
    const problems = await problemsOf(load());
    expect(told(problems)).toEqual(['missing_variable 9:15']);
    expect(problems[0]).toMatchObject({
      message: 'the template "greet" requires the variable "who": Whom to greet',
      suggestion: 'set it: variables: { who: … }',
      related: [{ message: 'declared at', file: `${path}/templates/greet.md`, line: 4, column: 11 }],
    });
  });

  test('a null variable counts as missing, and the default is used', async () => {
    const { load } = await group(b('template: greet', 'variables: { who: null, tone: null }'), {
      'templates/greet.md': GREET,
    });
    expect(told(await problemsOf(load()))).toEqual(['missing_variable 9:15']);
  });

  test('a misspelled variable is reported', async () => {
    const { load } = await group(b('template: greet', 'variables: { who: Ada, tonne: x }'), {
      'templates/greet.md': GREET,
    });
    const problems = await problemsOf(load());
    expect(told(problems)).toEqual(['unknown_variable 10:28']);
    expect(problems[0]?.suggestion).toBe('did you mean "tone"?');
  });

  test('a problem within a template is reported once, in its own lines, with the place that names it', async () => {
    const broken = '---\nvariables: [{ name: who }]\n---\n\nHi {{ woh }}\n{{ who ?? 1 + 1 }}\n';
    const lines = ['template: greet', 'variables: { who: Ada }'];
    const again = b(...lines).replace('id: b', 'id: c');
    const { load } = await group(b(...lines) + again, { 'templates/greet.md': broken });
    const problems = await problemsOf(load());
    expect(told(problems)).toEqual(['unknown_variable greet.md:5:7', 'template_syntax greet.md:6:13']);
    expect(problems[0]).toMatchObject({
      path: ['sessions', 1, 'template'],
      message: 'unknown variable "woh"',
      suggestion: 'did you mean "who"?',
      related: [{ message: 'named at', line: 9, column: 15 }],
    });
    expect(renderDiagnostics(problems)).toMatch(
      /> 5 \| Hi \{\{ woh \}\}\n.*\^\^\^\n.*\n {2}named at .*group\.yaml:9:15/,
    );
  });

  test('a variable may be used only by instructions in the definition', async () => {
    const instructions = 'config: { claudeMdTemplate: "Be {{ manner }} and {{ variables.brief }}." }';
    const lines = [
      'template: greet',
      'variables: { who: Ada, manner: calm, brief: x, tonne: y }',
      instructions,
    ];
    const { load } = await group(b(...lines), { 'templates/greet.md': GREET });
    const problems = await problemsOf(load());
    expect(problems.map(({ code, path }) => [code, path.at(-1)])).toEqual([['unknown_variable', 'tonne']]);
  });

  test('an undeclared name is an error even with ??', async () => {
    const text = '---\nvariables: [{ name: who }]\n---\n{{ who }} {{ woh ?? "" }} {{ variables.woh ?? "" }}';
    const { load } = await group(b('template: greet', 'variables: { who: Ada }'), {
      'templates/greet.md': text,
    });
    expect(told(await problemsOf(load()))).toEqual([
      'unknown_variable greet.md:4:14',
      'unknown_variable greet.md:4:30',
    ]);
  });

  test('an optional variable needs a ?? in the template', async () => {
    const text = (tag: string) => `---\nvariables: [{ name: who, required: false }]\n---\nHi {{ ${tag} }}`;
    const load = async (tag: string) =>
      (await group(b('template: x'), { 'templates/x.md': text(tag) })).load();
    expect((await load("who ?? 'you'")).warnings).toEqual([]);
    expect(told(await problemsOf(load('who')))).toEqual(['missing_value x.md:4:7']);
  });

  test('templates may name sessions, and each use is checked', async () => {
    const text = 'After {{ sessions.a.result }}';
    const sessions = b('template: x', 'dependsOn: [a]') + b('template: x').replace('id: b', 'id: c');
    const { load } = await group(sessions, { 'templates/x.md': text });
    const problems = await problemsOf(load());
    expect(problems.map(({ code, path }) => [code, path[1]])).toEqual([['not_a_dependency', 2]]);
  });

  test("each session's value is checked for the fields that its template names", async () => {
    const text = '---\nvariables: [{ name: who }]\n---\nHi {{ who.first }}';
    const as = (id: string, who: string) =>
      b('template: x', `variables: { who: ${who} }`).replace('id: b', `id: ${id}`);
    const sessions = as('b', 'Ada') + as('c', '{ first: Ada }') + as('d', 'Bob');
    const { load } = await group(sessions, { 'templates/x.md': text });
    const problems = await problemsOf(load());
    expect(problems.map(({ message, path }) => [message, path[1]])).toEqual([
      ['"who" is a string and has no "first"', 1],
      ['"who" is a string and has no "first"', 3],
    ]);
  });

  test('templating: false conflicts with a template and with inputs', async () => {
    const { load } = await group(
      b('template: x', 'templating: false') +
        b('prompt: x', 'templating: false', 'inputs: { y: z }').replace('id: b', 'id: c'),
      { 'templates/x.md': 'Hello' },
    );
    expect(told(await problemsOf(load()))).toEqual(['templating_off 10:17', 'templating_off 14:17']);
  });
});

describe('inputs', () => {
  test('bring the results of sessions into a template', async () => {
    const lines = ['template: greet', 'dependsOn: [a]', `inputs: { who: "{{ sessions['a'].result }}" }`];
    const { load } = await group(b(...lines), { 'templates/greet.md': GREET });
    expect((await load()).warnings).toEqual([]);
  });

  test('are checked like prompts, in their own lines', async () => {
    const { load } = await group(
      b(
        'prompt: "{{ x }}{{ y }}{{ z }}"',
        'variables: { who: Ada }',
        'dependsOn: [a]',
        'inputs:',
        '  x: "{{ sessions.a.reslt }}"',
        '  y: "{{ x }}"',
        '  z: "{{ who }} {{ sessions.b.result }}"',
      ),
    );
    const problems = await problemsOf(load());
    expect(told(problems)).toEqual([
      'unknown_variable 13:14',
      'unknown_variable 14:14',
      'not_a_dependency 15:24',
    ]);
  });

  test('that may have no value cause a warning', async () => {
    const sessions = b(
      'prompt: "{{ x }}"',
      'dependsOn: [{ session: a, when: settled }]',
      'inputs: { x: "{{ sessions.a.result }}" }',
    );
    const { warnings } = await (await group(sessions)).load();
    expect(warnings.map(({ code, line, column }) => [code, line, column])).toEqual([
      ['maybe_absent', 11, 22],
    ]);
  });

  test('are strings', async () => {
    const { load } = await group(b('prompt: x', 'inputs: { x: 1 }'));
    expect(told(await problemsOf(load()))).toEqual(['invalid_value 10:18']);
  });

  test('have declared names that differ from those of variables', async () => {
    const { load } = await group(
      b('template: greet', 'variables: { who: Ada }', 'inputs: { who: x, nobody: y }'),
      { 'templates/greet.md': GREET },
    );
    expect(told(await problemsOf(load()))).toEqual(['duplicate_variable 11:15', 'unknown_variable 11:23']);
  });

  test('are suggested by a warning for a tag in a variable', async () => {
    const { load } = await group(
      b('prompt: "{{ x }}"', 'dependsOn: [a]', 'variables: { x: "{{ sessions.a.result }}", y: "{{ z }}" }'),
    );
    const { warnings } = await load();
    expect(warnings.map(({ code, line, suggestion }) => [code, line, suggestion])).toEqual([
      ['tag_in_variable', 11, 'move x to inputs, where tags are replaced'],
    ]);
  });
});
