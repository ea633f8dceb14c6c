import { QUESTION_TOOL } from '../../../../../machines/vocabulary.ts';
import { RefusedError, SessionGroupsError } from '../../../errors.ts';
import { answersIn, answerTo, type Question, questionsIn } from '../../../session/reports/questions.ts';
import type { ShownRequest } from '../../journal/session/shown-request.ts';

/** A person's words, not a file: more would only fill the journal. */
const LONGEST_ANSWER = 16 * 1024;
const MOST_LISTED = 20;
const LONGEST_LABEL = 100;

/**
 * Allowing a question is not an answer to it: the agent would hear that there is none.
 * @throws RefusedError `answer_required`, `not_an_option`; SessionGroupsError `invalid_argument`.
 */
export function checkAnswer(
  { tool, input }: Pick<ShownRequest, 'tool' | 'input'>,
  decision: 'allow' | 'deny',
  answer: string | undefined,
): void {
  if (answer !== undefined && answer.length > LONGEST_ANSWER) {
    const text = `the answer has ${answer.length} characters, and may have ${LONGEST_ANSWER}`;
    throw new SessionGroupsError('invalid_argument', text, { hint: 'Put it into a file, and name that.' });
  }
  if (decision === 'deny') return;
  if (tool !== QUESTION_TOOL) {
    if (answer === undefined) return;
    throw new SessionGroupsError('invalid_argument', `${tool} asks for a permission, which takes no answer`, {
      hint: 'Allow it without one.',
    });
  }
  if (answer === undefined || answer.trim() === '') {
    throw new RefusedError('answer_required', `${tool} asks a question, which needs an answer`, {
      hint: 'Answer it with `session approve --answer TEXT`, or deny it.',
    });
  }
  const questions = questionsIn(tool, input);
  for (const [index, one] of answersIn(questions, answer)?.entries() ?? []) {
    const question = questions[index];
    if (question !== undefined && answerTo(question, one) === undefined) notAnOption(question, one);
  }
}

function notAnOption({ question, options, multiSelect }: Question, answer: string): never {
  const listed = options.slice(0, MOST_LISTED).map(({ label }, index) => `${index + 1} ${cut(label)}`);
  const left = options.length - listed.length;
  const list = [...listed, ...(left > 0 ? [`${left} more`] : [])].join(', ');
  const text = `${JSON.stringify(cut(answer))} is none of the options of ${JSON.stringify(cut(question))}`;
  throw new RefusedError('not_an_option', text, {
    hint: `The options are: ${list}. Name ${multiSelect ? 'some, joined by commas' : 'one'}, by its words or its number, or answer in other words (\`other: 7\` for a number).`,
  });
}

const cut = (text: string): string =>
  text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 1)}…`;
