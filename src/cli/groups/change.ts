import type { WireChange } from '../../control/redefine.ts';
import type { DefinitionChanges } from '../../sdk/group/definition/definition-changes.ts';
import { keptStatus } from '../../sdk/group/standing/kept-status.ts';
import type { TakeOptions } from '../../sdk/group/store/store.ts';
import { nextStep } from '../advice.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { takeGroup } from '../run/take.ts';
import type { DrivenGroup } from '../services.ts';
import { cleanLine, jsonLine } from '../text.ts';
import { reachGroup } from './reach.ts';

export interface ChangeRequest extends Required<TakeOptions> {
  /** The change for the process that owns the group. */
  readonly change: WireChange;
  /** Makes the change here if no process owns it. */
  readonly here: (group: DrivenGroup) => Promise<DefinitionChanges>;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Changes the definition of a group, whichever process runs it, and prints what changed. Does not resume the group. */
export async function changeGroup(
  word: string,
  request: ChangeRequest,
  context: CliContext,
): Promise<number> {
  const { change, here, dryRun, json, takeOver } = request;
  const { io } = context;
  return reachGroup(
    word,
    context,
    { takeOver },
    {
      async owned(client, { group }) {
        const { askToRedefine } = await import('../../control/ask-owner.ts');
        const changes = await askToRedefine(client, change, { dryRun });
        return printChanges(changes, group.id, { dryRun, json }, context);
      },
      async applied(stored) {
        const { lastChanges } = await import('../../control/lost-request.ts');
        const changes = lastChanges(stored);
        return changes && printChanges(changes, stored.group.id, { dryRun, json }, context);
      },
      async free(stored, store) {
        const group = await takeGroup(stored, store, context, { takeOver });
        try {
          const changes = await here(group);
          const code = printChanges(changes, group.id, { dryRun, json }, context);
          const { status, reason, totalCostUsd } = group.getResult();
          const now = { groupId: group.id, status: keptStatus(status, undefined), totalCostUsd };
          const next = dryRun ? undefined : nextStep({ ...now, ...(reason === undefined ? {} : { reason }) });
          if (next !== undefined) io.stderr.write(`${next}\n`);
          return code;
        } finally {
          await group.dispose();
        }
      },
    },
  );
}

function printChanges(
  changes: DefinitionChanges,
  groupId: string,
  { dryRun, json }: Pick<ChangeRequest, 'dryRun' | 'json'>,
  { io }: CliContext,
): number {
  const { added, removed, changed, settings } = changes;
  if (json) {
    io.stdout.write(jsonLine({ type: 'updated', groupId, dryRun, added, removed, changed, settings }));
    return EXIT.completed;
  }
  const lines = Object.entries({ added, removed, changed, settings }).filter(([, names]) => names.length > 0);
  for (const [what, names] of lines) io.stdout.write(`${what}: ${names.map(cleanLine).join(', ')}\n`);
  if (lines.length === 0) io.stderr.write(`Nothing ${dryRun ? 'would change' : 'changed'}.\n`);
  else if (dryRun) io.stderr.write('Dry run: nothing was changed.\n');
  return EXIT.completed;
}
