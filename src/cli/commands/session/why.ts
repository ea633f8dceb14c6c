import { planIn, questionsIn } from '../../../sdk/session/reports/questions.ts';
import { restOfError } from '../../../words/error-words.ts';
import { approveCommand, sessionCommand } from '../../advice.ts';
import type { CliContext } from '../../context.ts';
import { currentSession } from '../../groups/current-group.ts';
import { JsonOption } from '../../json-option.ts';
import { optionLines, planLines, requestWords } from '../../show/requests.ts';
import { markOf, wordsFor } from '../../show/session-lines.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

/** `session why GROUP SESSION`: shows what a session is waiting for. */
export async function sessionWhy(
  context: CliContext,
  word: string,
  id: string,
  given: unknown,
): Promise<void> {
  const { io } = context;
  const { json } = JsonOption.parse(given);
  const { stored, session, status: group } = await currentSession(word, id, context);
  const { status, why } = session;
  const groupId = stored.group.id;
  if (json) {
    io.stdout.write(jsonLine({ type: 'why', groupId, sessionId: id, status, groupStatus: group, why }));
    return;
  }
  const questions = why?.kind === 'approval' ? questionsIn(why.tool, why.input) : [];
  const plan = why?.kind === 'approval' ? planIn(why.tool, why.input) : undefined;
  const words =
    why?.kind === 'approval' && questions.length === 0 && plan === undefined
      ? `needs approval: ${requestWords(why)}`
      : wordsFor(session, { ...lookOf(io.stdout, io.env), now: io.now(), group });
  const mark = markOf(session, group).word;
  io.stdout.write(`${words.startsWith(mark) ? words : [mark, words].filter(Boolean).join(': ')}\n`);
  if (why === undefined && session.error && restOfError(session.error) !== '')
    io.stderr.write(`All of it: ${sessionCommand(groupId, id)}\n`);
  if (why?.kind !== 'approval') return;
  for (const one of questions) for (const line of optionLines(one)) io.stdout.write(`${line}\n`);
  for (const line of planLines(plan ?? '')) io.stdout.write(`${line}\n`);
  const [verb, count] = questions.length > 0 ? ['Answer', questions.length] : ['Allow'];
  io.stderr.write(`${verb} it with: ${approveCommand(groupId, { ...why, sessionId: id }, count)}\n`);
}
