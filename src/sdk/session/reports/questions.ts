import { PLAN_TOOL, QUESTION_TOOL } from '../../../../machines/vocabulary.ts';

/**
 * Questions of an agent to a person, as `AskUserQuestion` of Claude Code has them.
 *
 * QUESTION-1 whatever an agent puts into such a request is read without an error; what isn't a question is left out.
 * QUESTION-2 a number in an answer is that of an option; any other words that name none are an answer of the person's own.
 */

/** One of the answers that an agent offers. */
export interface QuestionOption {
  readonly label: string;
  readonly description?: string;
}

/** A question of an agent to a person. */
export interface Question {
  readonly question: string;
  /** A word for what it is about. */
  readonly header?: string;
  /** Empty: any text answers it. */
  readonly options: readonly QuestionOption[];
  /** Several options may be named, joined by commas. */
  readonly multiSelect: boolean;
}

/** May stand before an answer that is none of the options, and has to before a number. */
const OTHER = /^other:\s*(?=\S)/i;

/** The questions in a request for this tool; none if it is a request for a permission. */
export function questionsIn(tool: string, input: unknown): readonly Question[] {
  const { questions } = fieldsOf(input);
  if (tool !== QUESTION_TOOL || !Array.isArray(questions)) return [];
  return questions.flatMap((one: unknown) => {
    const { question, header, options, multiSelect } = fieldsOf(one);
    if (typeof question !== 'string') return [];
    return {
      question,
      ...(typeof header === 'string' ? { header } : {}),
      options: Array.isArray(options) ? options.flatMap(optionIn) : [],
      multiSelect: multiSelect === true,
    };
  });
}

function optionIn(one: unknown): QuestionOption[] {
  const { label, description } = fieldsOf(one);
  if (typeof label !== 'string' || label === '') return [];
  return [{ label, ...(typeof description === 'string' ? { description } : {}) }];
}

/** The plan in a request to approve one, empty if the agent has written none; undefined for any other request. */
export function planIn(tool: string, input: unknown): string | undefined {
  if (tool !== PLAN_TOOL) return undefined;
  const { plan } = fieldsOf(input);
  return typeof plan === 'string' ? plan : '';
}

/** For anything that isn't an object: none. */
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/**
 * The answer to a question, with options as the agent has called them: the label of one in any case, its number from 1
 * on, or other words (`other: 7` if they look like a number). Several options are joined by commas. undefined: it is empty,
 * or a number that no option has.
 *
 * @param written the options in the words that the answer is to have. Default: those of the question, as it was shown.
 */
export function answerTo(
  { options, multiSelect }: Question,
  answer: string,
  written: readonly QuestionOption[] = options,
): string | undefined {
  const text = answer.trim();
  if (options.length === 0) return text === '' ? undefined : text;
  const labelOf = (words: string) => {
    const index = optionOf(options, words);
    return index === undefined ? undefined : (written[index] ?? options[index])?.label;
  };
  const one = labelOf(text);
  if (one !== undefined) return one;
  if (OTHER.test(text)) return text.replace(OTHER, '');
  const several = multiSelect ? text.split(',').map(part => labelOf(part.trim())) : [undefined];
  if (several.every(label => label !== undefined)) return [...new Set(several)].join(', ');
  return /^[\d\s,]*$/.test(text) ? undefined : text;
}

/** A label goes before a number: `2` may be both. */
function optionOf(options: readonly QuestionOption[], text: string): number | undefined {
  const wanted = plain(text);
  for (const isIt of [(label: string) => label === text, (label: string) => plain(label) === wanted]) {
    const index = options.findIndex(({ label }) => isIt(label));
    if (index >= 0) return index;
  }
  const index = /^\d+$/.test(text) ? Number(text) - 1 : -1;
  return options[index] && index;
}

/** As a label is compared: people see it in one line. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').trim().toLowerCase();

/**
 * What answers a request of several questions is one line for each, in their order; of a single question, all of the text.
 * undefined: there are more lines or fewer, and all of the text answers each.
 */
export function answersIn(questions: readonly Question[], answer: string): readonly string[] | undefined {
  if (questions.length <= 1) return [answer];
  const lines = answer.split('\n');
  return lines.length === questions.length ? lines : undefined;
}

/** What is said in answer to a request of some questions. */
export interface Said {
  /** In one text: a line for each question, or all that was said. */
  readonly text: string;
  /** What answers each question, in their order. */
  readonly answers: readonly string[];
}

/**
 * @param questions as the person saw them.
 * @param written the same questions, in the words that the answer is to have. Default: as they were shown.
 */
export function saidTo(
  questions: readonly Question[],
  answer: string,
  written: readonly Question[] = questions,
): Said {
  const lines = answersIn(questions, answer);
  const answers = questions.map((question, index) => {
    const line = lines?.[index];
    return line === undefined ? answer : (answerTo(question, line, written[index]?.options) ?? line);
  });
  if (lines === undefined || answers.length === 0) return { text: answer, answers };
  const inOneLine = (text: string) => (answers.length > 1 ? text.replace(/\s*[\r\n]\s*/g, ' ') : text);
  return { text: answers.map(inOneLine).join('\n'), answers };
}
