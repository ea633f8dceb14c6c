import { dirname } from 'node:path';
import { type Clock, systemClock } from '../sdk/clock.ts';
import { RefusedError } from '../sdk/errors.ts';
import { announceAddress } from '../sdk/group/api/announce.ts';
import type { SessionGroupHandle } from '../sdk/group/api/handle.ts';
import { VERB_NAMES, VERBS } from '../words/verbs.ts';
import { type ControlHandlers, groupHandlers } from './verbs.ts';
import { controlAddress } from './wire/address.ts';
import { OWNER_LEAVING } from './wire/failure.ts';
import { type ControlServer, serveControl } from './wire/server.ts';
import { type Sockets, systemSockets } from './wire/sockets.ts';

/** A group that this process owns, and that other processes may drive. */
export interface ServedGroup extends SessionGroupHandle {
  /** Lets other processes drive the group, until it is disposed of. One that is not kept on disk has no others. */
  serve(): Promise<void>;
  /** This process is about to let the group go: other processes' requests are refused with `owner_leaving`. */
  leave(): void;
}

/** The handle, with the socket through which other processes drive its group. */
export function serveGroup(
  handle: SessionGroupHandle,
  clock: Clock = systemClock,
  sockets: Sockets = systemSockets,
): ServedGroup {
  let server: ControlServer | undefined;
  let leaving = false;
  return {
    ...handle,
    get group() {
      return handle.group;
    },
    async serve() {
      if (handle.dir === undefined) return;
      const address = controlAddress(dirname(dirname(handle.dir)), handle.id);
      const handlers = untilLeaving(groupHandlers(handle), () => leaving);
      server = await serveControl({ address, handlers, clock, sockets });
      announceAddress(handle, address);
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
 * What is accepted after the run has ended would be undone at once by the process's exit. So whatever changes the
 * group is refused with a code at which clients wait until the group has no owner.
 */
function untilLeaving(handlers: ControlHandlers, isLeaving: () => boolean): ControlHandlers {
  const refuse = async () => {
    throw new RefusedError(OWNER_LEAVING, 'the process that ran the group is leaving');
  };
  return new Proxy(handlers, {
    get: (all, name) => (isLeaving() && CHANGING.has(name) ? refuse : Reflect.get(all, name)),
  });
}

const CHANGING: ReadonlySet<string | symbol> = new Set(VERB_NAMES.filter(verb => VERBS[verb].changes));
