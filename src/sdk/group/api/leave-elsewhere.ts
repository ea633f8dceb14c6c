import { afterAwake, type Clock } from '../../clock.ts';
import type { ForgottenSession } from '../attempt/executor/executor.ts';
import type { GroupFold } from '../journal/fold.ts';
import { remoteAttempt } from '../journal/session/remote-fold.ts';
import type { SessionGroup } from '../types.ts';
import { chosenExecutor, type ExecutorOptions } from './take-over.ts';

/** For what may be away; what is not reached is deleted there by itself, once nobody has used it for long. */
const LONGEST_MS = 10_000;

/**
 * Ends and deletes what is left of a group that is deleted where its sessions were carried out.
 * @throws if attempts may live on there that can't be reached: SessionGroupsError `executor_required`, or what `executors` throws.
 */
export async function leaveElsewhere(
  group: SessionGroup,
  fold: GroupFold,
  clock: Clock,
  options: ExecutorOptions,
): Promise<void> {
  const sessions = [...fold.sessions].map(([sessionId, session]): ForgottenSession => {
    const { attempts } = session;
    const live = remoteAttempt(session);
    if (!live) return { sessionId, attempts };
    const { heard, counted, worker } = live;
    return {
      sessionId,
      attempts,
      live: { sessionId, attempt: attempts, after: Math.min(heard, counted), worker },
    };
  });
  const isLive = sessions.some(({ live }) => live);
  try {
    const executor = (await chosenExecutor(group, fold, options))?.({
      id: group.id,
      written: () => undefined,
    });
    if (!executor) return;
    const forgotten = executor.forget?.(sessions);
    await inTime(forgotten, clock).finally(() => executor.close());
  } catch (error) {
    if (isLive && !options.takeOver) throw error;
  }
}

async function inTime(work: Promise<void> | undefined, clock: Clock): Promise<void> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error('the executor has not deleted its part of the group in time'));
    cancel = afterAwake(clock, giveUp, LONGEST_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
