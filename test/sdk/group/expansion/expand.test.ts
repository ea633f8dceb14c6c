import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planGroup } from '../../../../src/sdk/group/api/plan.ts';
import { preview } from '../../../../src/sdk/group/api/preview.ts';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { runs } from '../../../support/runs.ts';
import { definitionFolder, problemsOf } from '../definition/definition-folder.ts';

let folder: Awaited<ReturnType<typeof definitionFolder>>;
beforeAll(async () => {
  folder = await definitionFolder({
    'packages/api/x': '',
    'packages/web/x': '',
    'each.md': 'For {{ each }}',
  });
});
afterAll(() => folder.dispose());

const AUDIT = { id: 'audit', projectPath: 'lib', prompt: 'Audit {{ each }}', forEach: ['api', 'web'] };
const group = (...sessions: readonly object[]) => ({ version: 1, name: 'demo', sessions });
const load = (input: object, options: object = {}) =>
  parseDefinition(input, { baseDir: folder.path, env: {}, ...options });
const sessionsOf = async (input: object, options: object = {}) =>
  (await load(input, options)).definition.sessions;
const problems = async (input: object, options: object = {}) =>
  (await problemsOf(load(input, options))).map(({ code, path }) => [code, path.join('.')]);

describe('a session with forEach', () => {
  test('becomes one session for each value, which knows where it comes from', async () => {
    const [api, web, ...others] = await sessionsOf(group(AUDIT));
    expect(others).toEqual([]);
    expect(api).toMatchObject({
      id: 'audit.api',
      forEach: { of: 'audit', value: 'api' },
      prompt: 'Audit {{ each }}',
    });
    expect(web).toMatchObject({ id: 'audit.web', forEach: { of: 'audit', value: 'web' } });
    const { sessions } = await preview(group(AUDIT) as SessionGroupInput, { baseDir: folder.path });
    expect(sessions.map(({ prompt }) => prompt)).toEqual(['Audit api', 'Audit web']);
  });

  test('takes folders of a glob, relative to the definition, and puts the value where it is named', async () => {
    const session = {
      id: 'audit-{{ each }}',
      forEach: { glob: 'packages/*' },
      projectPath: '{{ each }}',
      description: 'audits {{ each }}',
      promptFile: 'each.md',
      variables: { deep: [{ name: '{{ each }}' }], other: '{{ feature }} \\{{ each }}' },
      env: { PACKAGE: '{{ each }}' },
      agent: { kind: 'command', command: ['npm', 'test', '--workspace={{ each }}'] },
      verify: { commands: [['npm', 'test', '-w', '{{ each }}']] },
    };
    const [api, web] = await sessionsOf(group(session));
    expect(api).toMatchObject({
      id: 'audit-packages-api',
      projectPath: `${folder.path}/packages/api`,
      description: 'audits packages/api',
      prompt: 'For {{ each }}',
      variables: { deep: [{ name: 'packages/api' }], other: '{{ feature }} \\{{ each }}' },
      env: { PACKAGE: 'packages/api' },
      agent: { command: ['npm', 'test', '--workspace=packages/api'] },
      verify: { commands: [['npm', 'test', '-w', 'packages/api']] },
    });
    expect(web).toMatchObject({ id: 'audit-packages-web', forEach: { of: 'audit', value: 'packages/web' } });
  });

  test('takes projects, each of which is its folder', async () => {
    const session = { id: 'audit', prompt: 'x', forEach: { projects: ['lib', './web'] } };
    const found = (await sessionsOf(group(session))).map(({ id, projectPath }) => [id, projectPath]);
    expect(found).toEqual([
      ['audit.lib', `${folder.path}/lib`],
      ['audit.web', `${folder.path}/web`],
    ]);
  });

  test('is named as a whole in dependsOn, and one of it by its own id', async () => {
    const [, , all, one] = await sessionsOf(
      group(
        AUDIT,
        {
          id: 'all',
          projectPath: 'lib',
          prompt: "{{ sessions['audit[*]'].result }}",
          dependsOn: [{ session: 'audit', when: 'settled' }],
        },
        {
          id: 'one',
          projectPath: 'lib',
          prompt: "{{ sessions['audit.api'].result }}",
          dependsOn: ['audit.api'],
        },
      ),
    );
    expect(all?.dependsOn).toEqual([
      { session: 'audit.api', when: 'settled' },
      { session: 'audit.web', when: 'settled' },
    ]);
    expect(one?.dependsOn).toEqual([{ session: 'audit.api', when: 'completed' }]);
  });

  test('can wait for the session of another fan-out with the same value', async () => {
    const fix = { ...AUDIT, id: 'fix', dependsOn: ['audit.{{ each }}'] };
    const sessions = await sessionsOf(group(AUDIT, fix));
    expect(sessions.slice(2).map(({ dependsOn }) => dependsOn.map(({ session }) => session))).toEqual([
      ['audit.api'],
      ['audit.web'],
    ]);
    expect(await problems(group(AUDIT, { ...fix, forEach: ['api', 'docs'] }))).toEqual([
      ['unknown_session', 'sessions.1.dependsOn.0'],
    ]);
  });

  test('comes to the same when its definition is stored and read again (EXPANSION-1)', async () => {
    const all = { id: 'all', projectPath: 'lib', prompt: '{{ vars.topic }}', dependsOn: ['audit'] };
    const input = {
      ...group({ ...AUDIT, description: '{{ vars.topic }}' }, all),
      variables: { topic: 'security' },
    };
    const { definition, files } = await load(input, { variables: { topic: 'speed' } });
    const stored: object = JSON.parse(JSON.stringify(definition));
    expect((await load(stored, { files })).definition).toEqual(definition);
    const added = {
      ...definition,
      sessions: [...definition.sessions, { ...all, id: 'late', description: '{{ each }}' }],
    };
    const late = (await load(added, { files })).definition.sessions.at(-1);
    expect(late?.dependsOn.map(({ session }) => session)).toEqual(['audit.api', 'audit.web']);
  });

  test('keeps the ids of values that stay (EXPANSION-4)', async () => {
    const before = (await load(group({ ...AUDIT, forEach: ['a/b'] }))).definition;
    const after = await sessionsOf(group({ ...AUDIT, forEach: ['a-b', 'a/b'] }), { replaces: before });
    expect(after.find(({ forEach }) => JSON.stringify(forEach).includes('a/b'))?.id).toBe('audit.a-b');
    expect(new Set(after.map(({ id }) => id)).size).toBe(2);
  });

  test('keeps a value from being a tag, an option of a shell, or a variable of the host', async () => {
    const forEach = ['${HOME}', '{{ x }}'];
    const [first] = await sessionsOf(
      group({ ...AUDIT, forEach: forEach.slice(0, 1), env: { P: '{{ each }}' } }),
    );
    expect(first?.env).toEqual({ P: '$${HOME}' });
    const inText = { ...AUDIT, forEach, description: '{{ each }}' };
    expect(await problems(group(inText))).toEqual([['template_syntax', 'sessions.0.description']]);
    const inShell = { ...AUDIT, verify: { commands: ['npm test {{ each }}'] } };
    expect(await problems(group(inShell))).toEqual([['tag_in_shell', 'sessions.0.verify.commands.0']]);
    const { warnings } = await load(group({ ...AUDIT, permissions: { allow: ['Bash({{ each }})'] } }));
    expect(warnings.map(({ code }) => code)).toEqual(['tag_not_filled']);
    const inConfig = { ...group(AUDIT), config: { verify: { commands: [['npm', 'test', '{{ each }}']] } } };
    const found = (await load(inConfig)).warnings.map(({ code, path }) => [code, path.join('.')]);
    expect(found).toEqual([['tag_not_filled', 'config.verify']]);
    const big = { ...AUDIT, prompt: 10n };
    expect(await problems(group(big))).toEqual([['invalid_value', 'sessions.0.prompt']]);
  });
});

