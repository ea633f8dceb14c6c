import { constants, open } from 'node:fs/promises';
import { z } from 'zod';
import { SessionGroupsError } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import type { DefinitionChanges } from '../sdk/group/definition/definition-changes.ts';
import type { SessionChanges, SessionInput } from '../sdk/group/definition/next-definition.ts';
import type { GroupRunner } from '../sdk/group/runner.ts';
import { type SessionGroupInput, SessionId } from '../sdk/group/types.ts';

const Json = z.record(z.string(), z.unknown());
const Texts = z.record(z.string(), z.string());

/**
 * A change of a definition, validated like any definition. Paths in it are absolute. In `changes`, null removes a key
 * of the session.
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

/** Either `change`, or `changeFile`: the path of a JSON file with a change that is too long for a request. */
export const RedefineParams = z.strictObject({
  change: WireChange.optional(),
  changeFile: z.string().min(1).optional(),
  dryRun: z.boolean().optional(),
});

const MAX_CHANGE_BYTES = 256 * 1024 * 1024;

/** Applies a change that another process asks for. */
export async function redefineGroup(
  group: GroupRunner,
  { change, changeFile, dryRun = false }: z.output<typeof RedefineParams>,
): Promise<DefinitionChanges> {
  if ((change === undefined) === (changeFile === undefined)) {
    throw new SessionGroupsError('invalid_params', 'redefine: expected one of change and changeFile');
  }
  const wanted = change ?? (await readChange(changeFile ?? ''));
  const origin = { baseDir: '/', dryRun };
  switch (wanted.kind) {
    case 'update': {
      const { definition, files, source } = wanted;
      return group.update(definition as SessionGroupInput, { ...origin, ...given({ files, source }) }); // validated there
    }
    case 'add':
      return group.addSession(wanted.session as SessionInput, origin);
    case 'remove':
      return group.removeSession(wanted.id, { dryRun });
    case 'change': {
      const changes = Object.entries(wanted.changes).map(
        ([key, value]) => [key, value ?? undefined] as const,
      );
      return group.updateSession(wanted.id, Object.fromEntries(changes) as SessionChanges, origin);
    }
  }
}

async function readChange(path: string): Promise<WireChange> {
  const unreadable = (reason: string, cause?: unknown) =>
    new SessionGroupsError('invalid_params', `redefine: the change file ${reason}`, { cause });
  let value: unknown;
  try {
    const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
    const file = await open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw unreadable('is not a regular file');
      const { size } = found;
      if (size > MAX_CHANGE_BYTES) throw unreadable(`is longer than ${MAX_CHANGE_BYTES} bytes`);
      value = JSON.parse(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof SessionGroupsError ? error : unreadable('cannot be read', error);
  }
  const parsed = WireChange.safeParse(value);
  if (!parsed.success) throw unreadable('does not contain a valid change', parsed.error);
  return parsed.data;
}
