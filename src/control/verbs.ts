import { z } from 'zod';
import { RefusedError } from '../sdk/errors.ts';
import type { SessionGroupHandle } from '../sdk/group/api/handle.ts';
import type { OpenOptions } from '../sdk/group/api/take-over.ts';
import type { GroupResult } from '../sdk/group/progress/progress.ts';
import { SessionId } from '../sdk/group/types.ts';
import type { ChangingVerb, WireVerb } from '../words/verbs.ts';
import { eventLog } from './event-log.ts';
import type { SavedGroupView } from './read-saved.ts';
import { RedefineParams, redefineGroup } from './redefine.ts';
import { feedWatcher } from './watch-feed.ts';
import type { ControlContext } from './wire/request-context.ts';

/*
 * What the verbs of src/words/verbs.ts take and do: over the socket of a group's owner, and with a group that nobody
 * runs.
 */

const none = z.strictObject({});
const Usd = z.number().positive();

/** The parameters of each verb, as an owner is asked. */
export const ControlParams = {
  status: none,
  pause: none,
  resume: z.strictObject({ maxBudgetUsd: Usd.optional() }),
  stop: none,
  retry: z.strictObject({
    sessions: z.array(SessionId).min(1).optional(),
    fresh: z.boolean().optional(),
    dryRun: z.boolean().optional(),
  }),
  redefine: RedefineParams,
  set_max_budget: z.strictObject({ usd: z.union([Usd, z.literal('none')]) }),
  session_pause: z.strictObject({ id: SessionId }),
  session_resume: z.strictObject({ id: SessionId }),
  answer: z.strictObject({
    sessionId: SessionId.optional(),
    requestId: z.string().min(1),
    decision: z.enum(['allow', 'deny']),
    /** Through what the person answered, for the journal. Default: the command line. */
    by: z.enum(['cli', 'http']).optional(),
  }),
  why: z.strictObject({ id: SessionId.optional() }),
  watch: z.strictObject({ fromSeq: z.number().int().nonnegative().optional() }),
} satisfies Record<WireVerb, z.ZodType>;
export type ParamsOf<V extends WireVerb> = z.output<(typeof ControlParams)[V]>;

export const isWireVerb = (name: string): name is WireVerb => Object.hasOwn(ControlParams, name);

/** The reply to a request with `wait: false`. */
export interface Accepted {
  readonly accepted: true;
}
export const ACCEPTED: Accepted = { accepted: true };

async function accepted(done: Promise<unknown>): Promise<Accepted> {
  await done;
  return ACCEPTED;
}

/**
 * Lets other processes drive the group that this one owns: each verb is the handle's own, with its refusals.
 * A watcher never slows the group: one that falls behind reads its backlog from the journal.
 */
export function groupHandlers(group: SessionGroupHandle) {
  /** From the first watcher on. */
  let log: ReturnType<typeof eventLog> | undefined;
  const reached = async (wait: boolean, done: Promise<GroupResult>) => {
    const result = await done;
    return wait ? result : ACCEPTED;
  };
  return {
    status: async () => group.getProgress(),
    pause: (_, { wait }) => reached(wait, group.pause({ wait })),
    resume: ({ maxBudgetUsd }, { wait }) =>
      reached(wait, group.resume({ wait, ...(maxBudgetUsd === undefined ? {} : { maxBudgetUsd }) })),
    stop: (_, { wait }) => reached(wait, group.stop({ wait })),
    /** `sessions`: what under `dryRun` would run again. */
    retry: async ({ sessions, fresh, dryRun }, { wait }) => {
      if (dryRun) return { sessions: group.retryPlan(sessions) };
      const options = { wait, ...(sessions ? { sessions } : {}), ...(fresh === undefined ? {} : { fresh }) };
      return reached(wait, group.retry(options));
    },
    redefine: params => redefineGroup(group, params),
    set_max_budget: ({ usd }) => accepted(group.setMaxBudget(usd)),
    session_pause: ({ id }) => accepted(group.pauseSession(id)),
    session_resume: ({ id }) => accepted(group.resumeSession(id)),
    answer: async ({ sessionId, requestId, decision, by = 'cli' }) => {
      const wait = sessionId === undefined ? undefined : group.why(sessionId);
      if (sessionId !== undefined && !(wait?.kind === 'approval' && wait.requestId === requestId)) {
        const text = `${sessionId} does not wait for an answer to "${requestId}"`;
        throw new RefusedError('no_such_request', text);
      }
      return accepted(group.answer(requestId, decision, by));
    },
    /** `why` is absent when it is going on. */
    why: async ({ id }) => {
      const why = group.why(id);
      return why === undefined ? {} : { why };
    },
    /** Replied when the stream has ended: the events are over. */
    watch: ({ fromSeq = 0 }, context) => {
      log ??= eventLog(group);
      return feedWatcher(log.reader(fromSeq), context);
    },
  } satisfies {
    readonly [V in WireVerb]: (params: ParamsOf<V>, context: ControlContext) => Promise<unknown>;
  };
}

