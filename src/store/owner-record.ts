import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { given } from '../sdk/given.ts';
import type { GroupOwner } from '../sdk/group/store/store.ts';
import { bootIn, type Machine } from './machine.ts';

/** The contents of `owner.json`. */
export const OwnerRecord = z.object({
  version: z.literal(1),
  /** Unique for each time that a process becomes the owner. */
  token: z.string().regex(/^[0-9a-f-]{36}$/),
  pid: z.number().int().positive(),
  /** Detects a reused pid; absent on systems without start times. */
  startTime: z.string().optional(),
  host: z.string(),
  /** In which its pid means something; absent in records of the first release. */
  pidNamespace: z.string().optional(),
  since: z.string(),
  address: z.string().optional(),
});
export type OwnerRecord = z.output<typeof OwnerRecord>;

/** This process as an owner. */
export function ownRecord(machine: Machine, since: string): OwnerRecord {
  const { pid, host, pidNamespace } = machine;
  const startTime = machine.startTime(pid);
  return given({ version: 1, token: randomUUID(), pid, startTime, host, pidNamespace, since });
}

/**
 * Whether the process that wrote the record is alive. `unknown`: its pid means nothing here, because it belongs to
 * another machine, or to a container whose processes this one doesn't see.
 *
 * The name of a host proves nothing where the boots are known: a container that is made again has another name, and two
 * can share one. The same boot is the same machine; another boot under the same name is that machine before a restart.
 */
export function lifeOf(machine: Machine, owner: OwnerRecord): 'alive' | 'dead' | 'unknown' {
  try {
    const [boot, itsBoot] = [bootIn(machine.startTime(machine.pid)), bootIn(owner.startTime)];
    const isSameName = owner.host === machine.host;
    if (boot === undefined || itsBoot === undefined) {
      if (!isSameName) return 'unknown';
    } else if (boot !== itsBoot) return isSameName ? 'dead' : 'unknown';
    const { pidNamespace = machine.pidNamespace } = owner;
    if (pidNamespace !== machine.pidNamespace) return 'unknown';
    const startTime = machine.startTime(owner.pid);
    const isIts = owner.startTime === undefined || owner.startTime === startTime;
    return isIts && (startTime !== undefined || machine.exists(owner.pid)) ? 'alive' : 'dead';
  } catch {
    return 'alive'; // it could not be checked
  }
}

/** The record as readers of a group see it: only who is known to be dead is dead. */
export function publicOwner(machine: Machine, owner: OwnerRecord): GroupOwner {
  const { pid, host, since, address } = owner;
  const life = lifeOf(machine, owner);
  const unchecked = life === 'unknown' ? true : undefined;
  const suspended = life === 'alive' && machine.isSuspended(pid) ? true : undefined;
  return given({ pid, host, since, address, alive: life !== 'dead', unchecked, suspended });
}
