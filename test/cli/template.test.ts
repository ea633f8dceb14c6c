import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { libraryServices } from '../../src/cli/library.ts';
import { main } from '../../src/cli/main.ts';
import { FakeIo } from './fakes.ts';

const GREET = `---
description: Says hello
variables:
  - name: who
    description: Whom to greet
  - name: tone
    default: kind
  - name: sign
    required: false
---

Greet {{ who }}, being {{ tone }}{{ sign ?? '.' }}
`;

const DEFINITION = `
version: 1
name: Greetings
sessions:
  - id: lib
    projectPath: .
    prompt: x
  - id: hello
    projectPath: .
    template: greet
    dependsOn: [lib]
    variables: { tone: stern }
    inputs: { who: "{{ sessions['lib'].result }} of {{ group.name }}" }
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-groups-template-'));
  await write('group/templates/greet.md', GREET);
  await write('group/group.yaml', DEFINITION);
  await write('user/templates/mine.md', 'Mine for {{ session.id }} after {{ sessions.x.result }}.\n');
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string) => {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
};

async function template(...argv: string[]) {
  const env = {
    ...process.env,
    NO_COLOR: '1',
    LC_ALL: 'C.UTF-8',
    SESSION_GROUPS_CONFIG_DIR: join(folder, 'user'),
  };
  const io = new FakeIo({ cwd: join(folder, 'group'), env });
  const code = await main(['template', ...argv], io, libraryServices);
  return { code, out: io.stdout.text.replaceAll(folder, '.'), err: io.stderr.text.replaceAll(folder, '.') };
}

const SHIPPED = ['code-review', 'fix-failing-tests', 'implement-feature', 'update-docs', 'write-tests'];

describe('template list', () => {
  it('lists the templates with their origin and variables', async () => {
    const { code, out, err } = await template('list');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('greet              next to the definition  Says hello\n');
    expect(out).toContain('who (required), tone, sign\n');
    expect(out).toMatch(/^mine +yours$/m);
    for (const name of SHIPPED) expect(out).toMatch(new RegExp(`^${name} +built-in +\\w`, 'm'));
  });

  it('prints each as a JSON line', async () => {
    const { out } = await template('list', '--json');
    const lines = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(lines.map(({ name }) => name)).toEqual([...SHIPPED, 'greet', 'mine'].sort());
    expect(lines.find(({ name }) => name === 'greet')).toEqual({
      type: 'template',
      name: 'greet',
      from: 'group',
      file: './group/templates/greet.md',
      description: 'Says hello',
      variables: [
        { name: 'who', required: true, description: 'Whom to greet' },
        { name: 'tone', required: false, default: 'kind' },
        { name: 'sign', required: false },
      ],
    });
  });

  it('looks next to the given definition, and reports problems in its templates', async () => {
    await write('other/templates/team/broken.md', '---\nvariable: []\n---\nx\n');
    const { code, out, err } = await template('list', '--definition', '../other/group.yaml');
    expect(code).toBe(0);
    expect(out).toMatch(/^team\/broken +next to the definition +cannot be read$/m);
    expect(out).not.toContain('greet');
    expect(err).toContain('./other/templates/team/broken.md:2:1 error unknown_key unknown key "variable"');
    expect(err).toContain('did you mean "variables"?');
  });
});

describe('template show', () => {
  it('shows variables and text', async () => {
    expect((await template('show', 'greet')).out).toBe(`greet (next to the definition)
Says hello
./group/templates/greet.md

Variables
  who: Whom to greet
    required
  tone
    default: kind
  sign
    optional

