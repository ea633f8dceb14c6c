import { describe, expect, it } from 'vitest';
import { claudeArguments } from '../../../../src/sdk/session/claude-code/arguments.ts';
import { attemptSpec } from '../../../support/claude-attempt.ts';

const spec = attemptSpec({ cwd: '/project', env: {}, prompt: '--model=opus and other words' });
const { permissions } = spec;

describe('the command line of claude', () => {
  it('requests stream-json in both directions, with partial messages', () => {
    expect(claudeArguments(spec, 'new').slice(0, 6)).toEqual([
      '-p',
      '--input-format=stream-json',
      '--output-format=stream-json',
      '--verbose',
      '--include-partial-messages',
      '--replay-user-messages',
    ]);
  });

  it('never contains the prompt', () => {
    expect(claudeArguments(spec, 'new').join(' ')).not.toContain('other words');
  });

  it('passes the conversation as new or as one to resume', () => {
    expect(claudeArguments(spec, 'new')).toContain(`--session-id=${spec.conversation.id}`);
    expect(claudeArguments(spec, 'resume')).toContain(`--resume=${spec.conversation.id}`);
    expect(claudeArguments(spec, 'resume').join(' ')).not.toContain('--session-id');
  });

  it('joins every value to its option, so that no rule can be taken for an option', () => {
    const rules = { ...permissions, allow: ['Bash(npm test)', '--weird'], deny: ['-p', 'Write'] };
    const args = claudeArguments({ ...spec, permissions: rules }, 'new');
    expect(args.filter(arg => arg.startsWith('--allowedTools'))).toEqual([
      '--allowedTools=Bash(npm test)',
      '--allowedTools=--weird',
    ]);
    const denied = args.filter(arg => arg.startsWith('--disallowedTools'));
    expect(denied.slice(-2)).toEqual(['--disallowedTools=-p', '--disallowedTools=Write']);
    expect(args.every(arg => arg === '-p' || arg.startsWith('--'))).toBe(true);
  });

  it('removes the tools that do not fit a session which ends with its turn, unless a rule allows one', () => {
    const removed = (allow: string[]) =>
      claudeArguments({ ...spec, permissions: { ...permissions, allow, deny: [] } }, 'new')
        .filter(arg => arg.startsWith('--disallowedTools='))
        .map(arg => arg.replace('--disallowedTools=', ''));
    const all = ['ScheduleWakeup', 'CronCreate', 'Monitor', 'Workflow', 'EnterWorktree', 'SendMessage'];
    expect(removed([])).toEqual(expect.arrayContaining([...all, 'ListAgents']));
    expect(removed(['Monitor', 'Workflow(build)', 'Bash(Cron*)'])).not.toContain('Monitor');
    expect(removed(['Monitor', 'Workflow(build)', 'Bash(Cron*)'])).not.toContain('Workflow');
    expect(removed(['Monitor', 'Workflow(build)', 'Bash(Cron*)'])).toContain('CronCreate');
  });

  it('passes the schema of a structured output as one argument', () => {
    const outputSchema = { type: 'object', description: '--model=opus' };
    const args = claudeArguments({ ...spec, outputSchema }, 'resume');
    expect(args).toContain(`--json-schema=${JSON.stringify(outputSchema)}`);
    expect(claudeArguments(spec, 'new').join(' ')).not.toContain('--json-schema');
  });

  it.each([
    ['ask', true],
    ['deny', false],
    ['fail', false],
  ] as const)('with onRequest %s, handles approvals over the protocol: %s', (onRequest, expected) => {
    const args = claudeArguments({ ...spec, permissions: { ...permissions, onRequest } }, 'new');
    expect(args.includes('--permission-prompt-tool=stdio')).toBe(expected);
  });

  it.each([
    [['user', 'project', 'local'], '--setting-sources=user,project,local', false],
    [['user'], '--setting-sources=user', true],
    [[], '--setting-sources=', true],
  ] as const)(
    'settings of %j: %s, MCP servers of the project excluded: %s',
    (settingSources, flag, strict) => {
      const args = claudeArguments({ ...spec, settingSources }, 'new');
      expect(args).toContain(flag);
      expect(args.includes('--strict-mcp-config')).toBe(strict);
    },
  );

  it.each([
    [0.5, '0.500000'],
    [12, '12.000000'],
    [1e-9, '0.000001'],
    [-1, '0.000001'],
  ])('caps the attempt at %d USD as %s', (maxBudgetUsd, written) => {
    expect(claudeArguments({ ...spec, maxBudgetUsd }, 'new')).toContain(`--max-budget-usd=${written}`);
  });

  it('passes generated files, allows the tools of their servers, and omits what was not generated', () => {
    const config = {
      instructionsFile: '/c/CLAUDE.md',
      settingsFile: '/c/settings.json',
      mcpConfigFile: '/c/.mcp.json',
      mcpServers: ['facts', 'finder'],
      pluginDir: '/c/plugin',
      configDir: '/c/home',
    };
    const args = claudeArguments({ ...spec, config }, 'new');
    expect(args.slice(args.indexOf('--append-system-prompt-file=/c/CLAUDE.md'))).toEqual([
      '--append-system-prompt-file=/c/CLAUDE.md',
      '--settings=/c/settings.json',
      '--mcp-config=/c/.mcp.json',
      '--allowedTools=mcp__facts',
      '--allowedTools=mcp__finder',
      '--plugin-dir=/c/plugin',
    ]);
    expect(claudeArguments({ ...spec, config: {} }, 'new')).toEqual(claudeArguments(spec, 'new'));
  });

  it.each([
    [true, 'resume', true],
    [true, 'new', false],
    [false, 'resume', false],
  ] as const)(
    'with instructions changed: %s, tells a client started with %s to use them: %s',
    (instructionsChanged, conversation, expected) => {
      const config = { instructionsFile: '/c/CLAUDE.md', instructionsChanged };
      const args = claudeArguments({ ...spec, config }, conversation);
      expect(args.includes('--system-prompt-snapshot=off')).toBe(expected);
    },
  );

  it('leaves model and budget to the client if none is given', () => {
    const { model: _, ...without } = spec;
    expect(claudeArguments(without, 'new').join(' ')).not.toMatch(/--model|--max-budget/);
  });
});
