import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import { renderDiagnostics } from '../../../../src/sdk/group/document/render-diagnostic.ts';
import { SessionGroupDefinition } from '../../../../src/sdk/group/types.ts';
import { definitionFolder, problemsOf } from './definition-folder.ts';

const folders: { dispose: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.dispose();
});
async function folderWith(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await definitionFolder(files);
  folders.push(folder);
  return folder;
}

const VALID = `version: 1
name: demo
sessions:
  - id: a
    projectPath: lib
    prompt: do it
  - id: b
    projectPath: ./web
    promptFile: prompt.md
    dependsOn: [a]
`;

/** The example of the specification, with every key that this version supports. */
const EXAMPLE = `# yaml-language-server: $schema=./node_modules/session-groups/schema.json
version: 1
name: Cross-project auth refactor          # slug derived from it (at most 40 characters) unless given
description: Move three services to the shared auth library
config:
  agent: claude                            # claude | command | scripted, or {kind: command, command: [npm, test]}
  model: sonnet
  budget: { maxBudgetUsd: 10, onBudgetExceeded: pause, warningThreshold: 0.8 }      # pause | stop | warn
  concurrency: { maxConcurrent: 3, maxPerProject: 1, respectDependencies: true, pauseOnError: true, errorThreshold: 2 }
  retry: { maximumAttempts: 3, initialInterval: 5s, backoffCoefficient: 2, maximumInterval: 5m, nonRetryableErrorTypes: [] }
  timeouts: { attempt: 2h, idle: 10m }
  quota: { maxWait: 6h }
  permissions: { mode: acceptEdits, allow: [], deny: [AskUserQuestion, EnterPlanMode, ExitPlanMode], onRequest: ask, timeout: 30m }
  settingSources: [user, project, local]
  sessionDefaults: { generateClaudeMd: true, generateMcpConfig: false, generateSettings: false, generateCommands: false }
sessions:
  - id: shared-lib
    projectPath: ../shared-lib             # relative to the definition file
    prompt: Extract the token check into src/auth.ts and export it.
  - id: gateway
    projectPath: ../gateway
    TEMPLATE
    variables: { feature: token check }
    dependsOn: [shared-lib]
  - id: report-failure
    projectPath: ../shared-lib
    prompt: "Explain why this failed: {{ sessions['shared-lib'].error }}"
    dependsOn: [{ session: shared-lib, when: failed }]      # completed (default) | failed | settled
`;

async function exampleFolder(prompt: string) {
  const folder = await folderWith({ 'group/group.yaml': EXAMPLE.replace('TEMPLATE', prompt) });
  for (const project of ['shared-lib', 'gateway']) await mkdir(join(folder.path, project));
  return folder;
}

test('keys that begin with x- are a place for anchors, and for what other programs read', async () => {
  const text = [
    'version: 1',
    'name: demo',
    'x-reading: &reading { permissions: { mode: plan }, x-owner: me }',
    'config: { agent: scripted, x-note: { any: [thing] } }',
    'sessions:',
    '  - { <<: *reading, id: a, projectPath: lib, prompt: "NUL \\0 is text here" }',
    '',
  ].join('\n');
  const folder = await folderWith({ 'group.yaml': text, 'bad.yaml': text.replace('x-note', 'y-note') });
  const { definition, warnings } = await folder.load();
  expect(warnings).toEqual([]);
  expect(definition.sessions[0]).toMatchObject({ id: 'a', permissions: { mode: 'plan' } });
  expect(JSON.stringify(definition)).not.toContain('"x-');
  const problems = await problemsOf(folder.load('bad.yaml'));
  expect(problems.map(({ code, path }) => [code, path])).toEqual([['unknown_key', ['config', 'y-note']]]);
});

