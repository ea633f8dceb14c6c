import { existsSync } from 'node:fs';
import { type Observable, of, Subscription } from 'rxjs';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import type { SessionGroup } from '../../sdk/group/types.ts';
import { userConfigFile } from '../../sdk/user-folders.ts';
import type { CliIo } from '../io.ts';
import type { Notifier } from './notifier.ts';

/** What is needed of a group to tell the user of it. */
interface ToldGroup {
  readonly group: Pick<SessionGroup, 'definition' | 'rehearsal'>;
  readonly events$: Observable<GroupEvent>;
}

/**
 * Tells the user of a group as their own configuration says; undefined if it says nothing. Loads nothing for those who have none.
 *
 * @param warn prints a line where it disturbs nothing.
 * @throws UsageError `invalid_config`.
 */
async function notifierOf(io: CliIo, warn: (line: string) => void): Promise<Notifier | undefined> {
  if (!existsSync(userConfigFile(io.env))) return undefined;
  const { readUserConfig } = await import('../plugins/user-config.ts');
  const config = await readUserConfig(io.env);
  if (!config?.notify) return undefined;
  const { createNotifier } = await import('./notifier.ts');
  const { systemClock } = await import('../../sdk/clock.ts');
  return createNotifier(config.notify, { io, clock: systemClock, warn });
}

/** What tells the user. */
export interface Notices {
  /** The groups are at rest. Resolves once everything is told, or its time is over; at once if there is no time. */
  finish(isCut?: boolean): Promise<void>;
}

export const NO_NOTICES: Notices = { finish: async () => {} };

/** Of one group, until it is at rest. */
export const notifyOf = (group: ToldGroup, io: CliIo, warn: (line: string) => void): Promise<Notices> =>
  notifyOfAll(of([group]), io, warn);

/** Of all groups that are opened from now on. */
export async function notifyOfAll(
  groups: Observable<readonly ToldGroup[]>,
  io: CliIo,
  warn: (line: string) => void,
): Promise<Notices> {
  const notifier = await notifierOf(io, warn);
  if (!notifier) return NO_NOTICES;
  const known = new WeakSet<ToldGroup>();
  const subscription = new Subscription();
  const opening = groups.subscribe(opened => {
    for (const group of opened) {
      if (known.has(group)) continue;
      known.add(group);
      const told = group.events$.subscribe(event => {
        const { group: stored } = group;
        notifier.tell(event, stored.definition.name, isRehearsal(stored));
      });
      subscription.add(told);
    }
  });
  subscription.add(opening);
  return {
    finish(isCut) {
      subscription.unsubscribe();
      return notifier.finish(isCut);
    },
  };
}