Greet {{ who }}, being {{ tone }}{{ sign ?? '.' }}
`);
    const { out } = await template('show', 'greet', '--json');
    expect(JSON.parse(out)).toMatchObject({ type: 'template', name: 'greet', text: GREET });
  });

  it('suggests the nearest name', async () => {
    const { code, err } = await template('show', 'implment-feature');
    expect(code).toBe(2);
    expect(err).toContain('Did you mean "implement-feature"?');
    expect(JSON.parse((await template('show', 'graet', '--json')).out)).toMatchObject({
      type: 'error',
      code: 'unknown_template',
      hint: 'Did you mean "greet"?',
    });
  });

  it('refuses an invalid one with exit 2 and the location', async () => {
    await write('group/templates/greet.md', 'Hi {{ a b }} {{ nobody }}');
    const { code, err } = await template('show', 'greet');
    expect(code).toBe(2);
    expect(err).toContain('greet.md:1:9 error template_syntax');
    expect(err).toContain('greet.md:1:17 error unknown_variable');
  });
});

it('plan names the template of a session, and shows it filled in', async () => {
  const io = new FakeIo({
    cwd: join(folder, 'group'),
    env: { ...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8' },
  });
  expect(await main(['plan', 'group.yaml', '--render'], io, libraryServices)).toBe(0);
  expect(io.stdout.text).toContain('    template: greet\n');
  expect(io.stdout.text).toContain('Greet <result of lib> of Greetings, being stern.');
});

describe('template render', () => {
  it('prints the text with the given values', async () => {
    const hostile = '{{ tone }} \\{{ <% x %> ${y} `z` = "\'';
    expect(await template('render', 'greet', '--var', `who=${hostile}`, '--var', 'sign=!')).toEqual({
      code: 0,
      out: `Greet ${hostile}, being kind!\n`,
      err: '',
    });
    const { out } = await template('render', 'greet', '--var', 'who=Ada', '--json');
    expect(JSON.parse(out)).toEqual({
      type: 'rendered_template',
      name: 'greet',
      text: 'Greet Ada, being kind.\n',
    });
  });

  it('takes variables from a file, overridden by the command line', async () => {
    await write('group/vars.yaml', 'who: [Ada, Bob]\ntone: calm\n');
    expect((await template('render', 'greet', '--vars-file', 'vars.yaml', '--var', 'tone=odd')).out).toBe(
      'Greet ["Ada","Bob"], being odd.\n',
    );
    await write('group/list.yaml', '- who\n');
    expect(await template('render', 'greet', '--vars-file', 'list.yaml')).toMatchObject({ code: 2 });
    expect(await template('render', 'greet', '--vars-file', 'none.yaml')).toMatchObject({ code: 2 });
  });

  it('names all missing variables', async () => {
    const { code, out, err } = await template('render', 'greet');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain("needs who (Whom to greet)\nhint: Add: --var 'who=…'");
  });

  it('reports a misspelt variable', async () => {
    const { code, err } = await template('render', 'greet', '--var', 'who=x', '--var', 'tonne=y');
    expect(code).toBe(2);
    expect(err).toContain('has no variable "tonne"');
    expect(err).toContain('Did you mean "tone"?');
    expect(await template('render', 'greet', '--var', 'who')).toMatchObject({ code: 2 });
  });

  it('renders for a session of a definition: its variables and inputs, and placeholders for results', async () => {
    const session = ['--definition', 'group.yaml', '--session', 'hello'];
    expect((await template('render', 'greet', ...session)).out).toBe(
      'Greet <result of lib> of Greetings, being stern.\n',
    );
    expect((await template('render', 'greet', ...session, '--var', 'who=Ada')).out).toBe(
      'Greet Ada, being stern.\n',
    );
  });

  it('has placeholders for everything that a session would provide', async () => {
    expect((await template('render', 'mine')).out).toBe('Mine for <session id> after <result of x>.\n');
  });

  it('asks for a session if the definition has several', async () => {
    const { code, err } = await template('render', 'greet', '--definition', 'group.yaml');
    expect(code).toBe(2);
    expect(err).toContain('--session: lib, hello');
    const unknown = await template('render', 'greet', '--definition', 'group.yaml', '--session', 'helo');
    expect(unknown.err).toContain('Did you mean "hello"?');
    expect(await template('render', 'greet', '--session', 'hello')).toMatchObject({ code: 2 });
  });

  it.each(SHIPPED)('%s can be tried with what it requires', async name => {
    const { out } = await template('show', name, '--json');
    const required = JSON.parse(out).variables.filter((variable: { required: boolean }) => variable.required);
    const given = required.flatMap((variable: { name: string }) => ['--var', `${variable.name}=<<given>>`]);
    const rendered = await template('render', name, ...given);
    expect({ code: rendered.code, err: rendered.err }).toEqual({ code: 0, err: '' });
    expect(rendered.out).not.toContain('{{');
    expect(rendered.out.includes('<<given>>')).toBe(required.length > 0);
  });
});
