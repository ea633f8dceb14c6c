import { RefusedError } from '../sdk/group/errors.ts';
import type { GroupEvent } from '../sdk/group/events.ts';
import type { SessionGroupHandle } from '../sdk/group/handle.ts';
import type { GroupResult } from '../sdk/group/progress.ts';
import type { ControlContext, ControlHandlers } from './handlers.ts';

const ACCEPTED = { accepted: true } as const;

/**
 * Lets other processes drive the group that this one owns: each verb is the handle's own, with its refusals.
 * A watcher never slows the group: one that falls behind reads its backlog from the journal.
 */
export function groupHandlers(group: SessionGroupHandle): ControlHandlers {
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
    set_max_budget: ({ usd }) => accepted(group.setMaxBudget(usd)),
    session_pause: ({ id }) => accepted(group.pauseSession(id)),
    session_resume: ({ id }) => accepted(group.resumeSession(id)),
    answer: ({ sessionId, requestId, decision }) => {
      const wait = sessionId === undefined ? undefined : group.why(sessionId);
      if (sessionId !== undefined && !(wait?.kind === 'approval' && wait.requestId === requestId)) {
        return Promise.reject(
          new RefusedError('no_such_request', `${sessionId} does not wait for an answer to "${requestId}"`),
        );
      }
      return accepted(group.answer(requestId, decision, 'cli'));
    },
    why: async ({ id }) => {
      const why = group.why(id);
      return why === undefined ? {} : { why };
    },
    watch: ({ fromSeq = 0 }, context) => watch(group, fromSeq, context),
  };
}

async function watch(
  group: SessionGroupHandle,
  fromSeq: number,
  { signal, send, drained }: ControlContext,
): Promise<{ nextSeq: number }> {
  let next = fromSeq;
  const pass = (event: GroupEvent) => {
    next = event.seq + 1;
    return send(event);
  };
  while ((await feed(group, next, signal, pass)) === 'behind') await drained();
  return { nextSeq: next };
}

/** Feeds events until there are no more, or the reader has enough for now. */
function feed(
  group: SessionGroupHandle,
  fromSeq: number,
  signal: AbortSignal,
  pass: (event: GroupEvent) => boolean,
): Promise<'ended' | 'behind'> {
  return new Promise((resolve, reject) => {
    let open = true;
    const close = () => {
      open = false;
      signal.removeEventListener('abort', abort);
      queueMicrotask(() => subscription.unsubscribe()); // it may be feeding its history just now
    };
    const abort = () => {
      close();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort);
    const subscription = group.journal$(fromSeq).subscribe({
      next: event => {
        if (!open || pass(event)) return;
        close();
        resolve('behind');
      },
      complete: () => {
        if (!open) return;
        close();
        resolve('ended');
      },
    });
  });
}
