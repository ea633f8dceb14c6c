import type { Clock } from '../clock.ts';
import { given } from '../given.ts';
import { claimFolder } from './claim-folder.ts';
import type { ProjectGate, ProjectHolder } from './project-gate.ts';
import { ensureOwnFolder, runtimeFolder } from './runtime-folder.ts';

/** How often it checks again while an entry is refused because of another process. */
const RECHECK_MS = 500;
/** For how long what was read of other holders is taken for their state. */
const HOLDERS_MS = 500;
/** Checks of a claim that collided, a few microseconds each, until the other one has been withdrawn. */
const COLLISION_CHECKS = 50;

/** Options of `fileProjectGate`. */
export interface FileProjectGateOptions {
  readonly clock: Clock;
  /** Folder of the claims; the same for all groups of a user. Default: below the runtime folder. */
  readonly dir?: string;
}

/**
 * The gate for all groups of this user on this machine. There is no lock and no takeover: to enter, a holder writes a
 * claim under a unique name, and only then counts. Invariant: after its claim became visible, a holder has seen no
 * more claims of live processes than the limit. If there were more holders than that, the last to write its claim
 * would have seen all the others; so there never are. A dead process's claim doesn't count, and since its name is
 * never reused, anyone may remove it at any time.
 */
export function fileProjectGate({ clock, dir }: FileProjectGateOptions): ProjectGate {
  const claims = claimFolder(ensureOwnFolder(dir ?? runtimeFolder('projects')));
  const listeners = new Set<(project: string) => void>();
  /** The claims made through this gate, by project and holder. */
  const mine = new Map<string, Map<string, string>>();
  /** Who is in, as read for those who wait: thousands may wait for one project. */
  const seen = new Map<string, { readonly at: number; readonly holders: readonly ProjectHolder[] }>();
  /** Projects refused because of claims that aren't ours, with the largest limit asked for. */
  const refused = new Map<string, number>();
  let timer: unknown;

  const notify = (project: string): void => {
    for (const listener of [...listeners]) listener(project);
  };

  const isMine = (project: string, claim: string): boolean =>
    [...(mine.get(project)?.values() ?? [])].includes(claim);

  const refuse = (project: string, limit: number): false => {
    refused.set(project, Math.max(limit, refused.get(project) ?? 0));
    timer ??= unreferenced(clock.setTimeout(recheck, RECHECK_MS));
    return false;
  };

  const recheck = (): void => {
    timer = undefined;
    const waiting = [...refused];
    refused.clear();
    for (const [project, limit] of waiting) {
      const live = claims.live(project);
      if (live.length < limit) notify(project);
      // If all of them are ours, `leave` notifies.
      else if (live.some(claim => !isMine(project, claim))) refuse(project, limit);
    }
  };

  /** True once the claim has been seen among at most `limit`; false when it has to be withdrawn. */
  const claimHolds = (project: string, limit: number, claim: string): boolean => {
    for (let check = 0; check < COLLISION_CHECKS; check += 1) {
      const live = claims.live(project);
      const place = live.sort().indexOf(claim);
      if (place !== -1 && live.length <= limit) return true;
      // If several collide, those whose names sort first wait for the others to withdraw.
      if (place === -1 || place >= limit) return false;
    }
    return false;
  };

  return {
    tryEnter(project, limit, holder) {
      const own = mine.get(project) ?? new Map<string, string>();
      if (own.has(holder)) return true;
      const live = claims.live(project);
      if (live.length >= limit) {
        return live.every(claim => isMine(project, claim)) ? false : refuse(project, limit);
      }
      const claim = claims.write(project, { holder, since: clock.now() });
      // A folder that isn't writable is tried again later, like a taken slot.
      if (claim === undefined) return refuse(project, limit);
      if (!claimHolds(project, limit, claim)) {
        claims.remove(claim);
        return refuse(project, limit);
      }
      mine.set(project, own.set(holder, claim));
      seen.delete(project);
      return true;
    },
    leave(project, holder) {
      const own = mine.get(project);
      const claim = own?.get(holder);
      if (!own || claim === undefined) return;
      own.delete(holder);
      if (own.size === 0) mine.delete(project);
      claims.remove(claim);
      seen.delete(project);
      notify(project);
    },
    holders(project) {
      const known = seen.get(project);
      const now = clock.now();
      if (known !== undefined && Math.abs(now - known.at) < HOLDERS_MS) return known.holders;
      const holders = claims.live(project).flatMap(claim => claims.holderOf(claim) ?? []);
      seen.set(project, { at: now, holders });
      return holders;
    },
    mark(holder, waitsFor) {
      for (const [project, own] of mine) {
        const claim = own.get(holder);
        if (claim === undefined) continue;
        const { since } = claims.holderOf(claim) ?? {};
        claims.rewrite(claim, project, given({ holder, since, waitsFor }));
        seen.delete(project);
      }
    },
    onFreed(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      clock.clearTimeout(timer);
      timer = undefined;
      refused.clear();
      seen.clear();
      listeners.clear();
      for (const own of mine.values()) for (const claim of own.values()) claims.remove(claim);
      mine.clear();
    },
  };
}

/** A system timer must not keep alive a process that has nothing else to do. */
function unreferenced(timer: unknown): unknown {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
    timer.unref();
  }
  return timer;
}

/** Who works in a project now, of all groups of this user on this machine; takes no slot. @param dir as of the gate. */
export function projectHolders(project: string, dir?: string): readonly ProjectHolder[] {
  try {
    const claims = claimFolder(ensureOwnFolder(dir ?? runtimeFolder('projects')));
    return claims.live(project).flatMap(claim => claims.holderOf(claim) ?? []);
  } catch {
    return []; // a group would say what is wrong with that folder
  }
}
