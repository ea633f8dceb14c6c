import { AGENT_GUIDE } from './guide-agents.ts';
import { ERROR_GUIDE } from './guide-errors.ts';
import { SESSION_GUIDE } from './guide-sessions.ts';
import type { Guide } from './guide-type.ts';

/**
 * What each key of a definition is for, by its path: what editors show while it is written, and the reference lists. A session's
 * key without an entry of its own means the same as the group's. `[]` is an item of a list, `*` any name.
 */
export const GUIDE: Guide = {
  $schema: { text: 'Address of this schema, for editors' },
  version: { text: 'Version of the definition format', values: { 1: 'the only one' } },
  name: { text: 'Name of the group, for people', examples: ['Cross-project auth refactor'] },
  slug: {
    text: "The last part of the group's id. Default: derived from the name",
    examples: ['auth-refactor'],
  },
  description: {
    text: 'What the group is for',
    examples: ['Move three services to the shared auth library'],
  },
  variables: {
    text: 'Values for {{ vars.NAME }} by name, with their defaults; --var NAME=VALUE gives another. No secrets: they are stored',
    examples: [{ topic: 'security', depth: { default: 2, description: 'how deep' } }],
  },
  'variables.*.default': { text: 'The value unless another is given. Default: none' },
  'variables.*.description': { text: 'What the variable is for, in one line; `plan` shows it' },
  'variables.*.required': {
    text: 'false: it may be without a value. Default: true, unless it has a default',
  },
  'variables.*.value': { text: 'Written by the program: the value that was given' },
  config: { text: 'Settings of all sessions, and of the group as a whole' },
  'config.model': {
    text: "The model that the agent is asked to use. Default: the agent's own",
    examples: ['sonnet', 'opus'],
  },
  'config.budget': { text: 'How much the group may spend', examples: [{ maxBudgetUsd: 25 }] },
  'config.budget.maxBudgetUsd': {
    text: 'USD at list prices that the whole group may spend; the limit holds while sessions run',
    values: { none: 'no limit' },
    examples: [25, 'none'],
  },
  'config.budget.onBudgetExceeded': {
    text: 'What happens at the limit',
    values: {
      pause:
        'live sessions are interrupted and keep their conversations; a resume goes on once the limit is raised',
      stop: 'live sessions are stopped, and the others are skipped',
      warn: 'it is only reported',
    },
  },
  'config.budget.warningThreshold': { text: 'The share of the limit at which a warning is reported' },
  'config.concurrency': {
    text: 'How many sessions are live at once, and how many failures are too many',
    examples: [{ maxConcurrent: 5 }],
  },
  'config.concurrency.maxConcurrent': { text: 'Sessions that are live at once' },
  'config.concurrency.maxPerProject': {
    text: 'Sessions that are live at once in one project, counted over all groups of this user on this machine',
  },
  'config.concurrency.respectDependencies': { text: 'false: dependsOn is ignored' },
  'config.concurrency.pauseOnError': {
    text: 'At the error threshold, pause the group (true) or stop it (false)',
  },
  'config.concurrency.errorThreshold': { text: 'Failed sessions that pause or stop the group' },
  'config.retry': {
    text: 'How often, and how soon, a session is tried again after a failure that may not happen again',
    examples: [{ maximumAttempts: 5 }],
  },
  'config.retry.maximumAttempts': { text: 'Attempts of a session, the first one included' },
  'config.retry.initialInterval': { text: 'Pause before the second attempt', examples: ['5s'] },
  'config.retry.backoffCoefficient': { text: 'Each pause is this many times as long as the one before' },
  'config.retry.maximumInterval': { text: 'The longest pause', examples: ['5m'] },
  'config.retry.nonRetryableErrorTypes': { text: 'Failures that are not tried again', values: ERROR_GUIDE },
  'config.timeouts': { text: 'How long an attempt may take', examples: [{ attempt: '4h' }] },
  'config.timeouts.attempt': { text: 'The longest that one attempt may last', examples: ['2h'] },
  'config.timeouts.idle': {
    text: 'An attempt that shows no work for this long is ended and tried again; it does not count while a person is asked',
    examples: ['10m'],
  },
  'config.quota': {
    text: "What happens when the account's usage limit is reached",
    examples: [{ maxWait: '1d' }],
  },
  'config.quota.maxWait': {
    text: 'How long sessions wait for the reset; if it takes longer, the group pauses',
    examples: ['6h'],
  },
  'config.workspace': { text: 'Where sessions work', examples: [{ mode: 'worktree' }] },
  'config.workspace.mode': {
    text: 'Where a session works',
    values: {
      shared: "the project's own folder",
      worktree: 'a git worktree of its own, on a branch of its own',
      checkout: 'a clone of its own',
    },
  },
  'config.workspace.base': {
    text: 'The ref to start from; it is pinned for each repository when it is first used',
    examples: ['HEAD', 'origin/main'],
  },
  'config.workspace.include': {
    text: 'Files that git ignores and that are brought along, as patterns of .gitignore; they are never committed',
    examples: [['.env.test']],
  },
  'config.workspace.setup': {
    text: "Commands that prepare a workspace before its agent starts. They run outside the agent's permissions",
    examples: [['npm ci'], [['npm', 'ci']]],
  },
  'config.workspace.setupTimeout': {
    text: 'The longest that each of these commands may take',
    examples: ['15m'],
  },
  'config.workspace.ports': {
    text: 'Environment variables that get the number of a free port each, for agent, set-up and checks',
    examples: [['PORT']],
  },
  'config.workspace.keep': {
    text: 'How long a workspace stays once its session has ended',
    values: {
      until_merged: 'until its work is in a branch that stays',
      always: 'until it is removed by hand',
    },
  },
  'config.verify': {
    text: 'Checks that a session has to pass before it is completed',
    examples: [{ commands: ['npm test'] }],
  },
  'config.verify.commands': {
    text: "Commands that run one after the other; all have to succeed. They run outside the agent's permissions",
    examples: [['npm test'], [['npm', 'test']]],
  },
  'config.verify.attempts': {
    text: 'How often the checks may fail before the session does; each time, its conversation is told and goes on',
  },
  'config.verify.timeout': { text: 'The longest that each command may take', examples: ['15m'] },
  'config.integrate': {
    text: 'What becomes of the work of sessions with a workspace of their own',
    examples: [{ mode: 'merge' }],
  },
  'config.integrate.mode': {
    text: 'How the work is put together. Default: branch, unless the workspace is shared',
    values: {
      none: 'it stays in its workspace',
      branch: 'each session has a branch',
      merge: 'the branches are merged in the order of the dependencies',
      pr: 'a command opens a pull request for each branch',
    },
  },
  'config.integrate.verify': {
    text: 'Whether the checks run again where merging has changed what was checked',
  },
  'config.integrate.onConflict': {
    text: 'Who resolves a conflict',
    values: { pause: 'a person: the group pauses', resolve: 'the conversation that made the change' },
  },
  'config.integrate.into': {
    text: 'A branch of yours that gets what was merged once all is done. Default: none is touched',
    examples: ['main'],
  },
  'config.integrate.scope': {
    text: 'What happens if a repository cannot get its part',
    values: { all: 'none gets any', each: 'the others get theirs' },
  },
  'config.integrate.pr': {
    text: 'The command that opens a pull request; it may push',
    examples: [['gh', 'pr', 'create', '--fill']],
  },
  'config.permissions': {
    text: 'What agents may do, and who is asked',
    examples: [{ allow: ['Bash(npm test)'] }],
  },
  'config.permissions.mode': {
    text: "Claude Code's permission mode",
    values: {
      default: 'asks for whatever no rule allows',
      acceptEdits: 'edits files in its folder without asking',
      plan: 'reads and plans, and changes nothing',
      bypassPermissions: 'never asks: only in a sandbox',
      dontAsk: 'denies what it would have asked for',
    },
  },
  'config.permissions.allow': {
    text: "What agents may do without asking, as rules in Claude Code's syntax",
    examples: [['Bash(npm test)', 'Read', 'mcp__github']],
  },
  'config.permissions.deny': {
    text: "What agents may not do, as rules in Claude Code's syntax; they go before those that allow",
    examples: [['WebFetch', 'Bash(git push:*)']],
  },
  'config.permissions.onRequest': {
    text: 'What happens to a request that no rule covers',
    values: {
      ask: 'a person is asked: in the terminal, on the page, or through the API',
      deny: 'it is denied, and the session goes on',
      fail: 'the session fails',
    },
  },
  'config.permissions.timeout': {
    text: 'How long a request waits for an answer; then the session fails',
    examples: ['30m'],
  },
  'config.settingSources': {
    text: "Which of Claude Code's settings apply. Use [user] for projects that you do not trust",
    values: {
      user: "the user's own, in the config folder",
      project: 'those that are committed in the project (.claude/settings.json)',
      local: 'those of the project that are not committed (.claude/settings.local.json)',
    },
    examples: [['user']],
  },
  'config.sessionDefaults': { text: 'Which files are generated for each session' },
  'config.sessionDefaults.generateClaudeMd': {
    text: 'Instructions that say what the session and its group are about',
  },
  'config.sessionDefaults.generateMcpConfig': { text: 'A file with its MCP servers' },
  'config.sessionDefaults.generateSettings': { text: 'Settings of Claude Code' },
  'config.sessionDefaults.generateCommands': { text: 'Slash commands, from templates' },
  ...SESSION_GUIDE,
  ...AGENT_GUIDE,
};
