import { afterEach, beforeEach, expect, test } from 'vitest';
import { preview } from '../../../../src/index.ts';
import { definitionFolder } from '../definition/definition-folder.ts';

let folder: Awaited<ReturnType<typeof definitionFolder>>;
beforeEach(async () => {
  folder = await definitionFolder({
    'templates/style.md':
      "---\nvariables: [{name: tone, default: kind}]\n---\nBe {{ tone }}: {{ sessions['a'].result }}",
    'group.yaml': `version: 1
name: demo
sessions:
  - { id: a, projectPath: lib, prompt: "Look at {{ session.projectPath }}." }
  - id: b
    projectPath: web
    prompt: "After {{ sessions.a.result }}"
    dependsOn: [a]
    config: { claudeMdTemplate: style, settingsOverride: { model: opus } }
`,
  });
});
afterEach(() => folder.dispose());

test('shows every prompt and file of a definition, with placeholders for later results', async () => {
  const { name, sessions, warnings } = await preview(`${folder.path}/group.yaml`, { env: {} });
  expect(name).toBe('demo');
  expect(warnings).toEqual([]);
  const [a, b] = sessions;
  expect(a).toEqual({ id: 'a', prompt: `Look at ${folder.path}/lib.`, files: {}, mcpServers: [] });
  expect(b).toMatchObject({
    id: 'b',
    prompt: 'After <result of a>',
    files: {
      'CLAUDE.md': expect.stringMatching(/\n\nBe kind: <result of a>\n$/),
      'settings.json': '{\n  "model": "opus"\n}\n',
    },
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('rejects an invalid definition just as a run does', async () => {
  const sessions = [
    { id: 'a', projectPath: folder.path, prompt: 'x', config: { claudeMdTemplate: 'absent' } },
  ];
  await expect(preview({ version: 1, name: 'x', sessions }, { env: {} })).rejects.toMatchObject({
    code: 'invalid_definition',
    diagnostics: [{ code: 'unknown_template', path: ['sessions', 0, 'config', 'claudeMdTemplate'] }],
  });
});
