import { SHOWN_STATUSES } from '../groups/status.ts';
import { groupArguments } from './group-argument.ts';
import { lazily, type Register } from './lazily.ts';
import {
  age,
  BUDGET_OPTION,
  CONCURRENCY_OPTION,
  collected,
  DEFINITION_ARGUMENT,
  DISCARD_OPTION,
  diffOptions,
  EVENTS_OPTION,
  executorOptions,
  moment,
  NO_WAIT_OPTION,
  SCRIPTED_OPTION,
  statusOption,
  TAKE_OVER_OPTION,
  takenOptions,
  VAR_FILE_OPTION,
  VAR_OPTION,
  wholeNumber,
} from './options.ts';
import { verbCommand } from './verb-command.ts';

export const groupArchive: Register = (program, context) => {
  verbCommand(program, 'archive', 'group archive', { named: true })
    .option(...TAKE_OVER_OPTION)
    .option('--json', 'print the id as a JSON line')
    .addHelpText('after', GROUP_ARCHIVE_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/archive.ts')).groupArchive));
};

export const groupClean: Register = (program, context) => {
  const command = program
    .command('clean')
    .description("Remove the working trees of a group's sessions whose work is merged; branches stay");
  groupArguments(command)
    .option(...DISCARD_OPTION)
    .option(...TAKE_OVER_OPTION)
    .option('--json', 'print each removed tree as a JSON line')
    .addHelpText('after', GROUP_CLEAN_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/clean.ts')).groupClean));
};

export const groupCreate: Register = (program, context) => {
  const command = program
    .command('create')
    .description('Create a group from a definition file without starting it, and print its id')
    .argument(...DEFINITION_ARGUMENT)
    .option(...VAR_OPTION)
    .option(...VAR_FILE_OPTION)
    .option('--json', 'print the id and the folder as a JSON line')
    .option(...SCRIPTED_OPTION)
    .option(...BUDGET_OPTION)
    .option(...CONCURRENCY_OPTION);
  executorOptions(command).action(
    lazily(context, async () => (await import('../commands/group/create.ts')).groupCreate),
  );
};

export const groupDelete: Register = (program, context) => {
  verbCommand(program, 'delete', 'group delete', { named: true })
    .option('--force', 'do not ask for confirmation; required without a terminal')
    .option(...DISCARD_OPTION)
    .option(...TAKE_OVER_OPTION)
    .option('--json', 'print the id as a JSON line')
    .addHelpText('after', GROUP_DELETE_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/delete.ts')).groupDelete));
};

export const groupDiff: Register = (program, context) => {
  const command = program
    .command('diff')
    .description('Print what the sessions of a group have changed and merged, for each repository');
  diffOptions(groupArguments(command))
    .addHelpText('after', GROUP_DIFF_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/diff.ts')).groupDiff));
};

export const groupIntegrate: Register = (program, context) => {
  const command = verbCommand(program, 'integrate', 'group integrate')
    .option('--into <branch>', "the branch that gets it (default: the definition's integrate.into)")
    .addOption(
      program
        .createOption('--undo', 'take back a delivery that stopped part-way: its branches go back')
        .conflicts('into'),
    )
    .option('--dry-run', 'print which refs would move, and move nothing; refused as the command itself is');
  takenOptions(command, context)
    .addHelpText('after', GROUP_INTEGRATE_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/integrate.ts')).groupIntegrate));
};

export const groupList: Register = (program, context) => {
  const { io } = context;
  program
    .command('list')
    .alias('ls')
    .description('List saved groups, newest first')
    .option(...statusOption(SHOWN_STATUSES))
    .option('--since <time>', 'only those created since then: 2h, 7d or a date', text =>
      moment(text, io.now()),
    )
    .option('--project <folder>', 'only those with a session in this folder')
    .option('--limit <count>', 'at most this many (default: 50)', text => wholeNumber(text, 1, 1_000_000))
    .option('--archived', 'include archived groups')
    .option('--json', 'print each group as a JSON line')
    .action(lazily(context, async () => (await import('../commands/group/list.ts')).groupList));
};

export const groupPr: Register = (program, context) => {
  const command = program
    .command('pr')
    .description('Open a pull request for each completed session, with the command of the definition');
  groupArguments(command)
    .option('--dry-run', 'print what would be run, and run nothing')
    .option('--json', 'print each session as a JSON line')
    .addHelpText('after', GROUP_PR_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/pr.ts')).groupPr));
};

export const groupPrune: Register = (program, context) => {
  program
    .command('prune')
    .description('Delete groups that settled long ago, including archived ones')
    .requiredOption('--older-than <duration>', 'settled at least this long ago: 12h, 30d', age)
    .option('--dry-run', 'print what would be deleted, and delete nothing')
    .option(...DISCARD_OPTION)
    .option('--json', 'print each group as a JSON line')
    .addHelpText('after', GROUP_PRUNE_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/prune.ts')).groupPrune));
};

export const groupResume: Register = (program, context) => {
  const command = verbCommand(program, 'resume', 'group resume').option(...BUDGET_OPTION);
  takenOptions(command, context)
    .addHelpText('after', GROUP_RESUME_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/resume.ts')).groupResume));
};

export const groupRetry: Register = (program, context) => {
  const command = verbCommand(program, 'retry', 'group retry')
    .option('--session <id>', 'only this session, or all of a fan-out by its name; repeatable', collected)
    .option('--fresh', 'start new conversations instead of continuing the old ones')
    .option('--dry-run', 'print which sessions would be retried, and start nothing')
    .option(...NO_WAIT_OPTION);
  takenOptions(command, context).action(
    lazily(context, async () => (await import('../commands/group/retry.ts')).groupRetry),
  );
};

export const groupRun: Register = (program, context) => {
  const command = verbCommand(program, 'run', 'group run');
  takenOptions(command, context).action(
    lazily(context, async () => (await import('../commands/group/run.ts')).groupRun),
  );
};

export const groupShow: Register = (program, context) => {
  verbCommand(program, 'status', 'group show')
    .option('--json', 'print it as a JSON line')
    .action(lazily(context, async () => (await import('../commands/group/show.ts')).groupShow));
};

export const groupUpdate: Register = (program, context) => {
  verbCommand(program, 'redefine', 'group update', {
    more: [['<file>', 'the new definition: YAML or JSON; -: standard input']],
  })
    .option(...VAR_OPTION)
    .option(...VAR_FILE_OPTION)
    .option('--dry-run', 'print what would change, or why it cannot, and change nothing')
    .option('--json', 'print what changed as a JSON line')
    .option(...TAKE_OVER_OPTION)
    .option(...SCRIPTED_OPTION)
    .option(...BUDGET_OPTION)
    .option(...CONCURRENCY_OPTION)
    .addHelpText('after', GROUP_UPDATE_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/group/update.ts')).groupUpdate));
};

export const groupWatch: Register = (program, context) => {
  verbCommand(program, 'watch', 'group watch')
    .option(...EVENTS_OPTION)
    .option('--from-seq <number>', 'start at the event with this number', text =>
      wholeNumber(text, 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--live', 'show the live view instead of printing events')
    .action(lazily(context, async () => (await import('../commands/group/watch.ts')).groupWatch));
};

const GROUP_ARCHIVE_EXAMPLES = `
Examples:
  session-groups group archive 20260102-030405-auth-refactor
  session-groups group list --archived    still shows it
`;

const GROUP_CLEAN_EXAMPLES = `
Examples:
  session-groups group clean auth-refactor
  session-groups group clean auth-refactor --discard
                                          keeps what is not merged under refs/session-groups/archive/
`;

const GROUP_DELETE_EXAMPLES = `
Examples:
  session-groups group delete 20260102-030405-auth-refactor
  session-groups group delete auth-refactor --force --json
`;

const GROUP_DIFF_EXAMPLES = `
Examples:
  session-groups group diff auth-refactor --stat
  session-groups group diff auth-refactor --json
`;

const GROUP_INTEGRATE_EXAMPLES = `
Examples:
  session-groups group integrate auth-refactor --into main --dry-run
  session-groups group integrate auth-refactor --into main
  session-groups group integrate auth-refactor --undo --dry-run
`;

const GROUP_PR_EXAMPLES = `
The command is config.integrate.pr. A list may contain {branch}, {base}, {title}, {body} and {bodyFile}; a line for the
shell gets SESSION_GROUPS_BRANCH, _BASE, _TITLE, _BODY and _BODY_FILE as environment variables.
It has 15 minutes for each session. Asked again, it runs again for every session, whether one is open already or not.

Examples:
  session-groups group pr auth-refactor --dry-run
  session-groups group pr auth-refactor
`;

const GROUP_PRUNE_EXAMPLES = `
Examples:
  session-groups group prune --older-than 30d --dry-run
  session-groups group prune --older-than 30d
`;

const GROUP_RESUME_EXAMPLES = `
Examples:
  session-groups group resume 20260102-030405-auth-refactor
  session-groups group resume auth-refactor --max-budget-usd 20
                                          sets the limit, even while the group is running
`;

const GROUP_UPDATE_EXAMPLES = `
Sessions in play and completed sessions cannot change, and sessions that have run stay in the group. Whatever starts
later uses the new definition. A settled group that gets new sessions is paused until you resume it.

Examples:
  session-groups group update auth-refactor session-groups.yaml --dry-run
  session-groups group update auth-refactor session-groups.yaml
  session-groups group update auth-refactor session-groups.yaml --var service=billing
`;
