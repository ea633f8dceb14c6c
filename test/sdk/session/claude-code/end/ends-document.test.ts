import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, isRetryable } from '../../../../../machines/vocabulary.ts';
import { ENDS, type End } from '../../../../../src/sdk/session/claude-code/end/ends.ts';
import { START_FAILURES } from '../../../../../src/sdk/session/claude-code/end/start-failures.ts';

const TEXT = readFileSync(new URL('../../../../../design-docs/ends.md', import.meta.url), 'utf8');
const rowsOf = (heading: string) =>
  (TEXT.split(/^## /m).find(part => part.startsWith(heading)) ?? '')
    .split('\n')
    .filter(line => line.startsWith('| `'));

const codeOf = (name: string) => ERROR_CODES.find(code => code === name);
const retried = (name: string): string => {
  const code = codeOf(name);
  return code === undefined ? '' : isRetryable(code) ? 'yes' : 'no';
};
const said = ({ is, ifAsked }: End): string => {
  const word =
    is === 'done' ? 'completed' : is === 'by_class' ? 'by the class of the API error' : `\`${is}\``;
  return ifAsked ? `${word}; where the engine asked for it: interrupted` : word;
};

describe('the tables of ends in the documents', () => {
  it('have each terminal reason, and what the code says', () => {
    expect(rowsOf('Terminal reasons')).toEqual(
      Object.entries<End>(ENDS).map(
        ([name, end]) => `| \`${name}\` | ${said(end)} | ${retried(end.is)} | ${end.means} |`,
      ),
    );
  });

  it('have each reason for which a start fails, and its code', () => {
    expect(rowsOf('Failed starts')).toEqual(
      Object.entries(START_FAILURES).map(
        ([name, code]) => `| \`${name}\` | \`${code}\` | ${retried(code)} |`,
      ),
    );
  });
});
