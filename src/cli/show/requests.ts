import type { PermissionRequest } from '../../control/wire/pending-request.ts';
import { counted } from '../../sdk/format.ts';
import { planIn, type Question, questionsIn } from '../../sdk/session/reports/questions.ts';
import { wholeInput } from '../../sdk/session/reports/whole-input.ts';
import { askedWords } from '../../words/transcript.ts';
import { PLAN_WORDS } from '../../words/wait-words.ts';
import { cleanBlock, cleanLine } from '../text.ts';
import { cutToWidth } from '../width.ts';

const MAX_LENGTH = 300;
const PLAN_LINES = 12;
const MOST_OPTIONS = 20;

/** What an agent asks for, and below it the options of its questions, or the beginning of its plan. */
export function requestLines(request: Omit<PermissionRequest, 'requestId'>): string[] {
  const questions = questionsIn(request.tool, request.input);
  if (questions.length > 0)
    return questions.flatMap(one => [`asks: ${cleanLine(one.question)}`, ...optionLines(one)]);
  const plan = planIn(request.tool, request.input);
  if (plan !== undefined) return [PLAN_WORDS, ...planLines(plan)];
  return [`wants to use ${requestWords(request)}`];
}

/** The same in one line, of at most 300 columns. */
export function requestLine(request: Omit<PermissionRequest, 'requestId'>): string {
  const { tool, input } = request;
  const isPermission = questionsIn(tool, input).length === 0 && planIn(tool, input) === undefined;
  const words = isPermission ? `wants to use ${requestWords(request)}` : cleanLine(askedWords(request));
  return cutToWidth(words, MAX_LENGTH, '...');
}

/** `  1 Red: like a rose`: each with the number that answers with it. */
export function optionLines({ options, multiSelect }: Question): string[] {
  const lines = options.slice(0, MOST_OPTIONS).map(({ label, description }, index) => {
    const about = description === undefined ? '' : `: ${cleanLine(description)}`;
    return `  ${index + 1} ${cleanLine(label)}${about}`;
  });
  return multiSelect ? [...lines, '  (several, joined by commas)'] : lines;
}

export function planLines(plan: string): string[] {
  if (plan.trim() === '') return [];
  const lines = cleanBlock(plan).trim().split('\n');
  const left = lines.length - PLAN_LINES;
  const more = left > 0 ? [`(${counted(left, 'more line')})`] : [];
  return [...lines.slice(0, PLAN_LINES), ...more].map(line => `  ${line}`);
}

/** `Bash: npm test`, `Write: notes.txt (content: hello)`. */
export function requestWords({ tool, input }: { readonly tool: string; readonly input?: unknown }): string {
  const whole = wholeInput(input);
  return whole === undefined ? cleanLine(tool) : `${cleanLine(tool)}: ${cleanLine(whole)}`;
}
