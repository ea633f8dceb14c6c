import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { askToRedefine, askToResume, askToRetry } from '../../control/ask-owner.ts';
import { answerToLost, lastChanges } from '../../control/lost-request.ts';
import { readSaved } from '../../control/read-saved.ts';
import { notAsked, readForVerb, refusedAsIs } from '../../control/refusals.ts';
import {
  ACCEPTED,
  BRIEF_VERBS,
  type BriefVerb,
  ControlParams,
  type ParamsOf,
  RUNNING_VERBS,
  type TakeOver,
} from '../../control/verbs.ts';
import { given } from '../../sdk/given.ts';
import { parseDefinition } from '../../sdk/group/definition/definition.ts';
import type { GroupResult } from '../../sdk/group/progress/progress.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import { type ChangingVerb, VERBS, type VerbRow, type VerbsWith } from '../../words/verbs.ts';
import { checkSession } from './session-of.ts';
import { awaited, host, type Waiting } from './waiting.ts';
import type { ApiWorld } from './world.ts';

/*
 * The verbs on groups and their sessions, with the rules of the command line: a request for a running group goes to its
 * owner; a group that is not running is taken over for as long as the request needs. A request that the group's state
 * does not allow is refused without taking the group over.
 */

/** A request for a verb: its group and session, and access to its body and query. */
export interface VerbRequest {
  readonly id: string;
  /** Empty for a verb on the whole group. */
  readonly session: string;
  readonly world: ApiWorld;
  /** @throws HttpError if the body does not match. */
  read<S extends z.ZodType>(schema: S): Promise<z.output<S>>;
  /** @throws HttpError if the query does not match. */
  waiting(): Waiting;
}

type ApiVerb = (request: VerbRequest) => Promise<object>;

const Usd = z.union(
  [z.number().positive(), z.literal('none')],
  'expected an amount above 0 in USD, or "none"',
);
const Nothing = z.strictObject({});
const UpdateBody = z.strictObject({
  definition: z.record(z.string(), z.unknown()),
  baseDir: z.string().refine(isAbsolute, 'expected an absolute path').optional(),
  dryRun: z.boolean().default(false),
});

/** Verbs whose parameters differ from the owner's protocol, or that need more than one step. */
const CUSTOM = {
  async run(request) {
    const { id, world } = request;
    const { access, residents } = world;
    await request.read(Nothing);
    const waiting = request.waiting();
    return access.reach<object>(id, {
      owned: async (_client, stored) => {
        const own = await residents.handleOf(id);
        if (own?.getProgress().status === 'created') return awaited(own, own.run(), waiting);
        throw refusedAsIs(await readSaved(stored, access), 'run');
      },
      free: stored => setGoing('run', {}, RUNNING_VERBS.run, stored, request, waiting),
    });
  },
  async resume(request) {
    const params = await request.read(z.strictObject({ maxBudgetUsd: Usd.optional() }));
    const waiting = request.waiting();
    return request.world.access.reach<object>(request.id, {
      owned: client => askToResume(client, params.maxBudgetUsd, waiting),
      free: stored => setGoing('resume', params, RUNNING_VERBS.resume, stored, request, waiting),
    });
  },
  async retry(request) {
    const { access } = request.world;
    const { dryRun = false, ...params } = await request.read(ControlParams.retry);
    const waiting = request.waiting();
    return access.reach<object>(request.id, {
      owned: client =>
        dryRun ? client.request('retry', { ...params, dryRun }) : askToRetry(client, params, waiting),
      free: async stored => {
        if (dryRun) return { sessions: (await readSaved(stored, access)).view.retryPlan(params.sessions) };
        return setGoing('retry', params, RUNNING_VERBS.retry, stored, request, waiting);
      },
      // It is to be retried; what is left is to go on.
      applied: async stored =>
        (await answerToLost('retry', stored, access, waiting.wait)) ??
        (await setGoing('resume', {}, RUNNING_VERBS.resume, stored, request, waiting)),
    });
  },
  async set_max_budget(request) {
    const { maxBudgetUsd } = await request.read(z.strictObject({ maxBudgetUsd: Usd }));
    return briefly('set_max_budget', { usd: maxBudgetUsd }, request);
  },
  async redefine(request) {
    const { definition, baseDir, dryRun } = await request.read(UpdateBody);
    const { access, residents, env } = request.world;
    const loaded = await parseDefinition(definition, given({ env, baseDir }));
    const { files } = loaded;
    const changes = await access.reach(request.id, {
      owned: client =>
        askToRedefine(client, { kind: 'update', definition: loaded.definition, files }, { dryRun }),
      free: () =>
        residents.borrow(request.id, {}, group => group.update(loaded.definition, { files, dryRun })),
      applied: async stored => lastChanges(stored),
    });
    return { changes };
  },
  async answer(request) {
    const { session, world } = request;
    const params = await request.read(
      ControlParams.answer.pick({ requestId: true, decision: true, answer: true }),
    );
    return world.access.reach<object>(request.id, {
      owned: (client, stored) => {
        checkSession(session, stored);
        return client.request('answer', { ...params, sessionId: session, by: 'http' });
      },
      free: async stored => {
        checkSession(session, stored);
        throw notAsked(session);
      },
      applied: async () => ACCEPTED,
    });
  },
  async archive({ id, world, read }) {
    await read(Nothing);
    await world.access.read(id);
    await world.manager.archive(id);
    return ACCEPTED;
  },
  /** Also works for a damaged group. */
  async delete({ id, world, read }) {
    await read(Nothing);
    const metas = await world.access.store.list({ archived: true });
    if (!metas.some(meta => meta.id === id)) await world.access.read(id); // throws `unknown_group`
    await world.manager.delete(id);
    return ACCEPTED;
  },
} satisfies Partial<Record<ChangingVerb, ApiVerb>>;

