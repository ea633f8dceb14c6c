import { z } from 'zod';
import { RefusedError } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import type { OpenOptions } from '../sdk/group/api/take-over.ts';
import { LONGEST_SENT } from '../sdk/group/journal/session-lists.ts';
import type { GroupResult } from '../sdk/group/progress/progress.ts';
import type { GroupRunner } from '../sdk/group/runner.ts';
import { SessionId } from '../sdk/group/types.ts';
import { Usd, UsdLimit } from '../sdk/usd.ts';
import type { ChangingVerb, WireVerb } from '../words/verbs.ts';
import type { SavedGroupView } from './read-saved.ts';
import { RedefineParams, redefineGroup } from './redefine.ts';
import { feedWatcher } from './watch-feed.ts';
import type { ControlContext } from './wire/request-context.ts';

/*
 * Parameters and effects of the verbs in src/words/verbs.ts: over the socket of a group's owner, and on a group without
 * an owner.
 */

const none = z.strictObject({});

/** The parameters of each verb in a request to an owner. */
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
  integrate: z.strictObject({ into: z.string().min(1).optional() }),
  redefine: RedefineParams,
  set_max_budget: z.strictObject({ usd: UsdLimit }),
  session_pause: z.strictObject({
    id: SessionId,
    /** Where the request came from, for the journal. Default: `cli`. */
    by: z.enum(['cli', 'http']).optional(),
  }),
  session_resume: z.strictObject({ id: SessionId }),
  session_send: z.strictObject({
    id: SessionId,
    text: z.string().min(1).max(LONGEST_SENT),
    /** By which the asker finds it in the journal, if the owner does not live to answer. */
    messageId: z.string().min(1).max(100),
    /** Where it comes from, for the journal. Default: `cli`. */
    by: z.enum(['cli', 'http']).optional(),
  }),
  answer: z.strictObject({
    sessionId: SessionId.optional(),
    requestId: z.string().min(1),
    decision: z.enum(['allow', 'deny']),
    /** Where the answer came from, for the journal. Default: `cli`. */
    by: z.enum(['cli', 'http']).optional(),
    answer: z.string().min(1).optional(),
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
 * Lets other processes control the group that this one owns: each verb calls the handle, and refuses as it does.
 * A watcher never slows the group: one that falls behind reads from the journal.
 */
export function groupHandlers(group: GroupRunner) {
  const reached = async (wait: boolean, done: Promise<GroupResult>) => {
    const result = await done;
    return wait ? result : ACCEPTED;
  };
  return {
    status: async () => group.getProgress(),
    pause: (_, { wait }) => reached(wait, group.pause({ wait })),
    resume: ({ maxBudgetUsd }, { wait }) => reached(wait, group.resume(given({ wait, maxBudgetUsd }))),
    stop: (_, { wait }) => reached(wait, group.stop({ wait })),
    /** With `dryRun`, replies with the `sessions` that would run again. */
    retry: async ({ sessions, fresh, dryRun }, { wait }) => {
      if (dryRun) return { sessions: group.retryPlan(sessions) };
      return reached(wait, group.retry(given({ wait, sessions, fresh })));
    },
    integrate: ({ into }, { wait }) => reached(wait, group.integrate(given({ wait, into }))),
    redefine: params => redefineGroup(group, params),
    set_max_budget: ({ usd }) => accepted(group.setMaxBudget(usd)),
    session_pause: ({ id, by = 'cli' }) => accepted(group.pauseSession(id, { by })),
    session_resume: ({ id }) => accepted(group.resumeSession(id)),
    session_send: ({ id, text, by = 'cli', messageId }) => accepted(group.send(id, text, { by, messageId })),
    answer: async ({ sessionId, requestId, decision, by = 'cli', answer }) => {
      const wait = sessionId === undefined ? undefined : group.why(sessionId);
      if (sessionId !== undefined && !(wait?.kind === 'approval' && wait.requestId === requestId)) {
        const text = `${sessionId} has no open permission request "${requestId}"`;
        throw new RefusedError('no_such_request', text);
      }
      return accepted(group.answer(requestId, decision, by, answer));
    },
    /** `why` is absent if nothing is waiting. */
    why: async ({ id }) => {
      const why = group.why(id);
      return why === undefined ? {} : { why };
    },
    /** Replies after the last event. */
    watch: ({ fromSeq = 0 }, context) => feedWatcher(group.settlingReader(fromSeq), context),
  } satisfies {
    readonly [V in WireVerb]: (params: ParamsOf<V>, context: ControlContext) => Promise<unknown>;
  };
}

/** The reply to each verb. */
export type ControlResults = {
  readonly [V in WireVerb]: Awaited<ReturnType<ReturnType<typeof groupHandlers>[V]>>;
};
/** What the owner does for other processes: a function for each verb. */
export type ControlHandlers = {
  readonly [V in WireVerb]: (params: ParamsOf<V>, context: ControlContext) => Promise<ControlResults[V]>;
};

/** A group that is asked to go on with a spent budget stays as it is, and can say so. */
export async function unlessSpent<T>(goingOn: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await goingOn;
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'budget_exhausted') return otherwise;
    throw error;
  }
}

