import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionChanges } from '../sdk/group/definition/definition-changes.ts';
import type { GroupResult } from '../sdk/group/progress/progress.ts';
import { runtimeFolder } from '../sdk/project/runtime-folder.ts';
import type { WireChange } from './redefine.ts';
import { ACCEPTED, type Accepted, type ControlResults, type ParamsOf } from './verbs.ts';
import type { ControlClient, RequestOptions } from './wire/client.ts';
import { LONGEST_REQUEST_BYTES } from './wire/protocol.ts';

/*
 * What is more than one request to the owner of a group.
 */

/** Sets the limit first, where one is given. */
export async function askToResume(
  client: ControlClient,
  maxBudgetUsd: number | 'none' | undefined,
  options: RequestOptions,
): Promise<GroupResult | Accepted> {
  if (maxBudgetUsd !== undefined) {
    const { status } = await client.request('status', {});
    if (status === 'running' || status === 'paused')
      await client.request('set_max_budget', { usd: maxBudgetUsd });
    // A running group needs nothing but its new limit.
    if (status === 'running') return ACCEPTED;
  }
  return client.request('resume', {}, options);
}

/** A group that is paused goes on with it. */
export async function askToRetry(
  client: ControlClient,
  params: Omit<ParamsOf<'retry'>, 'dryRun'>,
  options: RequestOptions,
): Promise<ControlResults['retry']> {
  const { status } = await client.request('status', {});
  if (status !== 'paused') return client.request('retry', params, options);
  await client.request('retry', params, { wait: false });
  return client.request('resume', {}, options);
}

/** Above that a change goes by a file: the rest of the request has its room. */
const LONGEST_INLINE_BYTES = LONGEST_REQUEST_BYTES - 4096;

/**
 * Asks the owner of a group to change its definition; one that is too long for a request goes by a file, in a folder
 * that is this user's alone.
 */
export async function askToRedefine(
  client: ControlClient,
  change: WireChange,
  { dryRun = false, ...options }: RequestOptions & { readonly dryRun?: boolean } = {},
): Promise<DefinitionChanges> {
  const text = JSON.stringify(change);
  if (Buffer.byteLength(text) <= LONGEST_INLINE_BYTES)
    return client.request('redefine', { change, dryRun }, options);
  const changeFile = join(runtimeFolder('control'), `change-${randomUUID()}.json`);
  try {
    await writeFile(changeFile, text, { mode: 0o600, flag: 'wx' });
    return await client.request('redefine', { changeFile, dryRun }, options);
  } finally {
    await rm(changeFile, { force: true });
  }
}
