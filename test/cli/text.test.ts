import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { renderSummary } from '../../src/cli/run/summary.ts';
import { cleanBlock, cleanLine, jsonLine } from '../../src/cli/text.ts';
import { cutToWidth, fitToWidth } from '../../src/cli/width.ts';

const HOSTILE = [
  ['a colour', '\u001b[31mred\u001b[0m', 'red'],
  ['the erasing of the screen', '\u001b[2J\u001b[Hgone', 'gone'],
  ['a title (OSC, closed by BEL)', '\u001b]0;owned\u0007text', 'text'],
  ['a link (OSC, closed by ST)', '\u001b]8;;http://x\u001b\\label\u001b]8;;\u001b\\', 'label'],
  ['an eight-bit CSI', '\u009b2Jtext', 'text'],
  ['a bell and a backspace', 'a\u0007b\u0008c', 'abc'],
  ['a direction override', 'safe\u202egnp.exe', 'safegnp.exe'],
  ['a null', 'a\u0000b', 'ab'],
] as const;

describe('text from agents and files', () => {
  it.each(HOSTILE)('loses %s', (_, text, clean) => {
    expect(cleanLine(text)).toBe(clean);
  });

  it('has no control characters after cleaning', () => {
    const everything = Array.from({ length: 0x100 }, (_, code) => String.fromCharCode(code)).join('');
    expect(cleanLine(everything)).not.toMatch(/\p{Cc}/u);
    expect(cleanLine(`\u001b${everything}\u001b[`)).not.toMatch(/\p{Cc}/u);
  });

  it('keeps lines and tabs in a block, with uniform line breaks', () => {
    expect(cleanBlock('a\r\nb\rc\n\td')).toBe('a\nb\nc\n\td');
  });

  it('becomes a single line with cleanLine', () => {
    expect(cleanLine('  one\n\n two\tthree ')).toBe('one two three');
  });

  it('is escaped in JSON, safe for a terminal and without loss', () => {
    const value = { text: 'a\u009b2J\u202e\u2028\u001b[31mé' };
    const line = jsonLine(value);
    expect(line).toMatch(/^[^\p{Cc}\p{Bidi_Control}\u2028]+\n$/u);
    expect(JSON.parse(line)).toEqual(value);
  });
});

describe('cutting to a width', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly 10', 10, 'exactly 10'],
    ['more than ten', 10, 'more than…'],
    ['日本語のテキスト', 7, '日本語…'],
    ['日本語のテキスト', 8, '日本語…'],
    ['👩‍👩‍👧‍👦 family', 4, '👩‍👩‍👧‍👦 …'],
    ['anything', 1, '…'],
    ['anything', 0, ''],
  ])('%s in %i columns', (text, width, cut) => {
    expect(cutToWidth(text, width, '…')).toBe(cut);
    expect(stringWidth(cut)).toBeLessThanOrEqual(width);
  });

  it('pads by terminal columns, not by characters', () => {
    expect(fitToWidth('日本', 6, '…')).toBe('日本  ');
    expect(fitToWidth('$1', 4, '…', 'right')).toBe('  $1');
  });
});

describe('the summary of a run', () => {
  it('names the first few of many sessions that have not run, and counts the others', () => {
    const pending = Array.from({ length: 30 }, (_, index) => [
      `p${index}`,
      { status: 'pending' as const, costUsd: 0, attempts: 0 },
    ]);
    const failed = { status: 'failed' as const, costUsd: 0, attempts: 1 };
    const text = renderSummary(
      'Many',
      {
        groupId: 'g',
        status: 'paused',
        reason: 'manual',
        sessions: Object.fromEntries([...pending, ['broken', failed]]),
        totalCostUsd: 0,
        totalTokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        elapsedMs: 0,
      },
      { color: false, unicode: true },
    );
    expect(text.match(/pending$/gm)).toHaveLength(8 + 1);
    expect(text).toContain('  … 22 more pending\n');
    expect(text).toContain('✗ broken failed');
  });
});
