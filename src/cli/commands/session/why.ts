import { skipCause } from '../../../sdk/group/standing/skip-cause.ts';
import { planIn, questionsIn } from '../../../sdk/session/reports/questions.ts';
import { restOfError } from '../../../words/error-words.ts';
import { suspendedAdvice } from '../../../words/wait-words.ts';
import { approveCommand, sessionCommand } from '../../advice.ts';
import type { CliContext } from '../../context.ts';
import { currentSession } from '../../groups/current-group.ts';
import { JsonOption } from '../../json-option.ts';
import { optionLines, planLines, requestWords } from '../../show/requests.ts';
import { markOf, wordsFor } from '../../show/session-lines.ts';
import { whyMore } from '../../show/why-more.ts';
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
  const current = await currentSession(word, id, context);
  const { stored, session, status: groupStatus, shown: group, suspendedAt } = current;
  const { status, why } = session;
  const groupId = stored.group.id;
  if (json) {
    const roots = skipCause(session, stored, current.progress)?.roots;
    io.stdout.write(jsonLine({ type: 'why', groupId, sessionId: id, status, groupStatus, why, roots }));
    return;
  }
  const { owner } = stored;
  if (group === 'suspended' && owner)
    io.stderr.write(`Its group is ${suspendedAdvice(owner.pid, suspendedAt, io.now())}\n`);
  const asked = why?.kind === 'approval' ? why : undefined;
  const questions = asked ? questionsIn(asked.tool, asked.input) : [];
  const plan = asked && planIn(asked.tool, asked.input);
  const words =
    asked && questions.length === 0 && plan === undefined
      ? `needs approval: ${requestWords(asked)}`
      : wordsFor(session, { ...lookOf(io.stdout, io.env), now: io.now(), group: asked ? 'running' : group });
  const mark = markOf(session, group).word;
  const { reasons, advice } = await whyMore(current, io.now());
  const first = words.startsWith(mark) ? words : [mark, words].filter(Boolean).join(': ');
  io.stdout.write(`${[first, ...reasons].join(', ')}\n`);
  if (why === undefined && session.error && restOfError(session.error) !== '')
    io.stderr.write(`All of it: ${sessionCommand(groupId, id)}\n`);
  for (const line of advice) io.stderr.write(`${line}\n`);
  if (asked === undefined) return;
  for (const one of questions) for (const line of optionLines(one)) io.stdout.write(`${line}\n`);
  for (const line of planLines(plan ?? '')) io.stdout.write(`${line}\n`);
  if (group === 'suspended') return; // an answer would be refused
  const [verb, count] = questions.length > 0 ? ['Answer', questions.length] : ['Allow'];
  io.stderr.write(`${verb} it with: ${approveCommand(groupId, { ...asked, sessionId: id }, count)}\n`);
}
