import { isLiveGroup } from '../../../../machines/vocabulary.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { workspacesOf } from '../../delivery/machine-workspaces.ts';
import type { RefusedError } from '../../errors.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import { integrateOf } from '../config/resolve-session.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { StoredGroup } from '../store/store.ts';
import { deliveredByHand } from './by-hand.ts';
import { changesOf, diffOf, type Span, spanOfSession, spansOfGroup } from './changes.ts';
import type {
  Changes,
  Diff,
  RepositoryDelivery,
  RepositoryUndo,
  SessionDelivery,
  UnmergedWork,
} from './delivered.ts';
import { repositoryDeliveries, sessionDelivery } from './overview.ts';
import { sessionLogs } from './session-log.ts';
import { planUndo, undoRefusal } from './undo.ts';
import { unmergedIn, unsavedIn } from './unmerged.ts';
import { type Lookout, type Work, worksOf } from './works.ts';

/** How to look at what a group delivers. */
export interface DeliveryOptions {
  /** Default: in this machine's repositories. */
  readonly workspaces?: WorkspacePort;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Determines which git is run, and the folder of workspaces. Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Cancels what is being read; it then rejects with the signal's reason. Default: nothing does. */
  readonly signal?: AbortSignal;
}

/**
 * What the sessions of a group did, and where it is. Also of a group that another process runs, and of one that is
 * paused, interrupted or settled: it reads the journal and asks git.
 *
 * DELIVERY-VIEW-1 it moves no ref, and writes to no tree and no journal.
 * DELIVERY-VIEW-2 answers are bounded, and say what is left out. Their texts are untrusted: they may contain control
 *    characters.
 * DELIVERY-VIEW-3 git's refusals are `WorkspaceError`s, except where the answer has a place for them.
 */
export interface DeliveryView {
  /** The sessions with a tree of their own, in the order of the definition. Without git. */
  sessions(): readonly SessionDelivery[];
  /** One of them; undefined: there is none with that id. */
  session(id: string): SessionDelivery | undefined;
  /** @param into short name of a branch. Default: the definition's. */
  repositories(into?: string): Promise<readonly RepositoryDelivery[]>;
  /**
   * What would be lost if the group's trees and branches were removed: what no branch of the user's contains. Sessions
   * that have not settled are left out, because their trees change.
   */
  unmerged(): Promise<readonly UnmergedWork[]>;
  /**
   * The sessions that failed or were stopped and whose trees on this machine have changes that are in no commit. Of 20 trees
   * at most, and without those that git can't read.
   */
  unsaved(): Promise<readonly string[]>;
  /**
   * What of a settled group's work a branch has without a delivery, because somebody merged it with git: the definition's
   * branch, else the one that the project is on. All that the group `merged`, and the `sessions` whose own branches are
   * there. What git does not show to be there is left out: that of repositories that it can't read, and of each
   * repository what is beyond 20 commits.
   */
  byHand(): Promise<{ readonly merged: boolean; readonly sessions: readonly string[] }>;
  /**
   * How a delivery that stopped part-way can be taken back (`GroupManager.undoDelivery`); empty if there is none, or the
   * group is live.
   */
  undo(): Promise<readonly RepositoryUndo[]>;
  /** The error that taking it back would be refused with before any branch is looked at, given what `undo` has found. */
  undoRefusal(found: readonly RepositoryUndo[]): RefusedError | undefined;
  /** Up to the session's result, else up to its last checkpoint. undefined: nothing of it is saved, or it has no tree. */
  sessionChanges(id: string): Promise<Changes | undefined>;
  sessionDiff(id: string): Promise<Diff | undefined>;
  /** Everything that was merged, in each repository where something was. */
  changes(): Promise<readonly Changes[]>;
  diffs(): Promise<readonly Diff[]>;
}

/**
 * Looks at a saved group's work; reads the journal as it is in `stored`, and git each time that it is asked.
 *
 * @example
 * const view = viewDelivery(await store.read(id));
 * for (const { delivery, moves } of await view.repositories('main')) console.log(delivery, moves);
 */
export function viewDelivery(stored: StoredGroup, options: DeliveryOptions = {}): DeliveryView {
  const { clock = systemClock, signal = new AbortController().signal } = options;
  const { group, dir } = stored;
  const { id: groupId } = group;
  const fold = foldOf(stored);
  const works = worksOf(group, fold);
  const ready = works.filter(({ tree }) => tree.ready);
  let port: WorkspacePort | undefined;
  const lookout: Lookout = {
    get workspaces() {
      port ??= workspacesOf(options, clock);
      return port;
    },
    signal,
  };
  const { into: wanted } = integrateOf(group.definition.config);

  const logOf = sessionLogs(dir);
  const changedFiles = (id: string) => fold.sessions.get(id)?.left?.changedFiles ?? [];
  const shown = (work: Work) => sessionDelivery(work, ready, changedFiles, logOf);
  const spanOf = async (id: string): Promise<Span | undefined> => {
    const work = ready.find(({ session }) => session.id === id);
    return work && spanOfSession(groupId, work, lookout);
  };
  /** One repository after the other. */
  const each = async <T>(read: (span: Span) => Promise<T>): Promise<T[]> => {
    const answers: T[] = [];
    for (const span of await spansOfGroup(groupId, ready, lookout)) answers.push(await read(span));
    return answers;
  };
  return {
    sessions: () => ready.map(shown),
    session: id => {
      const work = ready.find(({ session }) => session.id === id);
      return work && shown(work);
    },
    repositories: async (into = wanted) => {
      if (ready.length === 0) return [];
      return repositoryDeliveries(groupId, ready, { ...lookoutNow(lookout), into, now: clock.now() });
    },
    unmerged: async () => {
      const atRest = ready.filter(({ isAtRest }) => isAtRest);
      if (atRest.length === 0) return [];
      return unmergedIn(groupId, atRest, { ...lookoutNow(lookout), keptBy: 'users' });
    },
    unsaved: async () => {
      const atRest = ready.filter(({ isAtRest }) => isAtRest);
      return atRest.length === 0 ? [] : unsavedIn(groupId, atRest, lookoutNow(lookout));
    },
    byHand: () => deliveredByHand(stored, lookoutNow(lookout)),
    undo: async () => {
      if (isLiveGroup(fold.status) || Object.keys(fold.deliveries).length === 0) return [];
      return (await planUndo(groupId, works, fold, lookout)).map(({ shown }) => shown);
    },
    undoRefusal: found => undoRefusal(groupId, fold, found),
    sessionChanges: async id => {
      const span = await spanOf(id);
      return span && changesOf(groupId, span, lookout);
    },
    sessionDiff: async id => {
      const span = await spanOf(id);
      return span && diffOf(groupId, span, lookout);
    },
    changes: () => each(span => changesOf(groupId, span, lookout)),
    diffs: () => each(span => diffOf(groupId, span, lookout)),
  };
}

const lookoutNow = ({ workspaces, signal }: Lookout): Lookout => ({ workspaces, signal });
