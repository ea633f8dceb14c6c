import { randomUUID } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { askToRedefine, askToResume, askToRetry } from '../../control/ask-owner.ts';
import { answerToLost, lastChanges } from '../../control/lost-request.ts';
import { takingOver, type Ways } from '../../control/reach.ts';
import { readSaved } from '../../control/read-saved.ts';
import { notAsked, notRunFromHere, readForRetry, readForVerb, refusedAsIs } from '../../control/refusals.ts';
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
import type { DefinitionChanges } from '../../sdk/group/definition/definition-changes.ts';
import type { GroupResult } from '../../sdk/group/progress/progress.ts';
import type { StoredGroup, TakeOptions } from '../../sdk/group/store/store.ts';
import { UsdLimit } from '../../sdk/usd.ts';
import { OF_FAN_OUTS } from '../../words/fan-outs.ts';
import { type ChangingVerb, VERBS, type VerbRow, type VerbsWith } from '../../words/verbs.ts';
import { checkNamed, checkSession } from './session-of.ts';
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

/** In the body of every request for a whole group. */
/** Of every verb that may take a group over. */
export const Taking = z.strictObject({ takeOver: z.boolean().default(false) });
/** Of what takes trees away. */
export const Leaving = Taking.extend({ discard: z.boolean().default(false) });
const UpdateBody = Taking.extend({
  definition: z.record(z.string(), z.unknown()),
  baseDir: z.string().refine(isAbsolute, 'expected an absolute path').optional(),
  variables: z.record(z.string(), z.unknown()).optional(),
  dryRun: z.boolean().default(false),
});

