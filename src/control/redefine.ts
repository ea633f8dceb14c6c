import { constants, open } from 'node:fs/promises';
import { z } from 'zod';
import { SessionGroupsError } from '../sdk/errors.ts';
import type { SessionGroupHandle } from '../sdk/group/api/handle.ts';
import type { DefinitionChanges } from '../sdk/group/definition/definition-changes.ts';
import type { SessionChanges, SessionInput } from '../sdk/group/definition/next-definition.ts';
import { type SessionGroupInput, SessionId } from '../sdk/group/types.ts';

const Json = z.record(z.string(), z.unknown());
const Texts = z.record(z.string(), z.string());

/**
 * What is to become of the definition. It is checked as any definition is; paths in it are absolute. A key of a
 * session that is null is taken away.
 */
export const WireChange = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('update'),
    definition: Json,
    files: z.strictObject({ templates: Texts, sharedConfig: Texts }).optional(),
    source: z.strictObject({ file: z.string(), text: z.string() }).optional(),
  }),
  z.strictObject({ kind: z.literal('add'), session: Json }),
  z.strictObject({ kind: z.literal('remove'), id: SessionId }),
  z.strictObject({ kind: z.literal('change'), id: SessionId, changes: Json }),
]);
export type WireChange = z.output<typeof WireChange>;

/** One of `change` and `changeFile`, the path of a file with the change as JSON: a definition may be longer than a request. */
export const RedefineParams = z.strictObject({
  change: WireChange.optional(),
  changeFile: z.string().min(1).optional(),
  dryRun: z.boolean().optional(),
});

/** What lies in a file of changes at most. */
const LONGEST_CHANGE_BYTES = 256 * 1024 * 1024;
/** Does to the group what another process asks. */
export async function redefineGroup(
  group: SessionGroupHandle,
  { change, changeFile, dryRun = false }: z.output<typeof RedefineParams>,
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
