import { answerTo, type Question } from '../../../sdk/session/reports/questions.ts';

/**
 * What a person has chosen and written, as the API takes the answer to one question: a single line, which is read as the same
 * labels and words again.
 *
 * @param chosen the places of the chosen options, from 0.
 * @returns undefined if there is neither.
 */
export function answerLine(question: Question, chosen: readonly number[], words: string): string | undefined {
  const labels = [...new Set(chosen.flatMap(place => question.options[place]?.label ?? []))];
  const own = oneLine(words);
  if (own !== '') {
    const all = [...labels.map(oneLine), own].join(', ');
    const read = answerTo(question, all);
    return read?.toLowerCase() === all.toLowerCase() ? all : `other: ${all}`;
  }
  if (labels.length === 0) return undefined;
  const wanted = labels.join(', ');
  const numbers = chosen.map(place => place + 1).join(', ');
  // A label may have a line break or a comma in it, a number may be a label.
  return (
    [wanted, numbers].find(one => !/[\r\n]/.test(one) && answerTo(question, one) === wanted) ??
    `other: ${oneLine(wanted)}`
  );
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
