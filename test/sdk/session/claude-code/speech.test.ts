import { expect, it } from 'vitest';
import { permissionAnswer } from '../../../../src/sdk/session/claude-code/speech.ts';

const questions = ['Where?', 'Which?'].map(question => ({ question, options: [] }));
const asked = { tool: 'AskUserQuestion', toolUseId: undefined, input: { questions } };

const answersIn = (line: string) => JSON.parse(line).response.response.updatedInput.answers;

it('passes each question its own answer, whatever lines that has', () => {
  const each = permissionAnswer('r', asked, 'allow', 'staging\nA B', ['staging', 'A\nB']);
  expect(answersIn(each)).toEqual({ 'Where?': 'staging', 'Which?': 'A\nB' });
  const lines = permissionAnswer('r', asked, 'allow', 'staging\nA');
  expect(answersIn(lines)).toEqual({ 'Where?': 'staging', 'Which?': 'A' });
  const whole = permissionAnswer('r', asked, 'allow', 'you decide');
  expect(answersIn(whole)).toEqual({ 'Where?': 'you decide', 'Which?': 'you decide' });
});
