import { CHART_FORMATS, CHART_NAMES } from '../../inspect/chart-names.ts';
import { SHELLS } from '../completion/shells.ts';
import { GROUPINGS } from '../cost/groupings.ts';
import { lazily, type Register } from './lazily.ts';
import {
  BUDGET_OPTION,
  CONCURRENCY_OPTION,
  concurrency,
  DEFINITION_ARGUMENT,
  duration,
  executorOptions,
  foregroundOptions,
  moment,
  oneOf,
  oneOfThese,
  PORT_OPTION,
  pool,
  port,
  REDIS_FILE_OPTION,
  REDIS_OPTION,
  SCRIPTED_OPTION,
  VAR_FILE_OPTION,
  VAR_OPTION,
} from './options.ts';

export const run: Register = (program, context) => {
  const command = program
    .command('run')
    .description('Run the group of a definition file')
    .argument(...DEFINITION_ARGUMENT)
    .option(...VAR_OPTION)
    .option(...VAR_FILE_OPTION)
    .option(...SCRIPTED_OPTION)
    .option(...BUDGET_OPTION)
    .option(...CONCURRENCY_OPTION);
  executorOptions(foregroundOptions(command, context))
    .addHelpText('after', RUN_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/run.ts')).run));
};

export const plan: Register = (program, context) => {
  program
    .command('plan')
    .description('Check a definition file and show what would run, without spending')
    .argument(...DEFINITION_ARGUMENT)
    .option(...VAR_OPTION)
    .option(...VAR_FILE_OPTION)
    .option('--json', 'print the plan as a JSON line')
    .option('--mermaid', 'print the dependencies as a Mermaid flowchart')
    .option('--render', 'also show the prompts and generated files')
    .option('--scripted', 'plan the rehearsal with scripted agents')
    .addHelpText('after', PLAN_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/plan.ts')).plan));
};

export const chart: Register = (program, context) => {
  program
    .command('chart')
    .description('Print the statechart of a group, or another one, as a diagram')
    .argument('[chart]', oneOf(CHART_NAMES), 'group')
    .option('--format <format>', oneOf(CHART_FORMATS), 'mermaid')
    .addHelpText('after', CHART_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/chart.ts')).chart));
};

export const init: Register = (program, context) => {
  program
    .command('init')
    .description('Write a commented definition to start from')
    .argument('[file]', 'where to write it', 'session-groups.yaml')
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print the path as a JSON line')
    .action(lazily(context, async () => (await import('../commands/init.ts')).init));
};

export const demo: Register = (program, context) => {
  const command = program
    .command('demo')
    .description('Run the example with scripted agents: no model is called, nothing is spent or left behind');
  foregroundOptions(command, context).action(
    lazily(context, async () => (await import('../commands/demo.ts')).demo),
  );
};

export const doctor: Register = (program, context) => {
  program
    .command('doctor')
    .description('Check that this machine is ready to run groups')
    .option('--json', 'print the checks as a JSON line')
    .action(lazily(context, async () => (await import('../commands/doctor.ts')).doctor));
};

export const completion: Register = (program, context) => {
  program
    .command('completion')
    .description('Print a script that completes commands, options, groups, sessions and templates')
    .argument('<shell>', oneOf(SHELLS))
    .addHelpText('after', COMPLETION_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/completion.ts')).completion));
};

export const cost: Register = (program, context) => {
  program
    .command('cost')
    .description('Show what saved groups have spent, archived ones included')
    .option('--by <what>', `add up by ${oneOf(GROUPINGS)}`, oneOfThese(GROUPINGS), GROUPINGS[0])
    .option('--since <time>', 'only what was spent since then: 2h, 7d or a date', text =>
      moment(text, context.io.now()),
    )
    .option('--json', 'print each row as a JSON line, and the total as the last line')
    .addHelpText('after', COST_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/cost.ts')).cost));
};

export const attention: Register = (program, context) => {
  program
    .command('attention')
    .description('Show what waits for you, in all groups, and the command that answers it')
    .option('--json', 'print each thing as a JSON line')
    .addHelpText('after', ATTENTION_NOTES)
    .action(lazily(context, async () => (await import('../commands/attention.ts')).attention));
};

export const serve: Register = (program, context) => {
  program
    .command('serve')
    .description('Serve a local page of all groups, and the HTTP API, until Ctrl-C')
    .option(...PORT_OPTION)
    .option('--open', 'open the page in the browser')
    .option(...REDIS_OPTION)
    .option(...REDIS_FILE_OPTION)
    .option('--json', 'print the address and the token as a JSON line')
    .addHelpText('after', SERVE_NOTES)
    .action(lazily(context, async () => (await import('../commands/serve.ts')).serve));
};

export const worker: Register = (program, context) => {
  program
    .command('worker')
    .description('Carry out sessions of groups on other machines, until Ctrl-C')
    .option(...REDIS_OPTION)
    .option(...REDIS_FILE_OPTION)
    .option('--pool <name>', 'whose orders it takes', pool, 'default')
    .option('--concurrency <count>', 'how many sessions it runs at the same time', concurrency, 1)
    .option('--once', 'carry out one order, then exit')
    .option(
      '--lease <duration>',
      'how long it may be out of reach before its sessions go on elsewhere (default: 30s)',
      duration,
    )
    .option(
      '--drain <duration>',
      'how long sessions may take to end once it is to exit (default: 30s)',
      duration,
    )
    .option(
      '--metrics-port <port>',
      'serve /healthz, /readyz and /metrics on this port (0: any free one)',
      port,
    )
    .option('--metrics-host <address>', 'where to serve them', '127.0.0.1')
    .option('--json', 'print a JSON line once it serves')
    .addHelpText('after', WORKER_NOTES)
    .action(lazily(context, async () => (await import('../commands/worker/worker.ts')).worker));
};

const RUN_EXAMPLES = `
Examples:
  session-groups run
  session-groups run session-groups.yaml --var service=auth
  session-groups run session-groups.yaml --scripted
  session-groups run session-groups.yaml --max-budget-usd 5 --max-concurrent 2
  session-groups run session-groups.yaml --executor bullmq --pool gpu --redis redis://10.0.0.5:6379
  session-groups run session-groups.yaml --json | jq 'select(.type == "session_failed")'

Ctrl-C pauses the group and prints the command that resumes it. A second Ctrl-C stops the group, and a third ends
everything at once. The group is saved on disk: meanwhile other terminals can watch, pause and stop it
(session-groups group --help).
With --json, a slow reader misses only outdated session_progress lines.
`;

const PLAN_EXAMPLES = `
Examples:
  session-groups plan session-groups.yaml
  session-groups plan session-groups.yaml --render
  session-groups plan session-groups.yaml --mermaid > plan.mmd
  session-groups plan session-groups.yaml --json | jq .layers

Results of other sessions do not exist yet: --render shows placeholders for them.
`;

const CHART_EXAMPLES = `
Examples:
  session-groups chart > group.mmd                for any Mermaid viewer
  session-groups chart session --format json      for Stately's tools, or createMachine
`;

const COMPLETION_EXAMPLES = `
Examples:
  session-groups completion bash > ~/.local/share/bash-completion/completions/session-groups
  session-groups completion zsh > ~/.zfunc/_session-groups      (a folder of your fpath, before compinit)
  session-groups completion fish > ~/.config/fish/completions/session-groups.fish

For the current shell only: source <(session-groups completion bash)
`;

const COST_EXAMPLES = `
Examples:
  session-groups cost
  session-groups cost --by day --since 7d
  session-groups cost --by group --json | jq -r 'select(.type == "cost") | [.key, .costUsd] | @tsv'

Days are those of the local time zone. The model is the one that the definition names. Rehearsals cost nothing;
what scripted agents say of other groups is told apart, for it is no money.
`;

const ATTENTION_NOTES = `
Examples:
  session-groups attention
  session-groups attention --json | jq -r '.commands[0]'

Questions, plans and permission requests of agents come first, then paused, suspended, interrupted and failed groups,
then what is to be delivered. A failed group waits until it is retried or archived.
Exit code: 0 if nothing waits, 3 if something does.
`;

const SERVE_NOTES = `
Examples:
  session-groups serve
  session-groups serve --port 4321 --open
  session-groups serve --json | jq -r .token

It listens on 127.0.0.1 only, and everything but the page itself needs the token in the address. Groups that you
start or resume on the page run in this process, and are paused when it ends; other groups keep running.
Each start creates a new token, unless SESSION_GROUPS_TOKEN is set.
Needs the packages hono, @hono/node-server and @dagrejs/dagre.
`;

const WORKER_NOTES = `
Examples:
  session-groups worker --redis redis://10.0.0.5:6379 --pool default --concurrency 4
  session-groups worker --redis-file /run/secrets/redis --metrics-port 9090
  session-groups worker --redis redis://10.0.0.5:6379 --once

Who can write to that Redis runs commands on this machine. Orders get the kinds of agents and the variables that worker in
your config.yaml lists: without it claude, and no variable with a login.
Ctrl-C or SIGTERM: it takes no more orders, interrupts its sessions, which go on elsewhere, and exits; a second one ends it
at once. If it can't be reached for --lease, its agents are ended before their sessions go on elsewhere.
Needs the packages bullmq and ioredis.
`;
