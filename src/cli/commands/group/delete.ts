import { z } from 'zod';
import { takingOver } from '../../../control/reach.ts';
import type { CliContext } from '../../context.ts';
import { UsageError } from '../../exit-codes.ts';
import { executorsOf } from '../../fleet/executors.ts';
import { findGroupId } from '../../groups/find.ts';
import { jsonLine } from '../../text.ts';

const DeleteOptions = z.object({
  json: z.boolean().default(false),
  force: z.boolean().default(false),
  takeOver: z.boolean().default(false),
  discard: z.boolean().default(false),
});

/** `group delete ID`: deletes a group and all its data. Refused while a process owns it. */
export async function groupDelete(context: CliContext, word: string, given: unknown): Promise<void> {
  const { services, io } = context;
  const { json, force, ...how } = DeleteOptions.parse(given);
  const store = await services.openStore(io.env);
  const id = await findGroupId(word, store, context);
  if (!force) {
    const canAsk = io.stdin.isTTY === true && io.stderr.isTTY === true && !json;
    if (!canAsk) throw new UsageError(`${id} would be deleted permanently`, 'Confirm with --force.');
    if (!(await services.confirm(`Delete ${id} and all its data?`))) {
      io.stderr.write('Nothing was deleted.\n');
      return;
    }
  }
  const options = { ...how, env: io.env, executors: executorsOf({}, context) };
  await takingOver(services.deleteGroup(id, store, options), () => store.read(id));
  io.stdout.write(json ? jsonLine({ type: 'deleted', groupId: id }) : `Deleted ${id}\n`);
}