/** What the verbs use of a group that was taken over for them. */
export type TakenGroup = Pick<
  GroupRunner,
  | 'run'
  | 'rest'
  | 'stop'
  | 'resume'
  | 'retry'
  | 'integrate'
  | 'setMaxBudget'
  | 'pauseSession'
  | 'resumeSession'
  | 'send'
  | 'getProgress'
  | 'getResult'
>;

/** How to carry out a verb on a group without an owner: the group is taken over for it. */
export interface TakeOver<Params, Result> {
  readonly open: OpenOptions;
  begin(group: TakenGroup, params: Params, saved: SavedGroupView): Promise<Result>;
}

/** An interrupted group is paused when it is opened. */
const AT_REST: OpenOptions = { pauseInterrupted: true };

/** The verbs after which the group runs; it is owned until it is at rest again. */
export const RUNNING_VERBS = {
  run: { open: {}, begin: group => group.run() },
  resume: {
    open: {},
    async begin(group, { maxBudgetUsd }: { readonly maxBudgetUsd?: number | 'none' | undefined }, { view }) {
      // A stop that was under way when the owner died is carried out.
      if (view.result.status === 'stopping') return group.stop();
      // Agents that work elsewhere outlive an owner that was pausing them.
      if (group.getProgress().status === 'pausing') {
        const result = await group.rest();
        if (result.status !== 'paused') return result;
      }
      return group.resume(maxBudgetUsd === undefined ? {} : { maxBudgetUsd });
    },
  },
  /** A paused group is also resumed, if its budget allows. */
  retry: {
    open: AT_REST,
    async begin(group, { sessions, fresh = false }: ParamsOf<'retry'>) {
      const isPaused = group.getProgress().status === 'paused';
      const result = await group.retry({ fresh, ...(sessions ? { sessions } : {}) });
      return isPaused ? unlessSpent(group.resume(), result) : result;
    },
  },
  integrate: {
    open: AT_REST,
    begin: (group, { into }: ParamsOf<'integrate'>) => group.integrate(given({ into })),
  },
} satisfies Record<string, TakeOver<never, GroupResult>>;

/** The verbs that finish at once; the group is released after them. */
export type BriefVerb = Exclude<WireVerb & ChangingVerb, keyof typeof RUNNING_VERBS>;

type BriefVerbs = {
  readonly [V in BriefVerb]: TakeOver<ParamsOf<V>, GroupResult | Accepted> | undefined;
};

const BRIEF = {
  pause: { open: AT_REST, begin: async group => group.getResult() },
  stop: { open: AT_REST, begin: group => group.stop() },
  set_max_budget: { open: {}, begin: (group, { usd }) => accepted(group.setMaxBudget(usd)) },
  session_pause: {
    open: {},
    begin: (group, { id, by = 'cli' }) => accepted(group.pauseSession(id, { by })),
  },
  session_resume: { open: {}, begin: (group, { id }) => accepted(group.resumeSession(id)) },
  session_send: {
    open: {},
    begin: (group, { id, text, by = 'cli', messageId }) => accepted(group.send(id, text, { by, messageId })),
  },
  answer: undefined,
  redefine: undefined, // the caller has already read the definition
} satisfies BriefVerbs;

/** A group without an owner is taken over for it. */
export type TakingVerb = {
  [V in BriefVerb]: (typeof BRIEF)[V] extends undefined ? never : V;
}[BriefVerb];

/** Undefined: the group is not taken over for the verb. */
export const BRIEF_VERBS: BriefVerbs = BRIEF;
