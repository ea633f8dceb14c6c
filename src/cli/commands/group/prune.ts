import { z } from 'zod';
import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import { counted } from '../../../sdk/format.ts';
import { UnmergedWorkError } from '../../../sdk/group/delivery/unmerged-work-error.ts';
import { GroupOwnedError, type GroupStore } from '../../../sdk/group/store/store.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, renderReport, reportLine, reportOf } from '../../exit-codes.ts';
import { executorsOf } from '../../fleet/executors.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const PruneOptions = z.object({
  olderThan: z.number(),
  dryRun: z.boolean().default(false),
  discard: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** `group prune --older-than 30d`: deletes settled groups without any change for that long. */
export async function groupPrune(context: CliContext, given: unknown): Promise<void> {
  const { services, io } = context;
  const { olderThan, dryRun, json, discard } = PruneOptions.parse(given);
  const store = await services.openStore(io.env);
  const how = { discard, env: io.env, executors: executorsOf({}, context) };
  let count = 0;
  for (const { id, status, updatedAt } of await store.list({ archived: true })) {
    if (!isSettledGroup(status) || io.now() - Date.parse(updatedAt) < olderThan) continue;
    try {
      if (!dryRun) await services.deleteGroup(id, store, how);
      else if (!discard) await checkMerged(id, store, context);
    } catch (error) {
      if (error instanceof GroupOwnedError) continue; // a process has it open
      if (!(error instanceof UnmergedWorkError)) throw error;
      const report = reportOf(error);
      if (json) io.stdout.write(jsonLine({ ...reportLine(report, false), groupId: id }));
      else io.stderr.write(renderReport(report, { debug: false, color: lookOf(io.stderr, io.env).color }));
      context.exitCode = EXIT.refused;
      continue;
    }
    count++;
    io.stdout.write(json ? jsonLine({ type: dryRun ? 'prunable' : 'deleted', groupId: id }) : `${id}\n`);
  }
  io.stderr.write(`${counted(count, 'group')} ${dryRun ? 'would be deleted' : 'deleted'}.\n`);
}

async function checkMerged(id: string, store: GroupStore, { services, io }: CliContext): Promise<void> {
  const { viewDelivery } = await services.delivery();
  const work = await viewDelivery(await store.read(id), { env: io.env }).unmerged();
  if (work.length > 0) throw new UnmergedWorkError(id, work);
}
