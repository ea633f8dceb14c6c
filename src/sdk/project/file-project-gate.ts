import type { Clock } from '../clock.ts';
import { claimFolder } from './claim-folder.ts';
import type { ProjectGate } from './project-gate.ts';
import { ensureOwnFolder, runtimeFolder } from './runtime-folder.ts';

/** How often it looks again while somebody was refused because of another process. */
const LOOK_AGAIN_MS = 500;
/** Looks at a claim that collided, each some microseconds, until the other has withdrawn. */
const LOOKS = 50;

export interface FileProjectGateOptions {
  readonly clock: Clock;
  /** Folder of the claims; the same one for all groups of a user. Default: below the runtime folder. */
  readonly dir?: string;
}

/**
 * The gate for all groups of this user on this machine. Nobody locks and nobody takes over: who wants in
 * writes a claim under a name of its own, and only then counts. Invariant: a holder has, after its claim was
 * visible, seen no more claims of live processes than the limit. Of more holders than that, the last to
 * write its claim would have seen all the others; so there are never more. A claim of a dead process does not
 * count, and since its name is never used again, anybody may remove it at any time.
 */
export function fileProjectGate({ clock, dir }: FileProjectGateOptions): ProjectGate {
  const claims = claimFolder(ensureOwnFolder(dir ?? runtimeFolder('projects')));
  const listeners = new Set<(project: string) => void>();
  /** The claims of this gate, by project and holder. */
  const mine = new Map<string, Map<string, string>>();
  /** Projects that were refused because of claims that are not ours, with the largest limit asked for. */
  const refused = new Map<string, number>();
  let timer: unknown;

  const tell = (project: string): void => {
    for (const listener of [...listeners]) listener(project);
  };

  const isMine = (project: string, claim: string): boolean =>
    [...(mine.get(project)?.values() ?? [])].includes(claim);

  const refuse = (project: string, limit: number): false => {
    refused.set(project, Math.max(limit, refused.get(project) ?? 0));
    timer ??= unreferenced(clock.setTimeout(lookAgain, LOOK_AGAIN_MS));
    return false;
  };

  const lookAgain = (): void => {
    timer = undefined;
    const waiting = [...refused];
    refused.clear();
    for (const [project, limit] of waiting) {
      const live = claims.live(project);
      if (live.length < limit) tell(project);
      // Where all of them are ours, `leave` tells.
      else if (live.some(claim => !isMine(project, claim))) refuse(project, limit);
    }
  };

  /** True once the claim has been seen among no more than `limit`; false when it had to be withdrawn. */
  const claimHolds = (project: string, limit: number, claim: string): boolean => {
    for (let look = 0; look < LOOKS; look += 1) {
      const live = claims.live(project);
      const place = live.sort().indexOf(claim);
      if (place !== -1 && live.length <= limit) return true;
      // Of several that collide, those with the first names wait for the others to withdraw.
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
      const claim = claims.write(project, holder);
      // A folder that cannot be written to is asked again like a place that is taken.
      if (claim === undefined) return refuse(project, limit);
      if (!claimHolds(project, limit, claim)) {
        claims.remove(claim);
        return refuse(project, limit);
      }
      mine.set(project, own.set(holder, claim));
      return true;
    },
    leave(project, holder) {
      const own = mine.get(project);
      const claim = own?.get(holder);
      if (!own || claim === undefined) return;
      own.delete(holder);
      if (own.size === 0) mine.delete(project);
      claims.remove(claim);
      tell(project);
    },
    onFreed(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      clock.clearTimeout(timer);
      timer = undefined;
      refused.clear();
      listeners.clear();
      for (const own of mine.values()) for (const claim of own.values()) claims.remove(claim);
      mine.clear();
    },
  };
}

/** A timer of the system must not keep a process alive that has nothing else to do. */
function unreferenced(timer: unknown): unknown {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
    timer.unref();
  }
  return timer;
}
