import { randomUUID } from 'node:crypto';
import { constants, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionGroupsError } from '../sdk/errors.ts';
import type { SessionGroupHandle } from '../sdk/group/api/handle.ts';
import type { DefinitionChanges } from '../sdk/group/definition/definition-changes.ts';
import type { SessionChanges, SessionInput } from '../sdk/group/definition/next-definition.ts';
import type { SessionGroupInput } from '../sdk/group/types.ts';
import { runtimeFolder } from '../sdk/project/runtime-folder.ts';
import type { ControlClient, RequestOptions } from './wire/client.ts';
import { LONGEST_REQUEST_BYTES, type ParamsOf, WireChange } from './wire/protocol.ts';

/** What lies in a file of changes at most. */
const LONGEST_CHANGE_BYTES = 256 * 1024 * 1024;
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

/** Does to the group what another process asks. */
export async function redefineGroup(
  group: SessionGroupHandle,
  { change, changeFile, dryRun = false }: ParamsOf<'redefine'>,
): Promise<DefinitionChanges> {
  if ((change === undefined) === (changeFile === undefined)) {
    throw new SessionGroupsError('invalid_params', 'redefine: expected one of change and changeFile');
  }
  const asked = change ?? (await readChange(changeFile ?? ''));
  const origin = { baseDir: '/', dryRun };
  switch (asked.kind) {
    case 'update': {
      const { definition, files, source } = asked;
      const more = { ...(files ? { files } : {}), ...(source ? { source } : {}) };
      return group.update(definition as SessionGroupInput, { ...origin, ...more }); // checked there as a whole
    }
    case 'add':
      return group.addSession(asked.session as SessionInput, origin);
    case 'remove':
      return group.removeSession(asked.id, { dryRun });
    case 'change': {
      const changes = Object.entries(asked.changes).map(([key, value]) => [key, value ?? undefined] as const);
      return group.updateSession(asked.id, Object.fromEntries(changes) as SessionChanges, origin);
    }
  }
}

async function readChange(path: string): Promise<WireChange> {
  const unreadable = (reason: string, cause?: unknown) =>
    new SessionGroupsError('invalid_params', `redefine: the file with the change ${reason}`, { cause });
  let value: unknown;
  try {
    const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
    const file = await open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw unreadable('is no file');
      const { size } = found;
      if (size > LONGEST_CHANGE_BYTES) throw unreadable(`is longer than ${LONGEST_CHANGE_BYTES} bytes`);
      value = JSON.parse(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof SessionGroupsError ? error : unreadable('cannot be read', error);
  }
  const parsed = WireChange.safeParse(value);
  if (!parsed.success) throw unreadable('holds no change', parsed.error);
  return parsed.data;
}
