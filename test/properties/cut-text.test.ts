import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { expect } from 'vitest';
import { cutText } from '../../src/sdk/group/document/cut-text.ts';

const texts = fc.string({ unit: 'binary', maxLength: 2_000, size: 'max' });
const limits = fc.integer({ min: 200, max: 4_000 });

test.prop([texts, limits, fc.option(fc.constant('/a/result.md'), { nil: undefined })])(
  'a text is left alone, or its beginning fits with a note; no character is cut, and cutting again changes nothing',
  (text, limit, file) => {
    const cut = cutText(text, file, limit);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
    expect(cutText(cut, file, limit)).toBe(cut);
    if (Buffer.byteLength(text) <= limit) {
      expect(cut).toBe(text);
      return;
    }
    const at = cut.lastIndexOf('\n\n[truncated: ');
    const beginning = cut.slice(0, at);
    expect(text.startsWith(beginning)).toBe(true);
    expect(isPairSplit(text, at)).toBe(false);
    expect(cut.slice(at)).toContain(`${Buffer.byteLength(text)} bytes`);
    if (file !== undefined) expect(cut).toContain(file);
    // As much as fits: the next character would be too long.
    const next = String.fromCodePoint(text.codePointAt(at) ?? 0);
    expect(Buffer.byteLength(cut) + Buffer.byteLength(next)).toBeGreaterThan(limit);
  },
);

const isPairSplit = (text: string, at: number): boolean =>
  /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? '');
