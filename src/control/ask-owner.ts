import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionChanges } from '../sdk/group/definition/definition-changes.ts';
import type { GroupResult } from '../sdk/group/progress/progress.ts';
import { runtimeFolder } from '../sdk/project/runtime-folder.ts';
import type { WireChange } from './redefine.ts';
import { ACCEPTED, type Accepted, type ControlResults, type ParamsOf, unlessSpent } from './verbs.ts';
import type { ControlClient, RequestOptions } from './wire/client.ts';
import { MAX_REQUEST_BYTES } from './wire/protocol.ts';

/** Resumes the group, under a new limit if one is given: both or neither. A running group only gets the limit. */
export async function askToResume(
  client: ControlClient,
  maxBudgetUsd: number | 'none' | undefined,
  options: RequestOptions,
): Promise<GroupResult | Accepted> {
  if (maxBudgetUsd === undefined) return client.request('resume', {}, options);
  const { status } = await client.request('status', {});
  // A request to resume has no word for `none`, which is never spent.
  const lifts = maxBudgetUsd === 'none';
  if (status === 'running' || (lifts && status === 'paused'))
    await client.request('set_max_budget', { usd: maxBudgetUsd });
  if (status === 'running') return ACCEPTED;
  return client.request('resume', lifts ? {} : { maxBudgetUsd }, options);
}

/** Retries; a paused group is also resumed, unless its budget is spent: then it stays paused, and has accepted the retry. */
export async function askToRetry(
  client: ControlClient,
  params: Omit<ParamsOf<'retry'>, 'dryRun'>,
  options: RequestOptions,
): Promise<ControlResults['retry']> {
  const { status } = await client.request('status', {});
  if (status !== 'paused') return client.request('retry', params, options);
  const paused = await client.request('retry', params, options);
  return unlessSpent(client.request('resume', {}, options), paused);
}

/** Longer changes go through a file; 4,096 bytes are left for the rest of the request. */
const MAX_INLINE_BYTES = MAX_REQUEST_BYTES - 4096;

/**
 * Asks the owner of a group to change its definition. A change that is too long for a request goes through a file in a
 * folder that only this user can read.
 */
export async function askToRedefine(
  client: ControlClient,
  change: WireChange,
  { dryRun = false, ...options }: RequestOptions & { readonly dryRun?: boolean } = {},
): Promise<DefinitionChanges> {
  const text = JSON.stringify(change);
  if (Buffer.byteLength(text) <= MAX_INLINE_BYTES)
    return client.request('redefine', { change, dryRun }, options);
  const changeFile = join(runtimeFolder('control'), `change-${randomUUID()}.json`);
  try {
    await writeFile(changeFile, text, { mode: 0o600, flag: 'wx' });
    return await client.request('redefine', { changeFile, dryRun }, options);
  } finally {
    await rm(changeFile, { force: true });
  }
}
