import { z } from 'zod';
import { groupEvents } from '../../../control/follow-events.ts';
import { ownersAt } from '../../../control/reach.ts';
import { readSaved } from '../../../control/read-saved.ts';
import type { CliContext, Register } from '../../context.ts';
import { exitCodeOfResult, SIGNAL_EXIT, UsageError } from '../../exit-codes.ts';
import { findGroup } from '../../groups/find.ts';
import { printResult } from '../../groups/print-outcome.ts';
import { reachGroup } from '../../groups/reach.ts';
import { drained, watchReader } from '../../io.ts';
import { DEBUG_OPTION, EVENTS_OPTION, wholeNumber } from '../../options.ts';
import { askAndFollow } from '../../run/follow.ts';
import { plainLine } from '../../run/plain-output.ts';
import { jsonLine } from '../../text.ts';
import { verbCommand } from '../verb-command.ts';

const WatchOptions = z.object({
  json: z.boolean().default(false),
  live: z.boolean().default(false),
  fromSeq: z.number().default(0),
});

/** `group watch ID`: what has happened so far, then what happens, until the group rests or has lost its process. */
export const registerGroupWatch: Register = (program, context) => {
  const { services, io } = context;
  verbCommand(program, 'watch', 'group watch')
    .option(...EVENTS_OPTION)
    .option('--from-seq <number>', 'only from the event with this number on', text =>
      wholeNumber(text, 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--live', 'draw the group while it runs, instead of printing what happens')
    .option(...DEBUG_OPTION)
    .action(async (word: string, given: unknown) => {
      const { json, live, fromSeq } = WatchOptions.parse(given);
      if (live) {
        if (json)
          throw new UsageError('--live draws for a person, --json prints for a program: give one of them');
        const drawn = await lookOn(word, context);
        if (drawn !== undefined) {
          context.exitCode = drawn;
          return;
        }
      }
      const store = await services.openStore(io.env);
      const { group } = await findGroup(word, store, context);
      const gone = new AbortController();
      const release = watchReader(io.stdout, () => gone.abort());
      try {
        for await (const event of groupEvents(group.id, store, ownersAt(services.connect), {
          fromSeq,
          signal: gone.signal,
        })) {
          const line = json ? jsonLine(event) : plainLine(event);
          if (line === undefined) continue;
          gone.signal.throwIfAborted();
          if (!io.stdout.write(json ? line : `${line}\n`)) await drained(io.stdout);
        }
      } catch (error) {
        if (!gone.signal.aborted) throw error;
        context.exitCode = SIGNAL_EXIT.SIGPIPE;
        return;
      } finally {
        release();
      }
      const { result } = await readSaved(await store.read(group.id), services);
      printResult(result, group.definition.name, json, io);
      context.exitCode = exitCodeOfResult(result);
    });
};

/** Draws a group that another process runs until it rests; undefined where none does, and so nothing will change. */
async function lookOn(word: string, context: CliContext): Promise<number | undefined> {
  const output = { json: false, plain: false, observing: true } as const;
  return reachGroup<number | undefined>(word, context, {
    owned: (client, stored) => askAndFollow(client, stored, async () => {}, output, context),
    free: async () => undefined,
  });
}
