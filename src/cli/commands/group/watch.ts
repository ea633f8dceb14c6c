import { z } from 'zod';
import { groupEvents } from '../../../control/follow-events.ts';
import { ownersAt } from '../../../control/reach.ts';
import { readSaved } from '../../../control/read-saved.ts';
import { capitalized } from '../../../sdk/format.ts';
import { isRehearsal } from '../../../sdk/group/standing/rehearsal.ts';
import { foldOf } from '../../../sdk/group/standing/saved-group.ts';
import { suspendedAdvice } from '../../../words/wait-words.ts';
import { resumedIn } from '../../advice.ts';
import type { CliContext } from '../../context.ts';
import { exitCodeOfResult, SIGNAL_EXIT, UsageError } from '../../exit-codes.ts';
import { findGroup } from '../../groups/find.ts';
import { printResult } from '../../groups/print-outcome.ts';
import { reachGroup } from '../../groups/reach.ts';
import { whileRead } from '../../io.ts';
import { askAndFollow } from '../../run/follow.ts';
import { plainLine } from '../../run/plain-output.ts';
import { jsonLine } from '../../text.ts';

const WatchOptions = z.object({
  json: z.boolean().default(false),
  live: z.boolean().default(false),
  fromSeq: z.number().default(0),
});

/** `group watch ID`: prints past events, then new ones, until the group is at rest or its owner has died. */
export async function groupWatch(context: CliContext, word: string, given: unknown): Promise<void> {
  const { services, io } = context;
  const { json, live, fromSeq } = WatchOptions.parse(given);
  if (live && json) throw new UsageError('--live and --json cannot be combined');
  const store = await services.openStore(io.env);
  const found = await findGroup(word, store, context);
  const { group, owner } = found;
  if (live) {
    const exitCode = await watchLive(group.id, context);
    if (exitCode !== undefined) {
      context.exitCode = exitCode;
      return;
    }
  }
  if (owner?.suspended) {
    const advice = suspendedAdvice(owner.pid, foldOf(found).suspendedAt, io.now());
    io.stderr.write(`${capitalized(advice)}\n`);
  }
  const isRead = await whileRead(io.stdout, async (print, signal) => {
    const options = { fromSeq, signal };
    for await (const event of groupEvents(group.id, store, ownersAt(services.connect), options)) {
      const line = json ? jsonLine(event) : plainLine(event, isRehearsal(group));
      if (line !== undefined) await print([json ? line : `${line}\n`]);
    }
  });
  if (!isRead) {
    context.exitCode = SIGNAL_EXIT.SIGPIPE;
    return;
  }
  const { result, stored } = await readSaved(await store.read(group.id), services);
  const resumed = await resumedIn(result.sessions, () => stored.records);
  printResult(result, { ...stored, resumed }, json, io);
  context.exitCode = exitCodeOfResult(result);
}

/** Shows a group that another process runs until it is at rest; undefined if no process runs it. */
async function watchLive(id: string, context: CliContext): Promise<number | undefined> {
  const output = { json: false, plain: false, observing: true } as const;
  return reachGroup<number | undefined>(
    id,
    context,
    { observing: true },
    {
      owned: (client, stored) => askAndFollow(client, stored, async () => {}, output, context),
      free: async () => undefined,
    },
  );
}
