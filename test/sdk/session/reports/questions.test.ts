import { describe, expect, it } from 'vitest';
import {
  answersIn,
  answerTo,
  planIn,
  type Question,
  questionsIn,
} from '../../../../src/sdk/session/reports/questions.ts';

const asked = (labels: readonly string[], multiSelect = false): Question => ({
  ...{ question: 'Which?', options: labels.map(label => ({ label })), multiSelect },
});

describe('a request of an agent', () => {
  it('is read as far as it is a question (QUESTION-1)', () => {
    const whole = {
      question: 'Which?',
      header: 'H',
      options: [{ label: 'A', description: 'a' }],
      multiSelect: true,
    };
    const odd = [
      null,
      'x',
      {},
      { question: 3 },
      { question: 'Why?', options: [null, {}, { label: '' }, { label: 'B' }] },
    ];
    expect(questionsIn('AskUserQuestion', { questions: [whole, ...odd] })).toEqual([
      whole,
      { question: 'Why?', options: [{ label: 'B' }], multiSelect: false },
    ]);
    for (const input of [undefined, null, [], { questions: 'x' }]) {
      expect(questionsIn('AskUserQuestion', input)).toEqual([]);
      expect(planIn('ExitPlanMode', input)).toBe('');
    }
    expect(questionsIn('Bash', { questions: [whole] })).toEqual([]);
    expect(planIn('ExitPlanMode', { plan: '# Plan' })).toBe('# Plan');
    expect(planIn('Bash', { plan: '# Plan' })).toBeUndefined();
  });
});

describe('an answer (QUESTION-2)', () => {
  it.each([
    ['Red', 'Red'],
    [' red ', 'Red'],
    ['2', 'Blue'],
    ['3', '1'], // the number of an option
    ['1', '1'], // and the label of one goes before it
    ['other: Green, please', 'Green, please'],
    ['Green', 'Green'],
    ['4', undefined],
    ['0', undefined],
    ['other: 7', '7'],
    ['', undefined],
    ['Red, Blue', 'Red, Blue'],
  ])('%j to Red, Blue and 1 is %j', (answer, expected) => {
    expect(answerTo(asked(['Red', 'Blue', '1']), answer)).toBe(expected);
  });

  it('may name several options where that is asked for, each once', () => {
    const question = asked(['Red', 'Blue', 'Black, white'], true);
    expect(answerTo(question, 'blue,1, Red')).toBe('Blue, Red');
    expect(answerTo(question, 'Black, white')).toBe('Black, white');
    expect(answerTo(question, 'Red, Green')).toBe('Red, Green');
    expect(answerTo(question, '1, 7')).toBeUndefined();
  });

  it('is any text where there are no options, and one line for each of several questions', () => {
    expect(answerTo(asked([]), ' 42 ')).toBe('42');
    expect(answersIn([asked([])], 'two\nlines')).toEqual(['two\nlines']);
    expect(answersIn([asked([]), asked([])], 'two\nlines')).toEqual(['two', 'lines']);
    expect(answersIn([asked([]), asked([])], 'one')).toBeUndefined();
  });
});
