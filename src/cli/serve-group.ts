import { controlAddress } from '../control/address.ts';
import { groupHandlers } from '../control/group-handlers.ts';
import type { ControlHandlers } from '../control/handlers.ts';
import { type ControlServer, serveControl } from '../control/server.ts';
import { systemClock } from '../sdk/clock.ts';
import { RefusedError } from '../sdk/group/errors.ts';
import type { SessionGroupHandle } from '../sdk/group/handle.ts';
import { dataDir } from '../sdk/user-folders.ts';
import type { CliIo } from './io.ts';
import { type DrivenGroup, OWNER_LEAVING } from './services.ts';

/** The handle, with the socket through which other processes drive its group. */
export function serveGroup(handle: SessionGroupHandle, env: CliIo['env']): DrivenGroup {
  let server: ControlServer | undefined;
  let leaving = false;
  return {
    ...handle,
    async serve() {
      const address = controlAddress(dataDir(env), handle.id);
      const handlers = untilLeaving(groupHandlers(handle), () => leaving);
      server = await serveControl({ address, handlers, clock: systemClock });
      handle.announce(address);
    },
    leave() {
      leaving = true;
    },
    async dispose() {
      leaving = true;
      // Listening ends at once, and so before the next owner may listen.
      await Promise.all([server?.close(), handle.dispose()]);
    },
  };
}

/**
 * What is accepted after the run has ended would be undone at once by the process's exit. So it is refused with a
 * code at which clients wait until the group has no owner.
 */
function untilLeaving(handlers: ControlHandlers, isLeaving: () => boolean): ControlHandlers {
  const guarded =
    <P extends unknown[], R>(handle: (...args: P) => Promise<R>) =>
    async (...args: P): Promise<R> => {
      if (isLeaving()) throw new RefusedError(OWNER_LEAVING, 'the process that ran the group is leaving');
      return handle(...args);
    };
  return {
    ...handlers,
    pause: guarded(handlers.pause),
    resume: guarded(handlers.resume),
    stop: guarded(handlers.stop),
    retry: guarded(handlers.retry),
    set_max_budget: guarded(handlers.set_max_budget),
    session_pause: guarded(handlers.session_pause),
    session_resume: guarded(handlers.session_resume),
    answer: guarded(handlers.answer),
  };
}