describe('the example of the specification', () => {
  test('loads without warnings, and its values are the defaults', async () => {
    const folder = await exampleFolder('prompt: Add {{ feature }}');
    const { definition, warnings } = await folder.load('group/group.yaml');
    expect(warnings).toEqual([]);
    const bare = SessionGroupDefinition.parse({
      version: 1,
      name: 'x',
      config: { model: 'sonnet' },
      sessions: [{ id: 'a', projectPath: '.' }],
    });
    expect(definition.config).toEqual(bare.config);
    expect(definition.sessions.map(session => session.dependsOn)).toEqual([
      [],
      [{ session: 'shared-lib', when: 'completed' }],
      [{ session: 'shared-lib', when: 'failed' }],
    ]);
    expect(definition.config.timeouts).toEqual({ attempt: 7_200_000, idle: 600_000 });
  });

  test('finds its template among the shipped ones, and includes the text', async () => {
    const folder = await exampleFolder('template: implement-feature');
    const { definition, files, warnings } = await folder.load('group/group.yaml');
    expect(warnings).toEqual([]);
    expect(definition.sessions[1]?.template).toBe('implement-feature');
    expect(files.templates).toEqual({
      'implement-feature': readFileSync(
        new URL('../../../../templates/implement-feature.md', import.meta.url),
        'utf8',
      ),
    });
  });
});

describe('a loaded definition', () => {
  test('has absolute paths, the text of prompt files, and the unchanged source', async () => {
    const folder = await folderWith({ 'group.yaml': VALID });
    const { definition, source } = await folder.load();
    expect(definition.sessions.map(session => session.projectPath)).toEqual([
      join(folder.path, 'lib'),
      join(folder.path, 'web'),
    ]);
    expect(definition.sessions[1]?.prompt).toBe('Read me\n');
    expect(definition.sessions[1]).not.toHaveProperty('promptFile');
    expect(source).toEqual({ file: join(folder.path, 'group.yaml'), text: VALID });
  });

  test('can be stored and read again without a change', async () => {
    const folder = await folderWith({ 'group.yaml': VALID });
    const { definition } = await folder.load();
    await folder.remove('prompt.md');
    const stored: unknown = JSON.parse(JSON.stringify(definition));
    expect(SessionGroupDefinition.parse(stored)).toEqual(definition);
    expect((await parseDefinition(stored, { baseDir: '/', env: {} })).definition).toEqual(definition);
  });

  test('is the same with a byte-order mark, with CRLF, as JSON and as an object in code', async () => {
    const value = {
      $schema: './schema.json',
      version: 1,
      name: 'demo',
      sessions: [
        { id: 'a', projectPath: 'lib', prompt: 'do it' },
        { id: 'b', projectPath: './web', promptFile: 'prompt.md', dependsOn: ['a'] },
      ],
    };
    const folder = await folderWith({
      'group.yaml': VALID,
      'bom.yml': `\ufeff${VALID}`,
      'crlf.yaml': VALID.replaceAll('\n', '\r\n'),
      'group.json': JSON.stringify(value, null, '\t'),
    });
    const { definition } = await folder.load();
    for (const name of ['bom.yml', 'crlf.yaml', 'group.json']) {
      expect((await folder.load(name)).definition).toEqual(definition);
    }
    const parsed = await parseDefinition(value, { baseDir: folder.path, env: {} });
    expect(parsed.definition).toEqual(definition);
    expect(parsed.source).toBeUndefined();
  });

  test('may share parts with anchors and merge keys, hundreds of times', async () => {
    const sessions = Array.from({ length: 500 }, (_, i) => `  - <<: *base\n    id: s${i}\n`).join('');
    const folder = await folderWith({
      'group.yaml': `version: 1\nname: demo\nsessions:\n  - &base\n    id: a\n    projectPath: lib\n    prompt: x\n${sessions}`,
    });
    const { definition } = await folder.load();
    expect(definition.sessions).toHaveLength(501);
    expect(definition.sessions[500]).toMatchObject({ id: 's499', prompt: 'x' });
  });

  test('loads in spite of warnings', async () => {
    const folder = await folderWith({
      'group.yaml': `${VALID}    trigger: any
    variables: { group: x }
    env: { GITHUB_TOKEN: 0123456789abcdef, OTHER: "\${FOUND}" }
  - id: c
    projectPath: web
    dependsOn: [a, { session: b, when: settled }]
    prompt: "{{ sessions.a.result }} {{ sessions.b.error }} {{ sessions.b.error ?? 'none' }}"
`,
    });
    const { warnings } = await folder.load('group.yaml', { env: { FOUND: 'x' } });
    expect(warnings.map(({ severity, code, line }) => [severity, code, line])).toEqual([
      ['warning', 'trigger_without_choice', 11],
      ['warning', 'reserved_name', 12],
      ['warning', 'literal_secret', 13],
      ['warning', 'maybe_absent', 17],
    ]);
    expect(renderDiagnostics(warnings)).not.toContain('0123456789abcdef');
    expect(renderDiagnostics(warnings)).toContain('GITHUB_TOKEN: ••••••••••••••••, OTHER');
    expect(renderDiagnostics(warnings)).toContain('4 warnings');
  });
});