describe('what is wrong with a fan-out', () => {
  test.each([
    ['an empty list', { forEach: [] }, [['invalid_value', 'sessions.0.forEach']]],
    ['a value that is no text', { forEach: ['a', 7] }, [['invalid_value', 'sessions.0.forEach.1']]],
    ['a misspelled kind', { forEach: { globs: 'x' } }, [['unknown_key', 'sessions.0.forEach.globs']]],
    ['a value twice', { forEach: ['a', 'b', 'a'] }, [['duplicate_value', 'sessions.0.forEach.2']]],
    [
      'a glob without a match',
      { forEach: { glob: 'nope/*' } },
      [['empty_for_each', 'sessions.0.forEach.glob']],
    ],
    ['a glob that leads out', { forEach: { glob: '../*' } }, [['invalid_glob', 'sessions.0.forEach.glob']]],
    ['an id that is only the value', { id: '{{ each }}' }, [['invalid_value', 'sessions.0.id']]],
    [
      'a folder that is missing',
      { projectPath: '{{ each }}' },
      [['missing_folder', 'sessions.0.projectPath']],
    ],
    ['an unknown tag, said once', { prompt: '{{ eech }}' }, [['unknown_variable', 'sessions.0.prompt']]],
    ['a key that is unknown, said once', { modl: 'x' }, [['unknown_key', 'sessions.0.modl']]],
    [
      'a variable that nobody declares',
      { forEach: '{{ vars.x }}' },
      [['invalid_value', 'sessions.0.forEach']],
    ],
  ])('is %s', async (_, more, expected) => {
    const found = await problems(group({ ...AUDIT, ...more }));
    expect(found.slice(0, expected.length)).toEqual(expected);
    expect(new Set(found.map(([code]) => code)).size).toBe(1);
  });

  test('is a name that means something else already', async () => {
    const plain = { id: 'audit', projectPath: 'lib', prompt: 'x' };
    expect(await problems(group(AUDIT, plain))).toEqual([['duplicate_session', 'sessions.0.id']]);
    expect(await problems(group(AUDIT, AUDIT))).toEqual([['duplicate_session', 'sessions.1.id']]);
    expect(await problems(group(AUDIT, { ...AUDIT, id: 'audit.api' }))).toEqual([
      ['duplicate_session', 'sessions.1.id'],
    ]);
  });

  test('is a name in a tag that does not say all, or an edge that says it', async () => {
    const all = {
      id: 'all',
      projectPath: 'lib',
      prompt: "{{ sessions['audit'].result }}",
      dependsOn: ['audit'],
    };
    const [problem] = await problemsOf(load(group(AUDIT, all)));
    expect([problem?.code, problem?.suggestion]).toEqual([
      'unknown_variable',
      "write sessions['audit[*]'] for all of its sessions",
    ]);
    const starred = { ...all, prompt: 'x', dependsOn: ['audit[*]'] };
    expect(await problems(group(AUDIT, starred))).toEqual([['unknown_session', 'sessions.1.dependsOn.0']]);
    const apart = { ...all, prompt: "{{ sessions['audit[*]'].result }}", dependsOn: ['audit.api'] };
    expect(await problems(group(AUDIT, apart))).toEqual([['not_a_dependency', 'sessions.1.prompt']]);
  });

  test('is more sessions, text or edges than there may be, before any is made (EXPANSION-2)', async () => {
    const many = Array.from({ length: 10_001 }, (_, i) => `v${i}`);
    expect(await problems(group({ ...AUDIT, forEach: many }))).toEqual([
      ['too_many_sessions', 'sessions.0.forEach'],
    ]);
    const long = { ...AUDIT, prompt: 'x'.repeat(1_000_000), forEach: many.slice(0, 100) };
    expect(await problems(group(long))).toEqual([['too_large', 'sessions.0.forEach']]);
    const left = { ...AUDIT, forEach: many.slice(0, 1_001) };
    const right = { ...AUDIT, id: 'fix', forEach: many.slice(0, 1_000), dependsOn: ['audit'] };
    expect(await problems(group(left, right))).toEqual([['too_many_edges', 'sessions.1.dependsOn']]);
  });

  test('points at the line of the definition that its author wrote (EXPANSION-3)', async () => {
    const text = [
      'version: 1',
      'name: demo',
      'sessions:',
      '  - id: audit',
      '    projectPath: lib',
      '    prompt: "Audit {{ eech }}"',
      '    forEach: [a, b, c]',
      '  - id: last',
      '    projectPath: lib',
      '    prompt: x',
      '    dependsOn: [audit, nobody]',
      '',
    ].join('\n');
    const other = await definitionFolder({ 'group.yaml': text });
    try {
      const found = await problemsOf(other.load());
      expect(found.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
        'unknown_variable 6:23',
        'unknown_session 11:24',
      ]);
    } finally {
      await other.dispose();
    }
  });
});

