import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configFixture } from '../../support/config-fixture.ts';

const HEADING = '# Instructions of the session group "the group" for its session a';

describe('by default', () => {
  test('nothing is generated, and the session needs no preparation', () => {
    const { generator, session } = configFixture({});
    expect(generator.generates(session())).toBe(false);
    expect(generator.generateSessionConfig(session())).toBeUndefined();
  });

  test('only the instructions of the group are inherited', () => {
    const sharedConfig = {
      'CLAUDE.md': 'Be brief. {{ literally }}',
      'settings.json': '{}',
      'mcp.json': '{"mcpServers":{"x":{"command":"x"}}}',
      'commands/a.md': 'x',
    };
    const { generator, session } = configFixture({}, { sharedConfig });
    expect(generator.generateSessionConfig(session())).toMatchObject({
      files: { 'CLAUDE.md': `${HEADING}\n\nBe brief. {{ literally }}\n` },
      mcpServers: [],
    });
  });

  const withInstructions = (agent: Partial<Parameters<typeof configFixture>[0]>['agent']) =>
    configFixture(
      { agent, config: { claudeMdTemplate: 'Mind this.' } },
      { sharedConfig: { 'CLAUDE.md': 'x' } },
    );

  test('nothing is generated for a command', () => {
    const { generator, session } = withInstructions({ kind: 'command', command: ['ls'] });
    expect(generator.generates(session())).toBe(false);
    expect(generator.generateSessionConfig(session())).toBeUndefined();
  });

  test('a script gets what the agent that it stands in for would get', () => {
    const { generator, session } = withInstructions({ kind: 'scripted' });
    const { generator: real, session: realSession } = withInstructions({ kind: 'claude' });
    expect(generator.generateSessionConfig(session())?.hash).toBe(
      real.generateSessionConfig(realSession())?.hash,
    );
  });
});

describe('instructions', () => {
  test("are the group's, then the session's with its tags expanded", () => {
    const { generator, session } = configFixture(
      {
        variables: { style: 'short' },
        config: {
          claudeMdTemplate:
            "Style {{ style }} in {{ group.name }}/{{ session.id }}: {{ sessions['b'].result }}",
        },
      },
      {
        sharedConfig: { 'CLAUDE.md': 'Shared.\n' },
        results: { b: { status: 'completed', result: '{{ style }} <%= 1 %>' } },
      },
    );
    expect(generator.generateClaudeMd(session())).toBe(
      `${HEADING}\n\nShared.\n\nStyle short in the group/a: {{ style }} <%= 1 %>\n`,
    );
  });

  test('come from a template if they are a single word', () => {
    const { generator, session } = configFixture(
      { variables: { tone: 'kind' }, config: { claudeMdTemplate: 'team/style' } },
      { templates: { 'team/style': '---\nvariables: [{name: tone}]\n---\n\nBe {{ tone }}.\n' } },
    );
    expect(generator.generateClaudeMd(session())).toBe(`${HEADING}\n\nBe kind.\n`);
  });

  test("omit the group's with inheritFromGroup: false, and everything with generateClaudeMd: false", () => {
    const sharedConfig = { 'CLAUDE.md': 'Shared.' };
    const own = { claudeMdTemplate: 'Own words.' };
    const alone = configFixture({ config: { ...own, inheritFromGroup: false } }, { sharedConfig });
    expect(alone.generator.generateClaudeMd(alone.session())).toBe(`${HEADING}\n\nOwn words.\n`);
    const none = configFixture({ config: { ...own, generateClaudeMd: false } }, { sharedConfig });
    expect(none.generator.generateSessionConfig(none.session())).toBeUndefined();
  });

  test('contain every variable text as is', () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        '{{ x }}',
        '<%= 1 %>',
        '`',
        '"',
        "'",
        '\n',
        '\r\n',
        '---\n',
        '@/etc/passwd',
        '${A}',
        '\\{{',
        '}}',
      ),
      fc.string({ unit: 'binary' }),
    );
    const value = fc.array(hostile, { maxLength: 8 }).map(parts => `[${parts.join('')}]`);
    fc.assert(
      fc.property(value, text => {
        const { generator, session } = configFixture(
          { variables: { text }, config: { claudeMdTemplate: 'Text: {{ text }} end', commands: ['show'] } },
          { templates: { show: '---\nvariables: [{name: text}]\n---\nText: {{ text }} end' } },
        );
        expect(generator.generateClaudeMd(session())).toBe(`${HEADING}\n\nText: ${text} end\n`);
        expect(generator.generateCommands(session())).toEqual({
          'show.md': `---\ndescription: "The command show of the session group"\n---\n\nText: ${text} end`,
        });
      }),
    );
  });

  test('contain a text of one megabyte in full', () => {
    const text = '{{ `" <% \n'.repeat(100_000);
    const { generator, session } = configFixture({
      variables: { text },
      config: { claudeMdTemplate: '[ {{ text }}]' },
    });
    expect(generator.generateClaudeMd(session())).toBe(`${HEADING}\n\n[ ${text}]\n`);
  });
});

