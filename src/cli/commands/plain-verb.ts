import { z } from 'zod';
import { answerToLost } from '../../control/lost-request.ts';
import { BRIEF_VERBS, type BriefVerb, type ParamsOf } from '../../control/verbs.ts';
import type { KeptStatus } from '../../sdk/group/standing/kept-status.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import { VERBS, type VerbRow, type VerbsWith } from '../../words/verbs.ts';
import { afterLettingGo } from '../advice.ts';
import type { CliContext } from '../context.ts';
import { sessionsNamed } from '../groups/find.ts';
import { type OutcomeOptions, printOutcome } from '../groups/print-outcome.ts';
import { reachGroup } from '../groups/reach.ts';
import { readForVerb, refusedAsIs } from '../groups/refusals.ts';
import type { Action } from '../program/lazily.ts';
import type { CommandOf } from '../program/verb-command.ts';
import { takeGroup } from '../run/take.ts';

/** A verb without parameters other than the group and the session. */
export type PlainVerb = {
  [V in BriefVerb]: ParamsOf<V> extends { readonly text: string }
    ? never
    : ParamsOf<V> extends Readonly<Record<string, never>> | { readonly id: string }
      ? V
      : never;
}[BriefVerb];

type OfSession = VerbsWith<{ route: `${string}/:sid/${string}` }>;
const isOfSession = (verb: PlainVerb): verb is OfSession & PlainVerb => VERBS[verb].route.includes(':sid');

const PlainOptions = z.object({
  json: z.boolean().default(false),
  wait: z.boolean().default(true),
  takeOver: z.boolean().default(false),
});

/** What the command of a plain verb does: asks the group's owner, or takes the group over until the verb is done. */
export const plainVerb =
  (verb: PlainVerb, name: CommandOf<PlainVerb>): Action<[word: string, ...given: unknown[]]> =>
  async (context, word, ...given) => {
    const { until }: VerbRow = VERBS[verb];
    const session = isOfSession(verb) ? String(given[0]) : undefined;
    const { json, ...how } = PlainOptions.parse(given[session === undefined ? 0 : 1]);
    const options = { request: name.replace(/^group /, ''), wanted: until, json };
    const target = { word, session, ...how };
    context.exitCode = await (isOfSession(verb)
      ? ask(verb, { id: String(session) }, target, options, context)
      : ask(verb, {}, target, options, context));
  };

interface Target {
  readonly word: string;
  readonly session: string | undefined;
  readonly wait: boolean;
  readonly takeOver: boolean;
}

function ask<V extends PlainVerb>(
  verb: V,
  params: ParamsOf<V>,
  { word, session, wait, takeOver }: Target,
  options: OutcomeOptions,
  context: CliContext,
): Promise<number> {
  const { services, io } = context;
  const goOn = ({ group: { id } }: StoredGroup, status: KeptStatus) => {
    const next = afterLettingGo(id, status);
    if (next !== undefined && !options.json) io.stderr.write(`${next}\n`);
  };
  return reachGroup(
    word,
    context,
    { takeOver },
    {
      owned: async (client, stored) => {
        if (session !== undefined) sessionsNamed(session, stored);
        const outcome = await client.request(verb, params, { wait });
        const code = printOutcome(outcome, stored, options, io);
        if (verb === 'session_resume') goOn(stored, (await client.request('status', {})).status);
        return code;
      },
      free: async (stored, store) => {
        if (session !== undefined) sessionsNamed(session, stored);
        const saved = await readForVerb(verb, stored, services);
        const way = BRIEF_VERBS[verb];
        if (way === undefined) throw refusedAsIs(saved, verb);
        const group = await takeGroup(stored, store, context, { ...way.open, takeOver, plugins: false });
        const outcome = await way.begin(group, params, saved).finally(() => group.dispose());
        const code = printOutcome(outcome, stored, options, io);
        if (verb === 'session_resume') goOn(stored, saved.result.status);
        return code;
      },
      applied: async stored => {
        const outcome = await answerToLost(verb, stored, services, wait);
        return outcome && printOutcome(outcome, stored, options, io);
      },
    },
  );
}