type OwnVerb = keyof typeof CUSTOM;
type SessionVerb = VerbsWith<{ route: `${string}/:sid/${string}` }>;
const isOwn = (verb: ChangingVerb): verb is OwnVerb => Object.hasOwn(CUSTOM, verb);
const isOfSession = (verb: ChangingVerb): verb is SessionVerb & ChangingVerb =>
  VERBS[verb].route.includes(':sid');

/** Executes a verb. */
export async function executeVerb(verb: ChangingVerb, request: VerbRequest): Promise<object> {
  if (isOwn(verb)) return CUSTOM[verb](request);
  if (!isOfSession(verb)) return briefly(verb, await request.read(ControlParams[verb]), request);
  await request.read(Nothing);
  return briefly(verb, { id: request.session }, request);
}

/** Sends the verb to the group's owner, or takes the group over for a moment. */
function briefly<V extends BriefVerb>(verb: V, params: ParamsOf<V>, request: VerbRequest): Promise<object> {
  const { id, session, world } = request;
  const { access, residents } = world;
  const { until }: VerbRow = VERBS[verb];
  const options = until === undefined ? {} : request.waiting();
  const check = (stored: StoredGroup) => {
    if (session !== '') checkSession(session, stored);
  };
  return access.reach<object>(id, {
    owned: (client, stored) => {
      check(stored);
      return client.request(verb, params, options);
    },
    free: async stored => {
      check(stored);
      const look = await readForVerb(verb, stored, access);
      const taking = BRIEF_VERBS[verb];
      if (taking === undefined) throw refusedAsIs(look, verb);
      return residents.borrow(id, taking.open, group => taking.begin(group, params, look));
    },
    applied: stored => answerToLost(verb, stored, access, request.waiting().wait),
  });
}

async function setGoing<P>(
  verb: ChangingVerb,
  params: P,
  { open, begin }: TakeOver<P, GroupResult>,
  stored: StoredGroup,
  { id, world }: VerbRequest,
  waiting: Waiting,
): Promise<object> {
  const { access, residents } = world;
  const look = await readForVerb(verb, stored, access);
  return host(id, open, group => begin(group, params, look), { residents, waiting });
}
