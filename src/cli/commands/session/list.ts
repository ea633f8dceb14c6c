import { z } from 'zod';
import type { SessionProgress } from '../../../sdk/group/progress/progress.ts';
import { isRehearsal } from '../../../sdk/group/standing/rehearsal.ts';
import { shownSessionStatus } from '../../../words/marks.ts';
import type { CliContext } from '../../context.ts';
import { currentGroup, sessionLine } from '../../groups/current-group.ts';
import { JsonOption } from '../../json-option.ts';
import { sessionTable } from '../../show/session-lines.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const ListOptions = JsonOption.extend({ status: z.array(z.string()).optional() });

/** `session list GROUP`: lists its sessions, in the order of the definition. */
export async function sessionList(context: CliContext, word: string, given: unknown): Promise<void> {
  const { io } = context;
  const { json, status: wanted } = ListOptions.parse(given);
  const { stored, progress, shown } = await currentGroup(word, context);
  const isWanted = (session: SessionProgress) =>
    wanted?.some(one => one === session.status || one === shownSessionStatus(session.status, shown)) ?? true;
  const sessions = progress.sessions.filter(isWanted);
  if (json) for (const session of sessions) io.stdout.write(jsonLine(sessionLine(stored.group.id, session)));
  else if (sessions.length === 0) io.stderr.write('No matching sessions.\n');
  else {
    const look = { ...lookOf(io.stdout, io.env), now: io.now(), group: shown };
    const lines = sessionTable(
      sessions,
      { ...look, rehearsal: isRehearsal(stored.group) },
      progress.sessions,
    );
    io.stdout.write(`${lines.join('\n')}\n`);
  }
}
