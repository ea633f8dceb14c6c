import { describe, expect, it } from 'vitest';
import { redactedJson, redactor } from '../../../../src/sdk/session/reports/redaction.ts';

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
