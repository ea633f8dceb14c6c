import { z } from 'zod';
import { refuseSuspended, takingOver } from '../../../control/reach.ts';
import { RUNNING_VERBS } from '../../../control/verbs.ts';
import { systemClock } from '../../../sdk/clock.ts';
import { given } from '../../../sdk/given.ts';
import type { CliContext } from '../../context.ts';
import { EXIT } from '../../exit-codes.ts';
import { findGroup } from '../../groups/find.ts';
import { reachGroup } from '../../groups/reach.ts';
import { integrateRefusal, readForVerb, withCommand } from '../../groups/refusals.ts';
import { askAndFollow } from '../../run/follow.ts';
import { runHere } from '../../run/foreground.ts';
import { TakenOptions } from '../../run/run-options.ts';
import { takeGroup } from '../../run/take.ts';
import { integrateLines, undoLines } from '../../show/integrate-text.ts';
import { jsonLine } from '../../text.ts';

const IntegrateOptions = TakenOptions.extend({
  into: z.string().min(1).optional(),
  undo: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});

/** `group integrate ID`: puts what was merged into a branch of the user's, here or in the process that owns the group. */
export async function groupIntegrate(context: CliContext, word: string, given_: unknown): Promise<void> {
  const { services, io } = context;
  const { into, undo, dryRun, ...options } = IntegrateOptions.parse(given_);
  if (undo) {
    context.exitCode = await takeBack(word, { ...options, dryRun }, context);
    return;
  }
  if (dryRun) {
    context.exitCode = await printPlan(word, into, options.json, context);
    return;
  }
  const params = given({ into });
  // Found once: when it is done, the word may mean another group.
  const { id } = (await findGroup(word, await services.openStore(io.env), context)).group;
  const code = await reachGroup(id, context, options, {
    owned: (client, stored) => {
      const ask = () => client.request('integrate', params, { wait: false });
      return withCommand(stored.group.id, askAndFollow(client, stored, ask, options, context));
    },
    free: async (stored, store) => {
      await readForVerb('integrate', stored, services);
      const group = await takeGroup(stored, store, context, options);
      const begin = () => RUNNING_VERBS.integrate.begin(group, params);
      return withCommand(group.id, runHere(group, begin, options, context));
    },
  });
  if (!SETTLED.has(code)) {
    context.exitCode = code;
    return;
  }
  const isLeft = (await planned(id, into, context)).repositories.some(isAhead);
  context.exitCode = isLeft ? EXIT.refused : EXIT.completed;
}

/** What can be delivered as the group and the repositories stand now. */
async function planned(word: string, into: string | undefined, context: CliContext) {
  const { services, io } = context;
  const stored = await findGroup(word, await services.openStore(io.env), context);
  const { viewDelivery } = await services.delivery();
  return { stored, repositories: await viewDelivery(stored, { env: io.env }).repositories(into) };
}

async function printPlan(
  word: string,
  into: string | undefined,
  json: boolean,
  context: CliContext,
): Promise<number> {
  const { io } = context;
  const { stored, repositories } = await planned(word, into, context);
  const refused = await integrateRefusal(stored, into, context.services);
  if (refused) refuseSuspended(stored, systemClock);
  if (refused) return withCommand(stored.group.id, Promise.reject(refused));
  for (const found of repositories) {
    if (json) io.stdout.write(jsonLine({ type: 'delivery', groupId: stored.group.id, ...found }));
    else for (const line of integrateLines(found, repositories)) io.stdout.write(`${line}\n`);
  }
  return repositories.some(({ delivery }) => STUCK.has(delivery)) ? EXIT.refused : EXIT.completed;
}

async function takeBack(
  word: string,
  {
    dryRun,
    json,
    takeOver,
  }: { readonly dryRun: boolean; readonly json: boolean; readonly takeOver: boolean },
  context: CliContext,
): Promise<number> {
  const { services, io } = context;
  const { env } = io;
  const store = await services.openStore(env);
  const stored = await findGroup(word, store, context);
  const groupId = stored.group.id;
  const view = dryRun ? (await services.delivery()).viewDelivery(stored, { env }) : undefined;
  const repositories = view
    ? await view.undo()
    : await takingOver(services.undoDelivery(groupId, store, { env, takeOver }), () => store.read(groupId));
  const refused = view?.undoRefusal(repositories);
  if (refused) throw refused;
  for (const found of repositories) {
    if (json) io.stdout.write(jsonLine({ type: 'undo', groupId, ...found }));
    else for (const line of undoLines(found, repositories)) io.stdout.write(`${line}\n`);
  }
  if (!dryRun && !json) io.stderr.write('It is taken back.\n');
  return repositories.some(({ undo }) => STUCK.has(undo)) ? EXIT.refused : EXIT.completed;
}

/** A group is delivered whatever it had settled as; that is another command's to say. */
const SETTLED: ReadonlySet<number> = new Set([EXIT.completed, EXIT.failed, EXIT.agentUnavailable]);

const STUCK: ReadonlySet<string> = new Set(['conflict', 'refused', 'unreadable']);

/** The group's branch has what the branch that it goes into has not. */
const isAhead = ({ delivery }: { readonly delivery: string }): boolean =>
  STUCK.has(delivery) || delivery === 'ready' || delivery === 'behind';
