import { afterEach, describe, expect, test } from 'vitest';
import { definitionFolder, problemsOf } from '../definition/definition-folder.ts';

const folders: { dispose: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.dispose();
});

/** Loads a group with the sessions, which are given by their lines. */
async function load(...sessions: (readonly string[])[]) {
  const written = sessions.map(([first, ...lines]) => `  - ${[first, ...lines].join('\n    ')}\n`);
  const text = `version: 1\nname: demo\nsessions:\n${written.join('')}`;
  const folder = await definitionFolder({ 'group.yaml': text });
  folders.push(folder);
  return folder.load('group.yaml', { env: {} });
}

const session = (id: string, ...lines: string[]) => [`id: ${id}`, 'projectPath: lib', ...lines];

describe('a tag that reads a structured output', () => {
  const reading = async (line: string) => {
    const prompt = `prompt: "{{ sessions.x.output.n ?? 'none' }} {{ sessions['f[*]'].output }}"`;
    const from = [line, 'prompt: do'];
    const { warnings } = await load(
      session('b', prompt, 'dependsOn: [x, f]'),
      session('x', ...from),
      session('f', ...from, 'forEach: [v, w]'),
    );
    return warnings.map(({ code, line, column, message, suggestion }) => [
      `${code} ${line}:${column}`,
      message,
      suggestion,
    ]);
  };

  test.each(['agent: claude', 'agent: { kind: command, command: [x] }', 'agent: { kind: scripted }'])(
    'is warned of where no schema asks for one (%s)',
    async agent => {
      expect(await reading(agent)).toEqual([
        [
          'no_output_schema 6:17',
          '"sessions.x.output.n" has no value: x has no outputSchema',
          'give x an outputSchema, or use {{ sessions.x.result }}',
        ],
        [
          'no_output_schema 6:53',
          `"sessions['f[*]'].output" has no value: f has no outputSchema`,
          "give f an outputSchema, or use {{ sessions['f[*]'].result }}",
        ],
      ]);
    },
  );

  test.each([
    'outputSchema: { type: object }',
    'agent: { kind: command, command: [x], output: stream-json }',
    'agent: { kind: scripted, steps: [{ output: { n: 1 } }] }',
  ])('is not where there may be one (%s)', async line => {
    expect(await reading(line)).toEqual([]);
  });
});

describe('{{ each }}', () => {
  test.each([
    ['unknown_variable', ['id: a', 'projectPath: lib', 'prompt: "{{ each.name }}"']],
    ['missing_folder', ['id: a', "projectPath: '{{ each }}'", 'prompt: x']],
  ])('without forEach names what is missing (%s)', async (code, one) => {
    const suggestion = expect.stringContaining('give this session forEach: [VALUE, …]');
    expect(await problemsOf(load(one))).toMatchObject([{ code, suggestion }]);
  });

  test('of a fan-out: a mistake of its text is told once, by its name', async () => {
    const fan = session('b', 'forEach: [v, w]', 'prompt: "{{ each }} {{ sessions.a.result }}"');
    const problems = await problemsOf(load(session('a', 'prompt: do'), fan));
    expect(problems.map(({ message }) => message)).toEqual(['"a" is not a dependency of "b"']);
  });
});