describe('variables of a group', () => {
  const declared = (variables: object, more: object = {}) => ({
    ...group({ id: 'a', projectPath: 'lib', prompt: 'Look at {{ vars.topic }}', ...more }),
    variables,
  });
  const promptOf = async (input: object, variables?: object) => {
    const options = { baseDir: folder.path, env: {}, ...(variables ? { variables } : {}) };
    const { sessions } = await preview(input as SessionGroupInput, options as Parameters<typeof preview>[1]);
    return sessions[0]?.prompt;
  };

  test('have defaults, and take the values that are given', async () => {
    expect(await promptOf(declared({ topic: 'security' }))).toBe('Look at security');
    expect(await promptOf(declared({ topic: 'security' }), { topic: 'speed' })).toBe('Look at speed');
    expect(await promptOf(declared({ topic: { default: ['a', 1] } }))).toBe('Look at ["a",1]');
    expect(await promptOf(declared({ topic: null }), { topic: '{{ group.name }}' })).toBe(
      'Look at {{ group.name }}',
    );
  });

  test('are filled in in names, paths and variables, too', async () => {
    const input = declared(
      { topic: 'lib' },
      { id: 'on-{{ vars.topic }}', projectPath: '{{ vars.topic }}', variables: { x: '{{ vars.topic }}' } },
    );
    const { definition } = await load({ ...input, name: 'About {{ vars.topic }}' });
    expect(definition).toMatchObject({
      name: 'About lib',
      sessions: [{ id: 'on-lib', projectPath: `${folder.path}/lib`, variables: { x: 'lib' } }],
    });
  });

  test('can be the values of a fan-out', async () => {
    const ids = async (packages: unknown) =>
      (
        await sessionsOf(
          { ...group({ ...AUDIT, forEach: '{{ vars.packages }}' }), variables: { packages: ['x'] } },
          {
            variables: { packages },
          },
        )
      ).map(({ id }) => id);
    expect(await ids(['a', 'b'])).toEqual(['audit.a', 'audit.b']);
    expect(await ids('a, b')).toEqual(['audit.a', 'audit.b']);
  });

  test('are in the plan, with where their values come from', async () => {
    const loaded = await load(declared({ topic: 'x', level: { default: 2, description: 'how deep' } }), {
      variables: { topic: 'y' },
    });
    expect(planGroup(loaded).variables).toEqual({
      topic: { value: 'y', given: true },
      level: { value: 2, given: false, description: 'how deep' },
    });
  });

  test('keep the values that were given, unless others are (the definition is replaced)', async () => {
    const input = declared({ topic: 'security', level: 1 });
    const { definition: replaces } = await load(input, { variables: { topic: 'speed' } });
    const values = async (options: object) => planGroup(await load(input, options)).variables?.topic?.value;
    expect(await values({ replaces })).toBe('speed');
    expect(await values({ replaces, variables: { topic: 'size' } })).toBe('size');
    expect(await values({})).toBe('security');
  });

  test('are missing, unknown, misused or secret with a place and a way out', async () => {
    expect(await problems(declared({ topic: { description: 'what to look at' } }))).toEqual([
      ['missing_variable', 'variables.topic'],
    ]);
    const [unknown] = await problemsOf(load(declared({ topic: 'x' }), { variables: { topc: 'y' } }));
    expect([unknown?.code, unknown?.path, unknown?.suggestion]).toEqual([
      'unknown_variable',
      ['variables'],
      'did you mean "topic"?',
    ]);
    expect(await problems(declared({ other: 'x' }))).toEqual([['unknown_variable', 'sessions.0.prompt']]);
    expect(await problems(declared({ topic: { required: false } }))).toEqual([
      ['missing_value', 'sessions.0.prompt'],
    ]);
    expect(await problems(declared({ topic: { defualt: 1 } }))).toEqual([
      ['unknown_key', 'variables.topic.defualt'],
    ]);
    expect(await problems(declared({ topic: 'x', 'a-b': 'y' }))).toEqual([
      ['invalid_value', 'variables.a-b'],
    ]);
    const { warnings } = await load(declared({ topic: 'x', API_TOKEN: 'abcdefgh12345678' }));
    expect(warnings.map(({ code }) => code)).toEqual(['literal_secret']);
  });

  test('and each are ordinary names in a definition that has neither variables nor fan-outs', async () => {
    const session = {
      id: 'a',
      projectPath: 'lib',
      prompt: '{{ each }} {{ vars }}',
      variables: { each: 'x', vars: 'y' },
    };
    expect(await promptOf(group(session))).toBe('x y');
  });
});

test('any definition comes to the same when it is expanded again', async () => {
  const text = fc.constantFrom(
    '{{ each }}',
    '{{ vars.x }}',
    '{{ feature }}',
    '\\{{ each }}',
    '}}',
    'a b',
    '{{{ each }}',
  );
  const texts = fc.array(text, { maxLength: 4 }).map(list => list.join(''));
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      async (more, values) => {
        const session = { ...AUDIT, forEach: values, description: more, variables: { more } };
        const input = { ...group({ ...session, prompt: 'x' }), variables: { x: 'vx' } };
        const loaded = await load(input).catch(() => undefined); // a value may have braces
        if (loaded === undefined) return;
        const again = await load(JSON.parse(JSON.stringify(loaded.definition)), { files: loaded.files });
        expect(again.definition).toEqual(loaded.definition);
      },
    ),
    { numRuns: runs(60) },
  );
});
