import { dirname } from 'node:path';
import { type Clock, systemClock } from '../sdk/clock.ts';
import { RefusedError } from '../sdk/errors.ts';
import type { GroupRunner } from '../sdk/group/runner.ts';
import { VERB_NAMES, VERBS } from '../words/verbs.ts';
import { type ControlHandlers, groupHandlers } from './verbs.ts';
import { controlAddress } from './wire/address.ts';
import { OWNER_LEAVING } from './wire/failure.ts';
import { serveControl } from './wire/server.ts';
import { type Sockets, systemSockets } from './wire/sockets.ts';

/**
 * The control of a group that this process owns, by other processes.
 *
 * SERVED-1 the control socket closes with the handle, whoever disposes of it: the host, or its manager, which also does so
 *    before it archives or deletes the group.
 */
export interface GroupService {
  /** Lets other processes control the group until it is disposed of. Does nothing for a group that is not on disk. */
  serve(): Promise<void>;
  /** Announces that this process is about to release the group: changes are refused with `owner_leaving`. */
  leave(): void;
}

/** A control socket for a group. */
export function serveGroup(
  handle: GroupRunner,
  clock: Clock = systemClock,
  sockets: Sockets = systemSockets,
): GroupService {
  let leaving = false;
  return {
    async serve() {
      if (handle.dir === undefined) return;
      const address = controlAddress(dirname(dirname(handle.dir)), handle.id);
      const handlers = untilLeaving(groupHandlers(handle), () => leaving);
      const server = await serveControl({ address, handlers, clock, sockets });
      handle.announce(address, () => {
        leaving = true;
        return server.close();
      });
    },
    leave() {
      leaving = true;
    },
  };
}

/**
 * A change that is accepted after the run has ended would be undone by the exit of the process. It is refused with a
 * code that tells clients to wait until the group has no owner.
 */
function untilLeaving(handlers: ControlHandlers, isLeaving: () => boolean): ControlHandlers {
  const refuse = async () => {
    throw new RefusedError(OWNER_LEAVING, 'the process that ran the group is exiting');
  };
  return new Proxy(handlers, {
    get: (all, name) => (isLeaving() && CHANGING.has(name) ? refuse : Reflect.get(all, name)),
  });
}

const CHANGING: ReadonlySet<string | symbol> = new Set(VERB_NAMES.filter(verb => VERBS[verb].changes));
