import { SHOWN_SESSION_STATUSES } from '../groups/status.ts';
import { groupArguments } from './group-argument.ts';
import { type Action, lazily, type Register } from './lazily.ts';
import {
  collected,
  diffOptions,
  NO_WAIT_OPTION,
  RESULT_OPTION,
  SESSION_ARGUMENT,
  statusOption,
  TAKE_OVER_OPTION,
  usd,
  wholeNumber,
} from './options.ts';
import { type CommandOf, verbCommand } from './verb-command.ts';

export const sessionAdd: Register = (program, context) => {
  verbCommand(program, 'redefine', 'session add', {
    more: [['[file]', 'the session as YAML or JSON, as in a definition; paths are relative to the file']],
  })
    .option('--id <id>', 'its id, unique in the group')
    .option('--project <folder>', 'the project it works in')
    .option('--prompt <text>', 'what to do')
    .option('--prompt-file <file>', 'read the prompt from a text file')
    .option('--template <name>', 'use a prompt template')
    .option('--depends-on <ids>', 'sessions that must complete first; repeatable', collected)
    .option('--model <model>', "default: the group's")
    .option('--max-budget-usd <usd>', 'the budget of this session', text => usd(text))
    .option('--dry-run', 'check it and change nothing')
    .option(...TAKE_OVER_OPTION)
    .option('--json', 'print what changed as a JSON line')
    .addHelpText('after', SESSION_ADD_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/session/add.ts')).sessionAdd));
};

export const sessionDiff: Register = (program, context) => {
  const command = program
    .command('diff')
    .description('Print what a session has changed: its result, or what was saved of it last');
  diffOptions(groupArguments(command, SESSION_ARGUMENT))
    .addHelpText('after', SESSION_DIFF_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/session/diff.ts')).sessionDiff));
};

export const sessionList: Register = (program, context) => {
  const command = program
    .command('list')
    .alias('ls')
    .description("List a group's sessions and what they are waiting for");
  groupArguments(command)
    .option(...statusOption(SHOWN_SESSION_STATUSES))
    .option('--json', 'print each session as a JSON line')
    .action(lazily(context, async () => (await import('../commands/session/list.ts')).sessionList));
};

export const sessionLogs: Register = (program, context) => {
  const command = program
    .command('logs')
    .description(
      "Print a session's transcript: messages, tool calls and what they returned, retries and how it ended",
    );
  groupArguments(command, SESSION_ARGUMENT)
    .option('-f, --follow', 'go on with what happens from now on, until the session has settled')
    .option('--tail <count>', 'only the last entries, or lines', text => wholeNumber(text, 0, 1_000_000))
    .option('--attempt <number>', 'only this attempt', text => wholeNumber(text, 1, 1_000_000))
    .option('--raw', 'print what its agent wrote, line by line, with all that tools have returned')
    .option('--json', 'print its events as JSON lines')
    .addHelpText('after', SESSION_LOGS_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/session/logs.ts')).sessionLogs));
};

export const sessionOpen: Register = (program, context) => {
  const command = program
    .command('open')
    .description("Print the command that continues a session's conversation by hand, or run it");
  groupArguments(command, SESSION_ARGUMENT)
    .option(
      '--exec',
      'run it in this terminal; its group cannot run meanwhile, and what it spends is not counted',
    )
    .option(...TAKE_OVER_OPTION)
    .option('--json', 'print it as a JSON line')
    .addHelpText('after', SESSION_OPEN_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/session/open.ts')).sessionOpen));
};

export const sessionPause: Register = (program, context) => {
  verbCommand(program, 'session_pause', 'session pause')
    .option(...NO_WAIT_OPTION)
    .option(...TAKE_OVER_OPTION)
    .option(...RESULT_OPTION)
    .action(lazily(context, async () => (await import('../commands/session/pause.ts')).sessionPause));
};

export const sessionSend: Register = (program, context) => {
  const more = [['<text>', 'the message; - reads it from standard input']] as const;
  verbCommand(program, 'session_send', 'session send', { more })
    .option(...TAKE_OVER_OPTION)
    .option(...RESULT_OPTION)
    .addHelpText('after', SESSION_SEND_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/session/send.ts')).sessionSend));
};

export const sessionShow: Register = (program, context) => {
  const command = program.command('show').description("Show a session's status, usage and result");
  groupArguments(command, SESSION_ARGUMENT)
    .option('--json', 'print it as a JSON line')
    .action(lazily(context, async () => (await import('../commands/session/show.ts')).sessionShow));
};

export const sessionVerify: Register = (program, context) => {
  const command = program
    .command('verify')
    .description("Run a session's checks again where it works, and change nothing: exit 1 if one fails");
  groupArguments(command, SESSION_ARGUMENT)
    .option('--json', 'print the outcome as a JSON line')
    .addHelpText('after', SESSION_VERIFY_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/session/verify.ts')).sessionVerify));
};

export const sessionWhy: Register = (program, context) => {
  verbCommand(program, 'why', 'session why')
    .option('--json', 'print the reason as a JSON line')
    .action(lazily(context, async () => (await import('../commands/session/why.ts')).sessionWhy));
};

type Answered = [group: string, session: string, request: string | undefined, given: unknown];

const answer =
  (name: CommandOf<'answer'>, help: string, load: () => Promise<Action<Answered>>): Register =>
  (program, context) => {
    verbCommand(program, 'answer', name, { more: [['[request]', 'only if this request is still open']] })
      .option('--answer <text>', help, (text, before: string[] = []) => [...before, text])
      .option(...RESULT_OPTION)
      .action(lazily(context, load));
  };

export const sessionApprove = answer(
  'session approve',
  'the answer, if the agent asks a question: an option, its number, or other words; once for each question',
  async () => (await import('../commands/session/answer.ts')).sessionApprove,
);

export const sessionDeny = answer(
  'session deny',
  'why, for the agent',
  async () => (await import('../commands/session/answer.ts')).sessionDeny,
);

const SESSION_ADD_EXAMPLES = `
Examples:
  session-groups session add auth-refactor --id docs --project ../docs --depends-on gateway \\
    --prompt "Describe the new token check."
  session-groups session add auth-refactor docs-session.yaml
`;

const SESSION_DIFF_EXAMPLES = `
Examples:
  session-groups session diff auth-refactor gateway --stat
  session-groups session diff auth-refactor gateway | less
`;

const SESSION_LOGS_EXAMPLES = `
Examples:
  session-groups session logs auth-refactor gateway
  session-groups session logs auth-refactor gateway --follow --tail 20
  session-groups session logs auth-refactor gateway --raw | less
`;

const SESSION_OPEN_EXAMPLES = `
Examples:
  session-groups session open auth-refactor gateway
  session-groups session open auth-refactor gateway --exec
`;

const SESSION_SEND_EXAMPLES = `
Examples:
  session-groups session send auth-refactor gateway "Keep the old header, too."
  git diff main | session-groups session send auth-refactor gateway -
`;

const SESSION_VERIFY_EXAMPLES = `
Examples:
  session-groups session verify auth-refactor gateway
`;
