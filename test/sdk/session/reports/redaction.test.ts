import { describe, expect, it } from 'vitest';
import { redactedJson, redactedLine, redactor } from '../../../../src/sdk/session/reports/redaction.ts';

const redact = redactor({
  MY_TOKEN: 'canary-one-1f3b7c',
  LONGER: 'canary-one-1f3b7c-and-more',
  LINES: 'first "line"\nsecond',
  SESSION_GROUPS_MCP_1: 'Bearer canary-two',
  PORT: '3000',
});

describe('a redactor', () => {
  it('replaces each value by its name, the longest first', () => {
    expect(redact('a canary-one-1f3b7c b canary-one-1f3b7c-and-more')).toBe(
      'a [redacted MY_TOKEN] b [redacted LONGER]',
    );
    expect(redact('-H "Bearer canary-two"')).toBe('-H "[redacted]"');
  });

  it('finds a value in JSON', () => {
    expect(redact(JSON.stringify({ a: 'first "line"\nsecond' }))).toBe('{"a":"[redacted LINES]"}');
    expect(redactedJson({ a: ['x canary-one-1f3b7c', 1, null], b: { c: 'PORT 3000' } }, redact)).toEqual({
      a: ['x [redacted MY_TOKEN]', 1, null],
      b: { c: 'PORT 3000' },
    });
  });

  it.each([
    ['JSON in JSON', JSON.stringify(JSON.stringify({ p: 'QC"it\\pass é1' }))],
    ['JSON in JSON in JSON', JSON.stringify(JSON.stringify(JSON.stringify({ p: 'QC"it\\pass é1' })))],
    ['JSON of ASCII alone', '{"p":"QC\\"it\\\\pass \\u00e91"}'],
  ])('finds a value in %s', (_, text) => {
    const shown = redactor({ QUOTED: 'QC"it\\pass é1' })(text);
    expect(shown).toContain('[redacted QUOTED]');
    expect(shown).not.toMatch(/QC|it|pass/);
  });

  it('finds a value of several lines as others write it, and each long line of it by itself', () => {
    const key = redactor({ MY_KEY: 'canary-line-one-111\nshort\ncanary-line-two-222\n' });
    for (const end of ['\n', '\r\n', ' '])
      expect(key(`<canary-line-one-111${end}short${end}canary-line-two-222>`)).toBe('<[redacted MY_KEY]>');
    expect(key('  1 canary-line-one-111\n  2 short\n')).toBe('  1 [redacted MY_KEY]\n  2 short\n');
  });

  it('does not take the mark of another key for a line of its own', () => {
    const mark = '-----BEGIN PRIVATE KEY-----';
    const key = redactor({ MY_KEY: `${mark}\ncanary-line-one-111\n-----END PRIVATE KEY-----` });
    expect(key(`${mark}\nof-another-key\n-----END PRIVATE KEY-----`)).toBe('[redacted]');
  });

  it.each(['\u001b[m\u001b[K', '\u200e', '\u2066', '\u0007', '\u009b1m', '\b'])(
    'finds a value that is put together once %j is taken out',
    hidden => {
      expect(redact(`a canary-one${hidden}-1f3b7c b`)).toBe('a [redacted MY_TOKEN] b');
      expect(redact(`a gh${hidden}p_abcdefghijklmnopqrst1234 b`)).toBe('a [redacted] b');
      const line = `${JSON.stringify({ text: `a canary-one${hidden}-1f3b7c b`, n: 1 })}\n`;
      expect(redactedLine(line, redact)).toBe('{"text":"a [redacted MY_TOKEN] b","n":1}\n');
      const colours = `${JSON.stringify({ text: `a${hidden}b` })}\n`;
      expect(redactedLine(colours, redact)).toBe(colours);
      expect(redact(`a${hidden}b`)).toBe(`a${hidden}b`);
    },
  );

  it('leaves a line of JSON one, whatever is in a value', () => {
    const odd = redactor({ PIN: '1234567890', QUOTES: '\\"canary' });
    const line = JSON.stringify({ pin: 1_234_567_890, text: 'canary', quoted: 'is \\"canary' });
    expect(JSON.parse(redactedLine(line, odd))).toEqual({
      ...{ pin: '[redacted PIN]', text: 'canary', quoted: 'is [redacted QUOTES]' },
    });
  });

  it('leaves what follows the beginning of a key that never ends', () => {
    const shown = redact(`-----BEGIN PRIVATE KEY-----\n${'x\n'.repeat(50_000)}the end`);
    expect(shown.startsWith('[redacted]')).toBe(true);
    expect(shown.endsWith('x\nthe end')).toBe(true);
  });

  it('leaves short values alone', () => {
    expect(redact('listening on 3000')).toBe('listening on 3000');
  });

  it.each([
    'sk-ant-api03-abcdefghijklmnop',
    'sk_live_abcdefghijklmnop12',
    'ghp_abcdefghijklmnopqrst1234',
    'github_pat_abcdefghijklmnopqrst12',
    'glpat-abcdefghijklmnop12',
    'xoxb-1234567890-abc',
    'AKIAABCDEFGHIJKLMNOP',
    'AIzaabcdefghijklmnopqrstuvwxyz123456789',
    'npm_abcdefghijklmnopqrstuvwxyz123456',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk',
    '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----',
  ])('replaces %s, whoever has it', token => {
    expect(redact(`use "${token}" now`)).toBe('use "[redacted]" now');
  });

  it('replaces what follows Bearer, and the password in an address', () => {
    expect(redact('curl -H "Authorization: Bearer abcdefghijklmnop1234" x')).toBe(
      'curl -H "Authorization: Bearer [redacted]" x',
    );
    expect(redact('psql postgres://me:hunter2secret@db/app')).toBe('psql postgres://me:[redacted]@db/app');
    expect(redact('https://example.com:8080/a@b')).toBe('https://example.com:8080/a@b');
  });

  it.each([
    'npm test',
    'git show 0123456789abcdef0123456789abcdef01234567',
    'the bearer of it',
    'sk-1',
    'a://b:c',
  ])('leaves %s as it is', text => {
    expect(redact(text)).toBe(text);
  });

  it('takes time in proportion to the text', () => {
    const texts = [
      '://a:'.repeat(100_000),
      'Bearer '.repeat(80_000),
      `${'eyJ'.repeat(200_000)}`,
      '-----BEGIN PRIVATE KEY-----'.repeat(5_000),
    ];
    for (const text of texts) {
      const began = process.cpuUsage();
      redact(text);
      expect(process.cpuUsage(began).user / 1_000).toBeLessThan(2_000);
    }
  });
});
