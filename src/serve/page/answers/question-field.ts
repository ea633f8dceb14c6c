import type { Question } from '../../../sdk/session/reports/questions.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import { answerLine } from '../model/answer-line.ts';
import { shown } from '../texts/tool-input.ts';

/** One question, with its options to choose from and a field for other words. */
export interface QuestionField {
  readonly node: Element;
  /** As the API takes it; undefined, and a message at the question, if there is none. */
  answer(): string | undefined;
  /** What has been written, in any case. */
  words(): string;
  focus(): void;
}

/** @param name of its options, unlike that of the other questions in the form. */
export function questionField(question: Question, name: string): QuestionField {
  const { header, options, multiSelect } = question;
  const type = multiSelect ? 'checkbox' : 'radio';
  const asked = shown(question.question);
  const problem = el('p', { class: 'problem', role: 'alert' });
  visible(problem, false);
  const choices = options.map(() => el('input', { type, name }));
  const field = options.length === 0 ? 'Answer' : 'In other words';
  const own = el('input', { type: 'text', autocomplete: 'off', 'aria-label': `${field}: ${asked}` });
  const other = el('input', { type, name, change: () => other.checked && own.focus() });
  own.addEventListener('input', () => {
    other.checked = own.value.trim() !== '';
  });
  const rows = options.map(({ label, description }, place) => {
    const about = description === undefined ? [] : [el('span', { class: 'small' }, shown(description))];
    const words = el('span', {}, el('b', {}, shown(label)), ...about);
    return el('label', { class: 'option' }, choices[place] ?? '', words);
  });
  const written =
    options.length === 0
      ? el('label', { class: 'own' }, field, own)
      : el('div', { class: 'own' }, el('label', { class: 'option' }, other, field), own);
  const about = header === undefined ? [] : [el('span', { class: 'small' }, shown(header))];
  const node = el(
    'fieldset',
    { class: 'question' },
    el('legend', {}, ...about, el('strong', {}, asked)),
    ...rows,
    written,
    problem,
  );
  const isOwn = () => options.length === 0 || other.checked;
  return {
    node,
    answer() {
      const chosen = choices.flatMap(({ checked }, place) => (checked ? [place] : []));
      const line = answerLine(question, chosen, isOwn() ? own.value : '');
      text(problem, isOwn() ? 'Write an answer.' : 'Choose an answer, or write one.');
      visible(problem, line === undefined);
      attr(own, 'aria-invalid', line === undefined && isOwn() ? 'true' : undefined);
      return line;
    },
    words: () => own.value.trim(),
    focus: () => (isOwn() ? own : choices[0])?.focus(),
  };
}