/** Verbs whose parameters differ from the owner's protocol, or that need more than one step. */
const CUSTOM = {
  async run(request) {
    const { id, world } = request;
    const { access, residents } = world;
    const taking = await request.read(Taking);
    const waiting = request.waiting();
    const ways: Ways<object> = {
      owned: async (_client, stored) => {
        const own = await residents.handleOf(id);
        if (own?.getProgress().status === 'created') return awaited(own, own.run(), waiting);
        throw notRunFromHere(await readSaved(stored, access), stored);
      },
      free: stored => setGoing('run', {}, RUNNING_VERBS.run, stored, request, { ...waiting, ...taking }),
    };
    return access.reach(id, ways, taking);
  },
  async resume(request) {
    const { takeOver, ...limit } = await request.read(Taking.extend({ maxBudgetUsd: UsdLimit.optional() }));
    const how = { ...request.waiting(), takeOver };
    let params: typeof limit = limit;
    const ways: Ways<object> = {
      owned: client => askToResume(client, params.maxBudgetUsd, how),
      free: stored => setGoing('resume', params, RUNNING_VERBS.resume, stored, request, how),
      applied: stored => {
        params = {}; // its limit has been set, and may have been changed since
        return answerToLost('resume', stored, request.world.access, how.wait);
      },
    };
    return request.world.access.reach(request.id, ways, { takeOver });
  },
  async retry(request) {
    const { access } = request.world;
    const {
      dryRun = false,
      takeOver,
      ...params
    } = await request.read(ControlParams.retry.extend(Taking.shape));
    const how = { ...request.waiting(), takeOver };
    const ways: Ways<object> = {
      owned: client =>
        dryRun ? client.request('retry', { ...params, dryRun }) : askToRetry(client, params, how),
      free: async stored => {
        if (dryRun) return { sessions: (await readSaved(stored, access)).view.retryPlan(params.sessions) };
        const look = readForRetry(params.sessions, stored, access);
        return setGoing('retry', params, RUNNING_VERBS.retry, stored, request, how, look);
      },
      // It is to be retried; what is left is to go on.
      applied: async stored =>
        (await answerToLost('retry', stored, access, how.wait)) ??
        (await setGoing('resume', {}, RUNNING_VERBS.resume, stored, request, how)),
    };
    return access.reach(request.id, ways, { takeOver });
  },
  async integrate(request) {
    const { takeOver, ...params } = await request.read(ControlParams.integrate.extend(Taking.shape));
    const how = { ...request.waiting(), takeOver };
    const ways: Ways<object> = {
      owned: client => client.request('integrate', params, how),
      free: stored => setGoing('integrate', params, RUNNING_VERBS.integrate, stored, request, how),
      applied: stored => answerToLost('integrate', stored, request.world.access, how.wait),
    };
    return request.world.access.reach(request.id, ways, { takeOver });
  },
  async set_max_budget(request) {
    const { maxBudgetUsd, ...taking } = await request.read(Taking.extend({ maxBudgetUsd: UsdLimit }));
    return briefly('set_max_budget', { usd: maxBudgetUsd }, request, taking);
  },
  async redefine(request) {
    const { definition, baseDir, variables, dryRun, takeOver } = await request.read(UpdateBody);
    const { access, residents, env, manager } = request.world;
    const { definition: replaces } = (await access.read(request.id)).group;
    const loading = given({ env, baseDir, variables, agents: manager.agents });
    const loaded = await parseDefinition(definition, { ...loading, replaces });
    const { files } = loaded;
    const ways: Ways<DefinitionChanges> = {
      owned: client =>
        askToRedefine(client, { kind: 'update', definition: loaded.definition, files }, { dryRun }),
      free: () =>
        residents.borrow(request.id, { takeOver }, group =>
          group.update(loaded.definition, { files, dryRun }),
        ),
      applied: async stored => lastChanges(stored),
    };
    return { changes: await access.reach(request.id, ways, { takeOver }) };
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
  async session_send(request) {
    const { text, takeOver } = await request.read(
      Taking.extend({ text: ControlParams.session_send.shape.text }),
    );
    const messageId = randomUUID();
    const params = { id: request.session, text, messageId, by: 'http' as const };
    return { ...(await briefly('session_send', params, request, { takeOver })), messageId };
  },
  async archive({ id, world, read }) {
    const taking = await read(Taking);
    await world.access.read(id);
    await takingOver(world.manager.archive(id, taking), () => world.access.read(id), world.clock);
    return ACCEPTED;
  },
  /** Also works for a damaged group. */
  async delete({ id, world, read }) {
    const taking = await read(Leaving);
    const metas = await world.access.store.list({ archived: true });
    if (!metas.some(meta => meta.id === id)) await world.access.read(id); // throws `unknown_group`
    await takingOver(world.manager.delete(id, taking), () => world.access.read(id), world.clock);
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
  if (!isOfSession(verb)) return briefly(verb, {}, request, await request.read(Taking));
  const taking = await request.read(Taking);
  return verb === 'session_pause'
    ? briefly(verb, { id: request.session, by: 'http' }, request, taking)
    : briefly(verb, { id: request.session }, request, taking);
}

/** Sends the verb to the group's owner, or takes the group over for a moment. */
function briefly<V extends BriefVerb>(
  verb: V,
  params: ParamsOf<V>,
  request: VerbRequest,
  taking: TakeOptions = {},
): Promise<object> {
  const { id, session, world } = request;
  const { access, residents } = world;
  const { until }: VerbRow = VERBS[verb];
  const waiting = until === undefined ? undefined : request.waiting();
  const check = (stored: StoredGroup) => {
    if (session !== '') (OF_FAN_OUTS.has(verb) ? checkNamed : checkSession)(session, stored);
  };
  const ways: Ways<object> = {
    owned: (client, stored) => {
      check(stored);
      return client.request(verb, params, waiting ?? {});
    },
    free: async stored => {
      check(stored);
      const look = await readForVerb(verb, stored, access);
      const way = BRIEF_VERBS[verb];
      if (way === undefined) throw refusedAsIs(look, verb);
      const outcome = await residents.borrow(id, { ...way.open, ...taking }, group =>
        way.begin(group, params, look),
      );
      return waiting?.wait === false ? ACCEPTED : outcome;
    },
    applied: stored => answerToLost(verb, stored, access, waiting?.wait ?? false),
  };
  return access.reach(id, ways, taking);
}

async function setGoing<P>(
  verb: ChangingVerb,
  params: P,
  { open, begin }: TakeOver<P, GroupResult>,
  stored: StoredGroup,
  { id, world }: VerbRequest,
  { takeOver = false, ...waiting }: Waiting & TakeOptions,
  reading = readForVerb(verb, stored, world.access),
): Promise<object> {
  const { residents } = world;
  const look = await reading;
  return host(id, { ...open, takeOver }, group => begin(group, params, look), { residents, waiting });
}
