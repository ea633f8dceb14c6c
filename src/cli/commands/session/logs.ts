import { z } from 'zod';
import { followSession } from '../../../control/follow-session.ts';
import { ownersAt } from '../../../control/reach.ts';
import { sessionLogs as logsOf, type SessionLogs } from '../../../sdk/group/delivery/session-log.ts';
import type { GroupEvent } from '../../../sdk/group/journal/events.ts';
import { isEvent } from '../../../sdk/group/journal/records.ts';
import { isRehearsal } from '../../../sdk/group/standing/rehearsal.ts';
import type { StoredGroup } from '../../../sdk/group/store/store.ts';
import type { SessionGroup } from '../../../sdk/group/types.ts';
import { TranscriptReader } from '../../../words/transcript.ts';
import type { CliContext } from '../../context.ts';
import { SIGNAL_EXIT, UsageError } from '../../exit-codes.ts';
import { findSession } from '../../groups/find.ts';
import { whileRead } from '../../io.ts';
import { JsonOption } from '../../json-option.ts';
import { RawLog } from '../../show/raw-log.ts';
import { ToolOutputs } from '../../show/tool-outputs.ts';
import { entryLines, type TimedWords, transcriptOf } from '../../show/transcript.ts';
import { cleanBlock, jsonLine } from '../../text.ts';

const LogsOptions = JsonOption.extend({
  follow: z.boolean().default(false),
  tail: z.number().optional(),
  attempt: z.number().optional(),
  raw: z.boolean().default(false),
});
type Options = z.output<typeof LogsOptions>;

/**
 * `session logs GROUP SESSION`: prints what a session said and did, from the journal, with what its tools have returned,
 * from its transcript file. With `--follow`, until it has settled.
 */
export async function sessionLogs(
  context: CliContext,
  word: string,
  id: string,
  given: unknown,
): Promise<void> {
  const { services, io } = context;
  const options = LogsOptions.parse(given);
  const { follow, raw } = options;
  if (raw && (options.json || options.attempt !== undefined)) {
    const other = options.json ? '--json' : '--attempt';
    throw new UsageError(`--raw and ${other} cannot be combined`, 'Leave one of them out.');
  }
  const { store, stored } = await findSession(word, id, context);
  const logOf = logsOf(stored.dir);
  const output = raw ? rawOutput(logOf, id, options, context) : readOutput(logOf, id, options, stored.group);
  const isRead = await whileRead(io.stdout, async (print, signal) => {
    const own = ownEvents(stored, id, options.attempt);
    await print(await output.begin(own, stored));
    if (own.length === 0) io.stderr.write('Nothing has happened yet.\n');
    if (!follow) return;
    const onLeft = () => io.stderr.write('No process runs the group now: waiting for one that resumes it.\n');
    const owners = ownersAt(services.connect);
    for await (const event of followSession(stored, id, store, owners, { signal, onLeft }))
      await print(await output.next(event));
    await print(await output.next());
  });
  if (!isRead) {
    context.exitCode = SIGNAL_EXIT.SIGPIPE;
    return;
  }
  const log = logOf(id, 'stderr.log');
  if (log !== undefined) io.stderr.write(`Stderr of the agent: ${log}\n`);
}

/** What is printed: of what has been there before, and of each event after that. */
interface Output {
  begin(own: readonly GroupEvent[], stored: StoredGroup): Promise<readonly string[]>;
  /** Without an event: at the end. */
  next(event?: GroupEvent): Promise<readonly string[]>;
}

/** A session's events, or those of one of its attempts. @throws UsageError */
function ownEvents({ records }: StoredGroup, id: string, attempt: number | undefined): GroupEvent[] {
  const own = records.filter(isEvent).filter(event => 'sessionId' in event && event.sessionId === id);
  if (attempt === undefined) return own;
  let present = 0;
  const numbered = own.map(event => {
    if ('attempt' in event && BEGINNINGS.has(event.type)) present = event.attempt;
    return { event, of: present };
  });
  if (attempt > present) {
    const had =
      present === 0 ? 'has not started' : `has had ${present === 1 ? 'one attempt' : `${present} attempts`}`;
    throw new UsageError(`${id} ${had}`, 'Leave --attempt out to see all of them.');
  }
  return numbered.filter(({ of }) => of === attempt).map(({ event }) => event);
}

const BEGINNINGS: ReadonlySet<GroupEvent['type']> = new Set(['session_started', 'session_resumed'] as const);

function readOutput(
  logOf: SessionLogs,
  id: string,
  { json, tail, attempt, follow }: Options,
  group: SessionGroup,
): Output {
  if (json) {
    return {
      begin: async own => last(own, tail).map(jsonLine),
      next: async event => (event ? [jsonLine(event)] : []),
    };
  }
  const reader = new TranscriptReader({ rehearsal: isRehearsal(group) });
  const outputs = new ToolOutputs(() => logOf(id, 'transcript.ndjson'), follow);
  const text = async (entries: readonly TimedWords[]): Promise<string[]> => {
    await outputs.read(new Set(entries.flatMap(({ toolUseId }) => toolUseId ?? [])));
    return entries.flatMap(entry =>
      entryLines(entry, outputs.of(entry.toolUseId ?? '')).map(line => `${line}\n`),
    );
  };
  return {
    begin: (own, { owner }) =>
      text(
        last(transcriptOf(own, { reader, running: attempt === undefined && owner?.alive === true }), tail),
      ),
    next: async event => (event ? text(transcriptOf([event], { reader })) : []),
  };
}

function rawOutput(logOf: SessionLogs, id: string, { tail }: Options, { io }: CliContext): Output {
  const log = new RawLog(() => logOf(id, 'transcript.ndjson'));
  const shown = (lines: readonly string[]) =>
    lines.map(line => `${io.stdout.isTTY ? cleanBlock(line) : line}\n`);
  return {
    begin: async () => {
      const lines = log.read();
      if (lines.length === 0) io.stderr.write('Its agent has written no transcript.\n');
      return shown(last(lines, tail));
    },
    next: async () => shown(log.read()),
  };
}

const last = <T>(items: readonly T[], count: number | undefined): readonly T[] =>
  count === undefined ? items : items.slice(Math.max(0, items.length - count));
