import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { given } from '../sdk/given.ts';
import type { GroupOwner } from '../sdk/group/store/store.ts';
import type { Machine } from './machine.ts';

/** The contents of `owner.json`. */
export const OwnerRecord = z.object({
  version: z.literal(1),
  /** Unique for each time that a process becomes the owner. */
  token: z.string().regex(/^[0-9a-f-]{36}$/),
  pid: z.number().int().positive(),
  /** Detects a reused pid; absent on systems without start times. */
  startTime: z.string().optional(),
  host: z.string(),
  since: z.string(),
  address: z.string().optional(),
});
export type OwnerRecord = z.output<typeof OwnerRecord>;

/** This process as an owner. */
export function ownRecord(machine: Machine, since: string): OwnerRecord {
  const { pid, host } = machine;
  return given({ version: 1, token: randomUUID(), pid, startTime: machine.startTime(pid), host, since });
}

export const isElsewhere = (machine: Machine, owner: OwnerRecord): boolean => owner.host !== machine.host;

/**
 * Whether the process that wrote the record may still be alive. False only if it is known to be dead: a process on
 * another host, or one that cannot be checked, counts as alive.
 */
export function mayLive(machine: Machine, owner: OwnerRecord): boolean {
  if (isElsewhere(machine, owner)) return true;
  try {
    const startTime = machine.startTime(owner.pid);
    if (startTime !== undefined) return owner.startTime === undefined || owner.startTime === startTime;
    return owner.startTime === undefined && machine.exists(owner.pid);
  } catch {
    return true;
  }
}

/** The record as readers of a group see it. */
export function publicOwner(machine: Machine, owner: OwnerRecord): GroupOwner {
  const { pid, host, since, address } = owner;
  return given({ pid, host, since, address, alive: mayLive(machine, owner) });
}
