import { isLiveSession } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import { projectKey } from '../../project/project-key.ts';
import { resolveSession } from '../config/resolve-session.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { WaitReason } from '../progress/progress.ts';
import type { SessionWait } from '../schedule/session-standing.ts';
import type { SessionGroup } from '../types.ts';

type Wait<Kind extends WaitReason['kind']> = Extract<WaitReason, { readonly kind: Kind }>;

/** What a group's journal says about its slots, and about what its candidates wait for. */
export interface SavedSlots {
  /** How many of the group's slots are taken. */
  readonly live: number;
  /** Until when the first of its accounts is closed, in epoch milliseconds; undefined if all are open. */
  readonly closedUntil: number | undefined;
  /**
   * What keeps a candidate from starting. `slot` also where the journal doesn't tell: the owner may be about to start it,
   * or wait for something that other groups hold.
   */
  waitOf(id: string): Extract<SessionWait, 'slot' | 'project' | 'account'>;
  accountOf(id: string): string;
  project(id: string): Wait<'project'>;
  quota(id: string): Wait<'quota'>;
}

/** @param isRun a live process owns the group: without one, nothing holds a slot. */
export function savedSlots(
  { id: groupId, definition: { sessions, config } }: SessionGroup,
  fold: GroupFold,
  clock: Clock,
  isRun: boolean,
): SavedSlots {
  const { maxConcurrent, maxPerProject } = config.concurrency;
  const byId = new Map(sessions.map(session => [session.id, session]));
  const accountOf = (id: string) => (byId.get(id)?.agent ?? config.agent).kind;
  const closed = (account: string): number | undefined => {
    const until = fold.closedUntil[account] ?? 0;
    return until > clock.now() ? until : undefined;
  };
  const live = sessions
    .map(({ id }) => id)
    .filter(id => isRun && isLiveSession(fold.sessions.get(id)?.status ?? 'pending'));
  const keys = new Map<string, string>();
  const projectOf = (id: string): string => {
    const session = byId.get(id);
    const path = session?.projectPath ?? '';
    if (!session || path === '' || resolveSession(session, config).workspace.mode !== 'shared')
      return `${groupId}/${id}`;
    const key = keys.get(path) ?? projectKey(path);
    keys.set(path, key);
    return key;
  };
  const holdersOf = (project: string) => live.filter(id => projectOf(id) === project);
  return {
    live: live.length,
    get closedUntil() {
      const accounts = new Set(sessions.map(({ id }) => accountOf(id)));
      const until = [...accounts].flatMap(account => closed(account) ?? []);
      return until.length === 0 ? undefined : Math.min(...until);
    },
    waitOf(id) {
      if (live.length >= maxConcurrent) return 'slot';
      if (closed(accountOf(id)) !== undefined) return 'account';
      return live.length > 0 && holdersOf(projectOf(id)).length >= maxPerProject ? 'project' : 'slot';
    },
    accountOf,
    project(id) {
      const project = projectOf(id);
      return { kind: 'project', project, heldBy: holdersOf(project) };
    },
    quota(id) {
      const account = accountOf(id);
      return { kind: 'quota', account, until: closed(account) ?? 0 };
    },
  };
}
