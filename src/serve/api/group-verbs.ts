import { lookAt } from '../../control/look.ts';
import type { Accepted, ControlResults } from '../../control/wire/handlers.ts';
import type { SessionGroupHandle } from '../../sdk/group/api/handle.ts';
import { lookIf, refusedAsIs } from './refusals.ts';
import { ACCEPTED, awaited, host, type Outcome, type Waiting } from './waiting.ts';
import type { ApiWorld } from './world.ts';

/*
 * The verbs on whole groups, with the rules of the command line: a group that somebody runs is asked through its owner,
 * one that nobody runs is taken, for as long as it takes. What its state does not allow is refused, and nothing taken.
 */

export function runGroup(id: string, world: ApiWorld, waiting: Waiting): Promise<Outcome> {
  const { access, residents } = world;
  return access.reach(id, {
    owned: async (_client, stored) => {
      const own = await residents.handleOf(id);
      if (own?.getProgress().status === 'created') return awaited(own, own.run(), waiting);
      throw refusedAsIs(await lookAt(stored, access), 'started');
    },
    free: async stored => {
      await lookIf(['created'], stored, access, 'started');
      return host(id, {}, group => group.run(), { residents, waiting });
    },
  });
}

export function pauseGroup(id: string, { access, residents }: ApiWorld, waiting: Waiting): Promise<Outcome> {
  return access.reach(id, {
    owned: client => client.request('pause', {}, waiting),
    free: async stored => {
      const look = await lookIf(['interrupted'], stored, access, 'paused');
      if (look.view.result.status === 'stopping') throw refusedAsIs(look, 'paused');
      // The process that ran it died: to take the group over carries the pause out.
      return residents.borrow(id, { pauseInterrupted: true }, async group => group.getResult());
    },
  });
}

export function resumeGroup(
  id: string,
  { maxBudgetUsd }: { readonly maxBudgetUsd?: number | 'none' | undefined },
  { access, residents }: ApiWorld,
  waiting: Waiting,
): Promise<Outcome> {
  return access.reach(id, {
    owned: async client => {
      if (maxBudgetUsd === undefined) return client.request('resume', {}, waiting);
      const { status } = await client.request('status', {});
      const raises = status === 'running' || status === 'paused';
      if (raises) await client.request('set_max_budget', { usd: maxBudgetUsd });
      // A running group needs nothing but its new limit.
      return status === 'running' ? ACCEPTED : client.request('resume', {}, waiting);
    },
    free: async stored => {
      const { view } = await lookIf(['paused', 'interrupted'], stored, access, 'resumed');
      const limit = maxBudgetUsd === undefined ? {} : { maxBudgetUsd };
      // A stop that was under way when its process died is carried out.
      const isStopping = view.result.status === 'stopping';
      const begin = (group: SessionGroupHandle) => (isStopping ? group.stop() : group.resume(limit));
      return host(id, {}, begin, { residents, waiting });
    },
  });
}

export function stopGroup(id: string, { access, residents }: ApiWorld, waiting: Waiting): Promise<Outcome> {
  return access.reach(id, {
    owned: client => client.request('stop', {}, waiting),
    free: async stored => {
      await lookIf(['paused', 'interrupted'], stored, access, 'stopped');
      return residents.borrow(id, { pauseInterrupted: true }, group => group.stop());
    },
  });
}

export interface RetryRequest {
  readonly sessions?: readonly string[] | undefined;
  readonly fresh: boolean;
  readonly dryRun: boolean;
}

/** A group that is paused goes on with it. */
export function retryGroup(
  id: string,
  { sessions, fresh, dryRun }: RetryRequest,
  { access, residents }: ApiWorld,
  waiting: Waiting,
): Promise<ControlResults['retry']> {
  const selected = sessions === undefined ? {} : { sessions: [...sessions] };
  return access.reach(id, {
    owned: async client => {
      if (dryRun) return client.request('retry', { ...selected, dryRun });
      const { status } = await client.request('status', {});
      if (status !== 'paused') return client.request('retry', { ...selected, fresh }, waiting);
      await client.request('retry', { ...selected, fresh }, { wait: false });
      return client.request('resume', {}, waiting);
    },
    free: async stored => {
      const look = await lookAt(stored, access);
      if (dryRun) return { sessions: look.view.retryPlan(sessions) };
      const { status } = look.view.result;
      if (status === 'created' || status === 'stopping') throw refusedAsIs(look, 'retried');
      const begin = async (group: SessionGroupHandle) => {
        const isPaused = group.getProgress().status === 'paused';
        const result = await group.retry({ ...selected, fresh });
        return isPaused ? group.resume() : result;
      };
      return host(id, { pauseInterrupted: true }, begin, { residents, waiting });
    },
  });
}

export function setMaxBudget(
  id: string,
  usd: number | 'none',
  { access, residents }: ApiWorld,
): Promise<Accepted> {
  return access.reach(id, {
    owned: client => client.request('set_max_budget', { usd }),
    free: async stored => {
      await lookIf(['created', 'paused', 'stopped', 'failed'], stored, access, 'given another limit');
      return residents.borrow(id, {}, async group => {
        await group.setMaxBudget(usd);
        return ACCEPTED;
      });
    },
  });
}

export async function archiveGroup(id: string, { access, manager }: ApiWorld): Promise<Accepted> {
  await access.read(id);
  await manager.archive(id);
  return ACCEPTED;
}

/** Also of a group that is damaged. */
export async function deleteGroup(id: string, { access, manager }: ApiWorld): Promise<Accepted> {
  const metas = await access.store.list({ archived: true });
  if (!metas.some(meta => meta.id === id)) await access.read(id); // says that there is none
  await manager.delete(id);
  return ACCEPTED;
}
