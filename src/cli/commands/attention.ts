import { systemClock } from '../../sdk/clock.ts';
import { listAttention } from '../../sdk/group/standing/list-attention.ts';
import { itemCommands } from '../../words/attention.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { lookForDeliveries } from '../groups/delivery-look.ts';
import { JsonOption } from '../json-option.ts';
import { renderAttention } from '../show/attention-text.ts';
import { lookOf } from '../terminal.ts';
import { cleanLine, jsonLine } from '../text.ts';

/** `attention`: what waits for a person, in all groups; exits as paused if anything does. */
export async function attention(context: CliContext, given: unknown): Promise<void> {
  const { services, io } = context;
  const { json } = JsonOption.parse(given);
  const store = await services.openStore(io.env);
  const { items, leftOut } = await listAttention(store, systemClock, lookForDeliveries(store, io));
  for (const { groupId, code, message } of leftOut) {
    if (json) io.stdout.write(jsonLine({ type: 'left_out', groupId, code, message }));
    else io.stderr.write(`left out: ${groupId}: ${cleanLine(message)}\n`);
  }
  if (json)
    for (const item of items)
      io.stdout.write(jsonLine({ type: 'attention', ...item, commands: itemCommands(item) }));
  else if (items.length === 0) io.stderr.write('Nothing waits for you.\n');
  else io.stdout.write(renderAttention(items, { ...lookOf(io.stdout, io.env), now: io.now() }));
  context.exitCode = items.length === 0 ? EXIT.completed : EXIT.paused;
}
