import { lookAt } from '../../control/look.ts';
import type { Accepted } from '../../control/wire/handlers.ts';
import { RefusedError } from '../../sdk/errors.ts';
import { lookIf, refusedAsIs } from './refusals.ts';
import { checkSession } from './session-of.ts';
import { ACCEPTED } from './waiting.ts';
import type { ApiWorld } from './world.ts';

/** Holds one session while its group goes on. */
export function pauseSession(id: string, session: string, { access }: ApiWorld): Promise<Accepted> {
  return access.reach(id, {
    owned: (client, stored) => {
      checkSession(session, stored);
      return client.request('session_pause', { id: session });
    },
    free: async stored => {
      checkSession(session, stored);
      throw refusedAsIs(await lookAt(stored, access), 'paused in part');
    },
  });
}

/** Lets a held session go on; in a paused group, once that is resumed. */
export function resumeSession(
  id: string,
  session: string,
  { access, residents }: ApiWorld,
): Promise<Accepted> {
  return access.reach(id, {
    owned: (client, stored) => {
      checkSession(session, stored);
      return client.request('session_resume', { id: session });
    },
    free: async stored => {
      checkSession(session, stored);
      await lookIf(['paused'], stored, access, 'resumed in part');
      return residents.borrow(id, {}, async group => {
        await group.resumeSession(session);
        return ACCEPTED;
      });
    },
  });
}

/** Answers the permission request that a session waits for. */
export function answerSession(
  id: string,
  session: string,
  { requestId, decision }: { readonly requestId: string; readonly decision: 'allow' | 'deny' },
  { access }: ApiWorld,
): Promise<Accepted> {
  return access.reach(id, {
    owned: (client, stored) => {
      checkSession(session, stored);
      return client.request('answer', { sessionId: session, requestId, decision, by: 'http' });
    },
    free: async stored => {
      checkSession(session, stored);
      throw new RefusedError('no_such_request', `${session} does not ask for any permission now`);
    },
  });
}
