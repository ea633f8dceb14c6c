import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { answersIn, answerTo, type Question } from '../../src/sdk/session/reports/questions.ts';
import { answerLine } from '../../src/serve/page/model/answer-line.ts';

const asked = (labels: readonly string[], multiSelect = false): Question => ({
  question: 'Which?',
  options: labels.map(label => ({ label })),
  multiSelect,
});

describe("the page's answers to a question", () => {
  const text = fc.stringMatching(/^\S(.*\S)?$/);
  const label = fc.oneof(text, fc.constantFrom('1', '2', 'Red', 'red', 'a, b', 'a\nb', 'other: 7', '3, 1'));
  const labels = fc.uniqueArray(label, { minLength: 1, maxLength: 5, selector: one => one.toLowerCase() });

  property.prop([labels, fc.nat(4)])('are read as the option that was chosen, in one line', (all, at) => {
    const place = at % all.length;
    const line = answerLine(asked(all), [place], '') ?? '';
    expect(line).not.toMatch(/[\r\n]/);
    const [chosen = ''] = all.slice(place);
    const spelt = answerTo(asked(all), line);
    if (chosen.includes('\n')) expect(spelt?.replace(/\s+/g, ' ')).toBe(chosen.replace(/\s+/g, ' '));
    else expect(spelt).toBe(chosen);
  });

  property.prop([labels, fc.stringMatching(/\S/), fc.boolean()])(
    'are read as the words that were written, whatever they look like',
    (all, words, multiSelect) => {
      const question = asked(all, multiSelect);
      const line = answerLine(question, [], words) ?? '';
      expect(answersIn([question, question], `${line}\n${line}`)).toEqual([line, line]);
      const read = answerTo(question, line)?.toLowerCase();
      expect(read).toBe(words.replace(/\s+/g, ' ').trim().toLowerCase());
    },
  );

  it('name several options, by their numbers where a label has a line break, and other words with them', () => {
    const plain = asked(['Red', 'Blue', 'Green'], true);
    expect(answerLine(plain, [0, 2], '')).toBe('Red, Green');
    expect(answerLine(plain, [0], 'and more')).toBe('Red, and more');
    const commas = asked(['Red, dark', 'Blue', 'Green'], true);
    expect(answerTo(commas, answerLine(commas, [0, 1], '') ?? '')).toBe('Red, dark, Blue');
    expect(answerLine(asked(['a\nb', 'c'], true), [0, 1], '')).toBe('1, 2');
    expect(answerLine(plain, [], ' ')).toBeUndefined();
    expect(answerLine(asked([]), [], '42')).toBe('42');
  });
});
