import { RefusedError } from '../sdk/errors.ts';
import type { SessionGroupHandle } from '../sdk/group/api/handle.ts';
import type { GroupResult } from '../sdk/group/progress/progress.ts';
import { eventLog } from './event-log.ts';
import { redefineGroup } from './redefine.ts';
import { feedWatcher } from './watch-feed.ts';
import type { ControlHandlers } from './wire/handlers.ts';

const ACCEPTED = { accepted: true } as const;

/**
 * Lets other processes drive the group that this one owns: each verb is the handle's own, with its refusals.
 * A watcher never slows the group: one that falls behind reads its backlog from the journal.
 */
export function groupHandlers(group: SessionGroupHandle): ControlHandlers {
  /** From the first watcher on. */
  let log: ReturnType<typeof eventLog> | undefined;
  const reached = async (wait: boolean, done: Promise<GroupResult>) => {
    const result = await done;
    return wait ? result : ACCEPTED;
  };
  const accepted = async (done: Promise<unknown>) => {
    await done;
    return ACCEPTED;
  };
  return {
    status: async () => group.getProgress(),
    pause: (_, { wait }) => reached(wait, group.pause({ wait })),
    resume: ({ maxBudgetUsd }, { wait }) =>
      reached(wait, group.resume({ wait, ...(maxBudgetUsd === undefined ? {} : { maxBudgetUsd }) })),
    stop: (_, { wait }) => reached(wait, group.stop({ wait })),
    retry: async ({ sessions, fresh, dryRun }, { wait }) => {
      if (dryRun) return { sessions: group.retryPlan(sessions) };
      const options = { wait, ...(sessions ? { sessions } : {}), ...(fresh === undefined ? {} : { fresh }) };
      return reached(wait, group.retry(options));
    },
    redefine: params => redefineGroup(group, params),
    set_max_budget: ({ usd }) => accepted(group.setMaxBudget(usd)),
    session_pause: ({ id }) => accepted(group.pauseSession(id)),
    session_resume: ({ id }) => accepted(group.resumeSession(id)),
    answer: ({ sessionId, requestId, decision, by = 'cli' }) => {
      const wait = sessionId === undefined ? undefined : group.why(sessionId);
      if (sessionId !== undefined && !(wait?.kind === 'approval' && wait.requestId === requestId)) {
        return Promise.reject(
          new RefusedError('no_such_request', `${sessionId} does not wait for an answer to "${requestId}"`),
        );
      }
      return accepted(group.answer(requestId, decision, by));
    },
    why: async ({ id }) => {
      const why = group.why(id);
      return why === undefined ? {} : { why };
    },
    watch: ({ fromSeq = 0 }, context) => {
      log ??= eventLog(group);
      return feedWatcher(log.reader(fromSeq), context);
    },
  };
}
