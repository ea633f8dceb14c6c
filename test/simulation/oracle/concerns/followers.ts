import type { Happening, Pid } from '../../history.ts';
import type { Concern, Court } from '../concern.ts';

const RULE = 'http events';

/** Whoever reads what comes has each event at most this long after the journal, if nothing is in the way. */
const LATEST_MS = 10_000;

/** Decides what state the group is in. */
const STATE = /^group_(?:started|resumed|retried|pausing|paused|stopping|stopped|completed|failed)$/;

interface Follower {
  /** The first event that it has not seen. */
  next: number;
  readonly since: number;
  readonly slowly: boolean;
}

interface Told {
  readonly name: string;
  readonly next: number;
  readonly status: string;
}

/**
 * http-api.md, Events: what somebody who follows the group has when the stream ends, and when it leaves. (That it sees each
 * event once, in order, from the one that it asked for, is checked with all others who watch.)
 */
export function followers(court: Court): Concern {
  const open = new Map<string, Follower>();
  /** When the journal had each event. */
  const written: number[] = [];
  /** Of the end, in this step. */
  let told: Told[] = [];
  /** Followers that were told in this step that there is no such group. */
  let unknownNow: string[] = [];
  let isThere = true;
  let deleted = false;
  /** How many it had when this step began. */
  let before = 0;
  const deletions = new Set<number>();
  const frozen = new Set<Pid>();
  let isSlow = false;
  let disturbed = Number.NEGATIVE_INFINITY;

  function ended(name: string, one: Follower, how: Extract<Happening, { kind: 'watch.ended' }>): void {
    switch (how.because) {
      case 'error':
        // §4 deleted: there is nobody to be followed any more.
        if (how.code?.includes('"unknown_group"')) unknownNow.push(name);
        else court.report(RULE, `${name} is told of an error: ${how.code}`);
        return;
      case 'end':
        if (!one.slowly && !isSlow && !court.trouble.disk && one.next < before) {
          court.report(RULE, `${name} is told of the end after ${one.next} of ${before} events`);
        }
        if (how.status !== undefined) told.push({ name, next: one.next, status: how.status });
        return;
      case 'left': {
        const since = court.at - LATEST_MS;
        const quiet = !one.slowly && !isSlow && !court.trouble.disk && frozen.size === 0 && disturbed < since;
        const due = written.filter(at => at <= since).length;
        if (quiet && one.since < since && one.next < due) {
          court.report(RULE, `${name} leaves with ${one.next} of ${due} events`);
        }
        return;
      }
    }
  }

  /** It is told of the end because it has seen how the group settled. */
  function settled({ name, next, status }: Told): void {
    if (court.trouble.disk) return;
    const last = court.journal.events.slice(0, next).findLast(({ type }) => STATE.test(type));
    if (last !== undefined && last.type !== `group_${status}`) {
      court.report(RULE, `${name} is told that the group is ${status} after ${last.type}`);
    }
  }

  return {
    see(seen) {
      switch (seen.kind) {
        case 'process.frozen':
          frozen.add(seen.pid);
          break;
        case 'process.thawed':
        case 'process.crashed':
        case 'process.exited':
          frozen.delete(seen.pid);
          disturbed = seen.at;
          break;
        case 'fault':
          if (/slow|takes/.test(seen.what)) isSlow = !/no longer/.test(seen.what);
          disturbed = seen.at;
          break;
        case 'folder':
          isThere = seen.there;
          break;
        case 'request':
          if (seen.verb === 'delete') deletions.add(seen.id);
          break;
        case 'answer':
          if (deletions.has(seen.id) && seen.outcome === 'accepted') deleted = true;
          break;
        case 'watch.began':
          if (seen.slowly !== undefined)
            open.set(seen.watcher, { next: seen.fromSeq, since: seen.at, slowly: seen.slowly });
          break;
        case 'event': {
          const one = open.get(seen.watcher);
          if (one) one.next = seen.event.seq + 1;
          break;
        }
        case 'watch.ended': {
          const one = open.get(seen.watcher);
          open.delete(seen.watcher);
          if (one) ended(seen.watcher, one, seen);
          break;
        }
      }
    },
    step() {
      for (const name of unknownNow) {
        if (isThere && !deleted) court.report(RULE, `${name} is told that there is no such group`);
      }
      unknownNow = [];
      for (const one of told) settled(one);
      told = [];
      before = court.journal.next;
      written.length = Math.min(written.length, before);
      while (written.length < before) written.push(court.at);
    },
  };
}