/** What each verb is replied with. */
export type ControlResults = {
  readonly [V in WireVerb]: Awaited<ReturnType<ReturnType<typeof groupHandlers>[V]>>;
};
/** What the owner does for other processes: one function for each verb that it can be asked. */
export type ControlHandlers = {
  readonly [V in WireVerb]: (params: ParamsOf<V>, context: ControlContext) => Promise<ControlResults[V]>;
};

/** What the verbs use of a group that was taken for them. */
export type TakenGroup = Pick<
  SessionGroupHandle,
  'run' | 'stop' | 'resume' | 'retry' | 'setMaxBudget' | 'resumeSession' | 'getProgress' | 'getResult'
>;

/** How a verb is carried out in a group that nobody runs: the group is taken for it. */
export interface Taking<Params, Result> {
  readonly open: OpenOptions;
  begin(group: TakenGroup, params: Params, look: SavedGroupView): Promise<Result>;
}

/** A group whose process has died rests by it. */
const AT_REST: OpenOptions = { pauseInterrupted: true };

/** The group is owned until it rests again. */
export const SETS_GOING = {
  run: { open: {}, begin: group => group.run() },
  resume: {
    open: {},
    begin(group, { maxBudgetUsd }: { readonly maxBudgetUsd?: number | 'none' | undefined }, { view }) {
      // A stop that was under way when its process died is carried out.
      if (view.result.status === 'stopping') return group.stop();
      return group.resume(maxBudgetUsd === undefined ? {} : { maxBudgetUsd });
    },
  },
  /** A group that is paused goes on with it. */
  retry: {
    open: AT_REST,
    async begin(group, { sessions, fresh = false }: ParamsOf<'retry'>) {
      const isPaused = group.getProgress().status === 'paused';
      const result = await group.retry({ fresh, ...(sessions ? { sessions } : {}) });
      return isPaused ? group.resume() : result;
    },
  },
} satisfies Record<string, Taking<never, GroupResult>>;

/** The verbs that are over at once; the group is given back then. */
export type BriefVerb = Exclude<WireVerb & ChangingVerb, keyof typeof SETS_GOING>;

/** Undefined: nothing is taken for it. */
export const TAKES_BRIEFLY: {
  readonly [V in BriefVerb]: Taking<ParamsOf<V>, GroupResult | Accepted> | undefined;
} = {
  pause: { open: AT_REST, begin: async group => group.getResult() },
  stop: { open: AT_REST, begin: group => group.stop() },
  set_max_budget: { open: {}, begin: (group, { usd }) => accepted(group.setMaxBudget(usd)) },
  session_pause: undefined,
  session_resume: { open: {}, begin: (group, { id }) => accepted(group.resumeSession(id)) },
  answer: undefined,
  redefine: undefined, // who asks has read the definition already
};
