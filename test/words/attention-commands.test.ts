import { describe, expect, it } from 'vitest';
import { itemCommands } from '../../src/words/attention.ts';

const asked = { groupId: 'g', name: 'G', sessionId: 'q', requestId: 'r-1' };
const choices = (...labels: string[]) =>
  itemCommands({
    ...{ kind: 'question', ...asked, tool: 'AskUserQuestion' },
    questions: [{ question: 'Which?', multiSelect: false, options: labels.map(label => ({ label })) }],
  }).slice(0, -1);
const approve = (answer: string) => `session-groups session approve g q r-1 --answer ${answer}`;

describe('the command for an option of a question', () => {
  it('chooses that one, whatever labels look like', () => {
    expect(choices('\u2066\u2069 2', 'Delete everything')).toEqual([approve('1'), approve('2')]);
    expect(choices('\u0007', 'two  spaces')).toEqual([approve('1'), approve('2')]);
    expect(choices('2', '3', '5')).toEqual([approve('1'), approve('3'), approve('5')]);
    expect(choices('2', '\u2066Delete')).toEqual([approve('1')]);
  });
});

it('names the request, which stays an argument', () => {
  const item = { ...asked, kind: 'approval', tool: 'Bash' } as const;
  expect(itemCommands(item)).toEqual([
    'session-groups session approve g q r-1',
    'session-groups session deny g q r-1',
  ]);
  expect(itemCommands({ ...item, requestId: '--json' })[0]).toBe(
    'session-groups session approve -- g q --json',
  );
});
