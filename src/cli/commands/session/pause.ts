import { z } from 'zod';
import { isLiveSession } from '../../../../machines/vocabulary.ts';
import { isTransient } from '../../../control/reach.ts';
import { readSaved, readSavedAtRest } from '../../../control/read-saved.ts';
import type { ControlClient } from '../../../control/wire/client.ts';
import type { SessionProgress } from '../../../sdk/group/progress/progress.ts';
import { isHeld } from '../../../words/wait-words.ts';
import type { CliContext } from '../../context.ts';
import { EXIT } from '../../exit-codes.ts';
import { sessionIn, sessionLine } from '../../groups/current-group.ts';
import { sessionsNamed } from '../../groups/find.ts';
import { printAccepted } from '../../groups/print-outcome.ts';
import { reachGroup } from '../../groups/reach.ts';
import { readForVerb } from '../../groups/refusals.ts';
import { takeGroup } from '../../run/take.ts';
import { jsonLine } from '../../text.ts';

const PauseOptions = z.object({
  json: z.boolean().default(false),
  wait: z.boolean().default(true),
  takeOver: z.boolean().default(false),
});

/** `session pause GROUP SESSION`: holds one session, before it starts or while its group keeps running. */
export async function sessionPause(
  context: CliContext,
  word: string,
  id: string,
  given: unknown,
): Promise<void> {
  const { services, io } = context;
  const { json, wait, takeOver } = PauseOptions.parse(given);
  const print = (groupId: string, session: SessionProgress): number => {
    io.stdout.write(json ? jsonLine(sessionLine(groupId, session)) : `${id}: ${outcomeOf(session)}\n`);
    return EXIT.completed;
  };
  context.exitCode = await reachGroup(
    word,
    context,
    { takeOver },
    {
      owned: async (client, stored) => {
        const ids = sessionsNamed(id, stored);
        const { view } = await readSaved(stored, services);
        await client.request('session_pause', { id });
        const groupId = stored.group.id;
        if (!wait) return printAccepted(groupId, 'session pause', json, io);
        let code: number = EXIT.completed;
        for (const one of ids) {
          // The group may come to rest and its owner exit: then the journal has the outcome.
          const session = await atRest(client, one, view.nextSeq).catch(async error => {
            if (!isTransient(error)) throw error;
            const { view: saved } = await readSavedAtRest(
              groupId,
              await services.openStore(io.env),
              services,
            );
            return sessionIn(saved.progress.sessions, one);
          });
          code = print(groupId, session);
        }
        return code;
      },
      free: async (stored, store) => {
        const ids = sessionsNamed(id, stored);
        await readForVerb('session_pause', stored, services);
        const group = await takeGroup(stored, store, context, { takeOver, plugins: false });
        const held = group.pauseSession(id, { by: 'cli' }).then(() => group.getProgress());
        const { sessions } = await held.finally(() => group.dispose());
        let code: number = EXIT.completed;
        for (const one of ids) code = print(stored.group.id, sessionIn(sessions, one));
        return code;
      },
    },
  );
}

/** What has not started stays pending, and what was cut off has its last status: that it is held says more. */
const outcomeOf = (session: SessionProgress): string =>
  session.status !== 'paused' && isHeld(session) ? 'held' : session.status;

/** Waits until the session is no longer live: paused, settled meanwhile, or not started. */
async function atRest(client: ControlClient, id: string, fromSeq: number): Promise<SessionProgress> {
  const now = async () => sessionIn((await client.request('status', {})).sessions, id);
  const first = await now();
  if (!isLiveSession(first.status)) return first;
  for await (const event of client.watch({ fromSeq })) {
    if (!('sessionId' in event) || event.sessionId !== id) continue;
    const session = await now();
    if (!isLiveSession(session.status)) return session;
  }
  return now();
}
