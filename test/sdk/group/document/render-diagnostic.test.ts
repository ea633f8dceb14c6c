import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeFrame } from '../../../../src/sdk/group/document/code-frame.ts';
import type { Diagnostic } from '../../../../src/sdk/group/document/diagnostics.ts';
import { renderDiagnostic, renderDiagnostics } from '../../../../src/sdk/group/document/render-diagnostic.ts';
import { createSourceText, lineOf, placeOf } from '../../../../src/sdk/group/document/source-text.ts';
import { runs } from '../../../support/runs.ts';

const TEXT = 'sessions:\n  - id: a\n    promt: x\n    projectPath: .\n';
const SAMPLE: Diagnostic = {
  severity: 'error',
  code: 'unknown_key',
  message: 'unknown key "promt"',
  path: ['sessions', 2, 'promt'],
  file: 'file.yaml',
  line: 3,
  column: 5,
  frame: codeFrame(createSourceText(TEXT), { line: 3, column: 5 }, 5),
  suggestion: 'did you mean "prompt"?',
};

describe('a diagnostic', () => {
  test('shows place, path, message, the line with a caret, and the suggestion', () => {
    expect(renderDiagnostic(SAMPLE)).toBe(
      [
        'file.yaml:3:5 error unknown_key sessions[2].promt: unknown key "promt"',
        '  2 |   - id: a',
        '> 3 |     promt: x',
        '    |     ^^^^^',
        '  4 |     projectPath: .',
        '  → did you mean "prompt"?',
      ].join('\n'),
    );
  });

  test('is the same text in color', () => {
    const coloured = renderDiagnostic(SAMPLE, { color: true });
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toBe(renderDiagnostic(SAMPLE));
  });

  test('may lack place and path', () => {
    const { severity, code, message } = SAMPLE;
    expect(renderDiagnostic({ severity, code, message, path: [] })).toBe(
      'error unknown_key unknown key "promt"',
    );
  });

  test('list ends with the count', () => {
    const warning: Diagnostic = { ...SAMPLE, severity: 'warning' };
    expect(renderDiagnostics([SAMPLE, warning, SAMPLE]).split('\n').at(-1)).toBe('2 errors, 1 warning');
    expect(renderDiagnostics([])).toBe('no problems');
  });

  test('never contains what a terminal interprets, whatever the file contains', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u001b[2J', '\u009b31m', '\u0007', '\r', '\u202e', '\ud800', '\u2028'),
    );
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const source = createSourceText(`${a}\n${b}${a}\n${a}`);
        const frame = codeFrame(source, { line: 2, column: 1 + b.length }, 3);
        const diagnostic = { ...SAMPLE, frame, message: a, suggestion: b, file: a, path: [a, 1, b] };
        expect(renderDiagnostic(diagnostic)).not.toMatch(/[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u);
        const shown = renderDiagnostic(diagnostic);
        expect(Buffer.from(shown).toString()).toBe(shown);
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('a code frame', () => {
  const frame = (text: string, line: number, column: number, length?: number) =>
    codeFrame(createSourceText(text), { line, column }, length).split('\n');

  test('cuts long lines around the column', () => {
    const [row = '', caret = ''] = frame(`${'x'.repeat(5_000)}HERE${'y'.repeat(5_000)}`, 1, 5_001, 4);
    expect(row.length).toBeLessThan(120);
    expect(row.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
  });

  test('puts the caret under tabs and wide characters', () => {
    expect(frame('\tkey: x', 1, 2, 3)).toEqual(['> 1 |     key: x', '    |     ^^^']);
    expect(frame('日本: x', 1, 5, 1)).toEqual(['> 1 | 日本: x', '    |       ^']);
  });

  test('shows control characters as symbols', () => {
    expect(frame('a\u001b[31mb', 1, 1)[0]).toBe('> 1 | a␛[31mb');
  });

  test('handles places outside the text', () => {
    expect(frame('a', 1, 99)).toHaveLength(2);
    expect(frame('', 1, 1)).toEqual(['> 1 |', '    | ^']);
    expect(frame('a', 9, 1)).toEqual(['']);
  });
});

test('offsets and places agree, with LF and CRLF', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', '\r\n', 'é')), fc.nat(), (parts, n) => {
      const source = createSourceText(parts.join(''));
      const offset = n % (source.text.length + 1);
      const { line, column } = placeOf(source, offset);
      expect((source.lineStarts[line - 1] ?? 0) + column - 1).toBe(offset);
      expect(lineOf(source, line)).toBe(source.text.split(/\r?\n/)[line - 1]);
    }),
  );
});
