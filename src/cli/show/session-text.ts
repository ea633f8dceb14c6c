import { pendingRequest } from '../../control/wire/pending-request.ts';
import { formatElapsed, formatTokens, formatUsd } from '../../sdk/format.ts';
import { resultOf } from '../../sdk/group/journal/session-result.ts';
import { changedBranch } from '../../sdk/group/standing/deliverable.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { foldOf } from '../../sdk/group/standing/saved-group.ts';
import { skipCause } from '../../sdk/group/standing/skip-cause.ts';
import type { SessionDefinition } from '../../sdk/group/types.ts';
import { capabilitiesOf } from '../../sdk/session/own/registered.ts';
import { questionsIn } from '../../sdk/session/reports/questions.ts';
import { restOfError } from '../../words/error-words.ts';
import { openedWords, skipWords } from '../../words/session-words.ts';
import { placeWords, suspendedAdvice } from '../../words/wait-words.ts';
import { approveCommand } from '../advice.ts';
import type { CurrentSession } from '../groups/current-group.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanBlock, cleanLine } from '../text.ts';
import { requestLines } from './requests.ts';
import { markOf, wordsFor } from './session-lines.ts';
import { resultLines } from './session-result.ts';

interface SessionTextLook extends Look {
  readonly now: number;
  /** The command that goes on with its conversation by hand. */
  readonly open?: string | undefined;
}

/** A session as text: its status and usage, what it is waiting for, and its result. */
export function renderSession(current: CurrentSession, look: SessionTextLook): string {
  const { session, stored, shown, suspendedAt } = current;
  const { owner } = stored;
  const { id, attempts, costUsd, estimated, tokens, durationMs, messageCount, openedByHand, worksOn } =
    session;
  const paint = painter(look.color);
  const mark = markOf(session, shown);
  const result = resultOf(stored.records, session);
  const request = pendingRequest(stored.records, session);
  const words = [wordsFor(session, { ...look, group: shown }), skipReasons(current)]
    .filter(Boolean)
    .join(', ');
  const rest = session.error && session.why === undefined ? restOfError(session.error) : '';
  const used = [
    isRehearsal(stored.group) ? 'rehearsal' : formatUsd(costUsd, estimated),
    `${formatTokens(tokens)} tokens`,
    `attempts: ${attempts}`,
    `messages: ${messageCount}`,
    ...(durationMs === undefined ? [] : [formatElapsed(durationMs)]),
    ...(openedByHand === undefined ? [] : [openedWords(openedByHand)]),
  ];
  const lines = [
    `${paint(mark.format, `${look.unicode ? mark.sign : mark.ascii} ${mark.word}`)}  ${paint('bold', cleanLine(id))}`,
    `  project: ${cleanLine(session.projectPath)}`,
    ...(worksOn === undefined ? [] : [`  works on: ${cleanLine(placeWords(worksOn))}`]),
    ...dependencies(stored.group.definition.sessions.find(candidate => candidate.id === id)),
    `  ${used.join(', ')}`,
    ...branchLine(current),
    ...(words === '' ? [] : [`  ${words}`]),
    ...(owner && shown === 'suspended'
      ? [`  its group is ${suspendedAdvice(owner.pid, suspendedAt, look.now)}`]
      : []),
    ...(rest === '' ? [] : [`\n${cleanBlock(rest)}\n`]),
    ...(request === undefined
      ? []
      : [
          ...requestLines(request).map(line => `  ${line}`),
          // What is asked of a suspended group is refused.
          ...(shown === 'suspended'
            ? []
            : [
                `  ${approveCommand(stored.group.id, { ...request, sessionId: id }, questionsIn(request.tool, request.input).length || 1)}`,
              ]),
        ]),
    ...(look.open === undefined ? [] : [`  by hand: ${cleanLine(look.open)}`]),
    ...(result === undefined ? [] : resultLines(result, whereChanges(current))),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is behind a skip; empty for any other session. */
function skipReasons({ session, stored, progress }: CurrentSession): string {
  const cause = skipCause(session, stored, progress);
  return cause ? cleanLine(skipWords(cause)) : '';
}

function branchLine({ session, stored }: CurrentSession): string[] {
  const branch = changedBranch(foldOf(stored).sessions.get(session.id)?.tree ?? {});
  return branch === undefined ? [] : [`  branch: ${branch}`];
}

function dependencies(session: SessionDefinition | undefined): string[] {
  if (session === undefined || session.dependsOn.length === 0) return [];
  const edges = session.dependsOn.map(({ session: id, when }) =>
    when === 'completed' ? id : `${id} ${when}`,
  );
  return [`  after: ${cleanLine(edges.join(session.trigger === 'any' ? ' or ' : ', '))}`];
}

/** Where the session's agent works on files; undefined for one that never does. */
function whereChanges({ stored, session }: CurrentSession): string | undefined {
  const { config, sessions } = stored.group.definition;
  const agent = sessions.find(({ id }) => id === session.id)?.agent ?? config.agent;
  return capabilitiesOf()(agent.kind).changesFiles ? session.projectPath : undefined;
}
