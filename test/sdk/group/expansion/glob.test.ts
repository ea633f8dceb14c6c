import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { glob } from '../../../../src/sdk/group/expansion/glob.ts';

const base = mkdtempSync(join(tmpdir(), 'glob-'));
const outside = mkdtempSync(join(tmpdir(), 'glob-outside-'));
for (const folder of [
  'packages/api/src',
  'packages/web',
  'packages/.hidden',
  'packages/core/node_modules/dep',
  'linked/real',
  'odd/-x',
]) {
  mkdirSync(join(base, folder), { recursive: true });
}
writeFileSync(join(base, 'packages/README.md'), '');
writeFileSync(join(base, 'packages/api/src/a.ts'), '');
mkdirSync(join(outside, 'secret'));
symlinkSync(outside, join(base, 'linked/out'));
symlinkSync(join(base, 'packages'), join(base, 'alias'));
afterAll(() => {
  for (const folder of [base, outside]) rmSync(folder, { recursive: true });
});

const paths = async (pattern: string, files = false, most = 100) => {
  const result = await glob(base, pattern, { files, most });
  return result.ok ? result.paths : result.code;
};

describe('a glob', () => {
  test.each([
    ['packages/*', ['packages/api', 'packages/core', 'packages/web']],
    ['packages/*/', ['packages/api', 'packages/core', 'packages/web']],
    ['packages/?e*', ['packages/web']],
    ['packages/.*', ['packages/.hidden']],
    ['packages/api', ['packages/api']],
    [
      'pack*/**',
      ['packages/api', 'packages/api/src', 'packages/core', 'packages/core/node_modules', 'packages/web'],
    ],
    ['**/src', ['packages/api/src']],
    ['nowhere/*', []],
    ['packages/*i*i*i*', []],
  ])('%s matches folders', async (pattern, expected) => {
    expect(await paths(pattern)).toEqual(expected);
  });

  test.each([
    ['packages/*', ['packages/README.md']],
    ['packages/**/*.ts', ['packages/api/src/a.ts']],
  ])('%s matches files, where files are wanted', async (pattern, expected) => {
    expect(await paths(pattern, true)).toEqual(expected);
  });

  test.each(['../*', '/etc/*', '~/x', 'packages/../..', './x', 'a//b', ''])(
    '%j is refused, because it leads out of its folder',
    async pattern => {
      expect(await paths(pattern)).toBe('invalid_glob');
    },
  );

  test.each(['a/{b,c}', '[ab]', '!x', 'a**', String.raw`a\*`])(
    '%j is refused, because it says what it cannot',
    async pattern => {
      expect(await paths(pattern)).toBe('invalid_glob');
    },
  );

  test.each(['linked/*', 'linked/out/*', 'alias/*', 'linked/*/secret'])(
    '%s is refused, because it leads through a link',
    async pattern => {
      expect(await paths(pattern)).toBe('glob_through_link');
    },
  );

  test('with ** enters no link, and does not match one', async () => {
    expect(await paths('linked/**')).toEqual(['linked/real']);
  });

  test('that matches more than is wanted is refused, before more is kept', async () => {
    expect(await paths('packages/*', false, 2)).toBe('too_many_sessions');
    expect(await paths('packages/*', false, 3)).toHaveLength(3);
  });

  test('refuses a name that would be an option of a command', async () => {
    expect(await glob(join(base, 'odd'), '*', { files: false, most: 9 })).toMatchObject({
      code: 'invalid_value',
    });
  });

  test('of many wildcards takes no longer for a name that almost matches', async () => {
    mkdirSync(join(base, 'long', 'a'.repeat(200)), { recursive: true });
    expect(await paths(`long/${'a*'.repeat(90)}b`)).toEqual([]);
  });
});