describe('several problems', () => {
  test('are reported together, in file order', async () => {
    const folder = await folderWith({
      'group.yaml': `version: 1
nam: demo
config:
  budget: { maxBudgetUsd: -1, onBudgetExceded: pause }
sessions:
  - id: a
    projectPath: lbi
    promt: do it
  - id: b
    projectPath: web
    template: x
    dependsOn: [A, b]
    env: { X: "\${UNSET}" }
  - id: b
    projectPath: web
    prompt: "{{ oops }} {{ 1 + 1 }} {{ sessions.a.result }}"
`,
    });
    const problems = await problemsOf(folder.load());
    expect(problems.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
      'missing_key 1:1',
      'unknown_key 2:1',
      'invalid_value 4:27',
      'unknown_key 4:31',
      'prompt_choice 6:5',
      'missing_folder 7:18',
      'unknown_key 8:5',
      'duplicate_session 9:9',
      'unknown_template 11:15',
      'unknown_session 12:17',
      'self_dependency 12:20',
      'unset_variable 13:15',
      'duplicate_session 14:9',
      'unknown_variable 16:17',
      'template_syntax 16:30',
      'not_a_dependency 16:40',
    ]);
    expect(renderDiagnostics(problems).endsWith('\n\n16 errors')).toBe(true);
  });

  test('are reported for an object in code too, by path only', async () => {
    const value = { version: 1, name: 'x', sessions: [{ id: 'a', projectPath: '/nowhere', promt: 1 }] };
    const problems = await problemsOf(parseDefinition(value, { env: {} }));
    expect(problems.map(problem => [problem.code, problem.path, problem.line])).toEqual([
      ['unknown_key', ['sessions', 0, 'promt'], undefined],
      ['prompt_choice', ['sessions', 0], undefined],
      ['missing_folder', ['sessions', 0, 'projectPath'], undefined],
    ]);
  });

  test('are summed up in one line', async () => {
    const folder = await folderWith({ 'group.yaml': 'version: 1\nnaem: x\n' });
    await expect(folder.load()).rejects.toThrow(/group\.yaml: 3 errors, the first at 1:1: missing "name"/);
  });
});

describe('an unreadable file', () => {
  test('is named, with the reason', async () => {
    const folder = await folderWith({});
    expect(await problemsOf(folder.load('none.yaml'))).toMatchObject([
      { code: 'missing_file', file: join(folder.path, 'none.yaml') },
    ]);
    expect(await problemsOf(folder.load('lib'))).toMatchObject([{ code: 'not_a_file' }]);
    expect(await problemsOf(folder.load('prompt.md/x'))).toMatchObject([{ code: 'missing_file' }]);
    expect(await problemsOf(folder.load('a\0b'))).toMatchObject([{ code: 'unreadable_file' }]);
  });

  test('shows places in a prompt file as places in that file', async () => {
    const folder = await folderWith({ 'group.yaml': VALID, 'prompt.md': 'Hello\n\n  {{ nobody }}\n' });
    const [problem] = await problemsOf(folder.load());
    expect(problem).toMatchObject({ file: join(folder.path, 'prompt.md'), line: 3, column: 6 });
    expect(problem?.frame).toContain('> 3 |   {{ nobody }}');
  });
});
