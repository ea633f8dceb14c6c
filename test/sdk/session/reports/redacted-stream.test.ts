import { describe, expect, it } from 'vitest';
import { redactedStream } from '../../../../src/sdk/session/reports/redacted-stream.ts';

const KEY = ['-----BEGIN RSA PRIVATE KEY-----', 'AAAAcanary', 'BBBBcanary', '-----END RSA PRIVATE KEY-----'];
const SECRETS = { LINES: 'canary1\nc2\nc3\ncanary4\n', WORD: 'canary-1f3b7c' };

function through(chunks: readonly string[], secrets: Readonly<Record<string, string>> = SECRETS): string {
  const stream = redactedStream(secrets);
  const shown = chunks.map(chunk => stream.push(Buffer.from(chunk, 'latin1')));
  return Buffer.concat([...shown, stream.end()]).toString();
}
/** As bytes, so that a chunk may end within a character. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

describe('a stream without secrets', () => {
  const text = bytesOf(
    `é one canary-1f3b7c\nx canary1\nc2\nc3\ncanary4\n${KEY.join('\n')}\ncanary1\nc2\nc2\nend ghp_${'a'.repeat(30)}`,
  );
  const shown = 'é one [redacted WORD]\nx [redacted LINES]\n[redacted]\ncanary1\nc2\nc2\nend [redacted]';

  it('is the same wherever its chunks end', () => {
    for (let at = 0; at <= text.length; at++)
      expect(through([text.slice(0, at), text.slice(at)])).toBe(shown);
    expect(through([...text])).toBe(shown);
    expect(through(text.split(/(?<=\n)/))).toBe(shown);
  });

  it('hands over whole lines at once, but for those that may be the beginning of a secret', () => {
    const stream = redactedStream(SECRETS);
    const push = (chunk: string) => stream.push(Buffer.from(chunk)).toString();
    expect(push('one\ntw')).toBe('one\n');
    expect(push('o\ncanary1\nc2\n')).toBe('two\n');
    expect(push('c5\n')).toBe('canary1\nc2\nc5\n');
    expect(push(`${KEY[0]}\nAAAA\n`)).toBe('');
    expect(push(`${KEY[3]}\nafter\n`)).toBe('[redacted]\nafter\n');
  });

  it('has no part of a secret, however long a line is', () => {
    const edge = 64 * 1024 + 4 * 1024;
    const secrets = [SECRETS.WORD, `ghp_${'Z'.repeat(36)}`, KEY.join('\\n')];
    for (const secret of secrets) {
      for (const before of [edge - 30, edge - 5, edge - 4_100, edge + 1]) {
        const line = `${'.'.repeat(before - 1)} ${secret} ${'.'.repeat(100_000)}`;
        const chunks = Array.from({ length: Math.ceil(line.length / 997) }, (_, n) =>
          line.slice(n * 997, (n + 1) * 997),
        );
        expect(through(chunks)).not.toMatch(/canary|Z/);
        expect(through([line])).not.toMatch(/canary|Z/);
      }
    }
  });

  it('goes on after the beginning of a key that never ends', () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => `line ${n}\n`);
    const left = through([`${KEY[0]}\n`, ...lines]);
    expect(left.startsWith('[redacted]')).toBe(true);
    expect(left.endsWith('line 9998\nline 9999\n')).toBe(true);
  });
});