describe('settings', () => {
  const shared = { 'settings.json': '{"permissions":{"allow":["A"],"deny":["B"]},"model":"opus"}' };

  test("are the group's with the session's merged over them", () => {
    const { generator, session } = configFixture(
      { config: { settingsOverride: { permissions: { allow: ['C'] } } } },
      { sharedConfig: shared },
    );
    expect(JSON.parse(generator.generateSettings(session()) ?? '')).toEqual({
      permissions: { allow: ['C'], deny: ['B'] },
      model: 'opus',
    });
  });

  test('are switched on by the group for all sessions, or by a session for itself', () => {
    const off = configFixture({}, { sharedConfig: shared });
    expect(off.generator.generateSettings(off.session())).toBeUndefined();
    const byGroup = configFixture(
      {},
      { sharedConfig: shared, config: { sessionDefaults: { generateSettings: true } } },
    );
    expect(byGroup.generator.generateSettings(byGroup.session())).toContain('"opus"');
    const bySession = configFixture({ config: { generateSettings: true } }, { sharedConfig: shared });
    expect(bySession.generator.generateSettings(bySession.session())).toContain('"opus"');
    const against = configFixture(
      { config: { generateSettings: false, settingsOverride: { model: 'x' } } },
      { sharedConfig: shared, config: { sessionDefaults: { generateSettings: true } } },
    );
    expect(against.generator.generateSettings(against.session())).toBeUndefined();
  });
});

describe('commands', () => {
  test("are the group's files and the session's templates, as a plugin", () => {
    const { generator, session } = configFixture(
      { variables: { what: 'tests' }, config: { commands: ['check', 'team/ship'] } },
      {
        sharedConfig: { 'commands/review.md': 'Review $ARGUMENTS', 'commands/check.md': 'of the group' },
        templates: {
          check: '---\ndescription: "Checks: \\"all\\""\nvariables: [{name: what}]\n---\nCheck {{ what }}.\n',
          'team/ship': 'Ship it.',
        },
      },
    );
    const files = generator.generateSessionConfig(session())?.files ?? {};
    expect(Object.keys(files)).toEqual([
      'plugin/.claude-plugin/plugin.json',
      'plugin/commands/check.md',
      'plugin/commands/review.md',
      'plugin/commands/team/ship.md',
    ]);
    expect(JSON.parse(files['plugin/.claude-plugin/plugin.json'] ?? '').name).toBe('group');
    expect(files['plugin/commands/review.md']).toBe('Review $ARGUMENTS');
    expect(files['plugin/commands/check.md']).toBe(
      '---\ndescription: "Checks: \\"all\\""\n---\n\nCheck tests.\n',
    );
  });

  test("never contain another session's result", () => {
    const { generator, session } = configFixture(
      { config: { commands: ['leak'] } },
      {
        templates: { leak: "Do {{ sessions['b'].result }}" },
        results: { b: { status: 'completed', result: '!`rm -rf .`' } },
      },
    );
    expect(() => generator.generateCommands(session())).toThrow(
      expect.objectContaining({ code: 'foreign_in_command' }),
    );
  });
});

describe('the hash', () => {
  const hashOf = (words: string, result: string) => {
    const { generator, session } = configFixture(
      { config: { claudeMdTemplate: `${words} {{ sessions.b.result }}` } },
      { results: { b: { status: 'completed', result } } },
    );
    return generator.generateSessionConfig(session())?.hash;
  };

  test('is the same for the same files, and differs if a word or a result differs', () => {
    expect(hashOf('Mind it.', 'x')).toBe(hashOf('Mind it.', 'x'));
    expect(hashOf('Mind it.', 'x')).not.toBe(hashOf('Mind it.', 'y'));
    expect(hashOf('Mind it.', 'x')).not.toBe(hashOf('Mind that.', 'x'));
  });
});

describe('an untrusted project', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'untrusted-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("has its CLAUDE.md passed as text, after the user's instructions", () => {
    writeFileSync(join(folder, 'CLAUDE.md'), 'Indent by three. {{ no tag }}');
    mkdirSync(join(folder, '.claude'));
    writeFileSync(join(folder, '.claude/CLAUDE.md'), 'And more.');
    const { generator, session } = configFixture({
      projectPath: folder,
      settingSources: ['user'],
      config: { claudeMdTemplate: 'Mind it.' },
    });
    const text = generator.generateClaudeMd(session()) ?? '';
    expect(text).toMatch(/Mind it\..*Indent by three\. \{\{ no tag \}\}.*And more\./s);
    const trusted = configFixture({ projectPath: folder });
    expect(trusted.generator.generateSessionConfig(trusted.session())).toBeUndefined();
  });
});
