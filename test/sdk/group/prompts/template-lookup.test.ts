// @module-tag processes
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  findTemplate,
  listTemplates,
  type TemplateFolder,
} from '../../../../src/sdk/group/prompts/template-lookup.ts';
import { runs } from '../../../support/runs.ts';

let place = '';
let folders: readonly TemplateFolder[] = [];
const SECRET = 'SECRET';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'templates-'));
  put('outside/secret.md', SECRET);
  put('secret.md', SECRET);
  put('group/secret.md', SECRET);
  put('group/templates/review.md', 'group');
  put('group/templates/team/deep.md', 'deep');
  put('user/templates/review.md', 'user');
  put('user/templates/mine.md', 'user');
  folders = [
    { from: 'group', path: join(place, 'group/templates') },
    { from: 'user', path: join(place, 'user/templates') },
  ];
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function put(path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  writeFileSync(join(place, path), text);
}
const link = (to: string, path: string) => symlinkSync(to, join(place, path));
const find = (name: string) => findTemplate(name, folders);

describe('a template', () => {
  test('is found by name, in the first folder that has it', async () => {
    expect(await find('review')).toMatchObject({ ok: true, text: 'group', from: 'group' });
    expect(await find('mine')).toMatchObject({ ok: true, text: 'user', from: 'user' });
    expect(await find('team/deep')).toMatchObject({ ok: true, text: 'deep' });
  });

  test('that does not exist is reported with the places searched and the nearest name', async () => {
    const looked = `there is no template "min"; looked in ${place}/group/templates, ${place}/user/templates`;
    expect(await find('min')).toMatchObject({
      code: 'unknown_template',
      message: expect.stringContaining(`${looked} (the built-in ones are not in this bundle`),
      suggestion: 'did you mean "mine"?',
    });
    const shipped = { from: 'shipped', path: join(place, 'shipped') } as const;
    const all = await findTemplate('min', [...folders, shipped]);
    expect(all).toMatchObject({ message: `${looked}, ${shipped.path}` });
    expect(await find('qqqqqq')).toMatchObject({ suggestion: 'available: mine, review, team/deep' });
    expect(await find('completely-different.md')).toMatchObject({ suggestion: 'leave out .md' });
  });

  test('is listed by the name under which it is found', async () => {
    put('group/templates/.hidden.md', 'x');
    put('group/templates/.git/config.md', 'x');
    put('group/templates/notes.txt', 'x');
    put('group/templates/two words.md', 'x');
    expect((await listTemplates(folders)).map(({ name, from }) => `${from} ${name}`)).toEqual([
      'user mine',
      'group review',
      'group team/deep',
    ]);
  });

  test.each([
    '../secret',
    'team/../../secret',
    '..',
    '.',
    '',
    '/etc/passwd',
    '//x',
    'team//deep',
    'team/',
    './review',
    '.hidden',
    'team/.hidden',
    '..\\secret',
    'C:\\secret',
    'review\0',
    'review\0.md',
    '~/secret',
    '%2e%2e/secret',
    'a/b/c/d/e/f/g/h/i',
    'ｒeview',
    '\u202ereview',
  ])('cannot be named %j', async name => {
    expect(await find(name)).toMatchObject({ ok: false, code: 'invalid_template_name' });
  });

  test('may be up to eight folders deep', async () => {
    put('group/templates/a/b/c/d/e/f/g/h.md', 'eight');
    expect(await find('a/b/c/d/e/f/g/h')).toMatchObject({ ok: true, text: 'eight' });
    expect((await listTemplates(folders)).map(({ name }) => name)).toContain('a/b/c/d/e/f/g/h');
  });
});

describe('a link', () => {
  test('out of the folder is rejected, not skipped', async () => {
    link('../../outside/secret.md', 'group/templates/mine.md');
    link(join(place, 'outside'), 'group/templates/out');
    expect(await find('mine')).toMatchObject({ ok: false, code: 'template_outside' });
    expect(await find('out/secret')).toMatchObject({ ok: false, code: 'template_outside' });
  });

  test("to a folder whose name only starts like the template folder's leads out of it", async () => {
    put('group/templates-of-others/x.md', SECRET);
    link('../templates-of-others/x.md', 'group/templates/x.md');
    expect(await find('x')).toMatchObject({ ok: false, code: 'template_outside' });
  });

  test('that is broken or circular is rejected', async () => {
    link('nowhere.md', 'group/templates/mine.md');
    link('circle.md', 'group/templates/circle.md');
    expect(await find('mine')).toMatchObject({ ok: false, code: 'template_outside' });
    expect(await find('circle')).toMatchObject({ ok: false, code: 'template_outside' });
  });

  test('within the folder is followed, and the folder itself may be one', async () => {
    link('team/deep.md', 'group/templates/alias.md');
    expect(await find('alias')).toMatchObject({ ok: true, text: 'deep' });
    link(join(place, 'user/templates'), 'linked');
    const linked: TemplateFolder[] = [{ from: 'user', path: join(place, 'linked') }];
    expect(await findTemplate('mine', linked)).toMatchObject({ ok: true, text: 'user' });
  });
});

describe('anything but a text file', () => {
  test.each<[string, () => void, string]>([
    ['a folder', () => put('group/templates/x.md/y.md', 'x'), 'not_a_file'],
    [
      'bytes that are not UTF-8',
      () => put('group/templates/x.md', new Uint8Array([0xff, 0xfe, 0])),
      'not_utf8',
    ],
    ['more than 4 MB', () => put('group/templates/x.md', 'x'.repeat(4 * 1024 * 1024 + 1)), 'file_too_large'],
    ['a named pipe', () => void execFileSync('mkfifo', [join(place, 'group/templates/x.md')]), 'not_a_file'],
  ])('is rejected without blocking: %s', async (_, make, code) => {
    make();
    expect(await find('x')).toMatchObject({ ok: false, code });
  });
});

describe('a name', () => {
  const parts = fc.oneof(
    fc.constantFrom(
      ...['..', '.', '', 'secret', 'review', 'team', 'out', 'in', 'deep', '~', 'outside', 'templates'],
      ...['\0', 'secret\0', '%2e%2e', '．．', '..\\', '\u2024\u2024', 'secret.md', '..;', '.. ', ' ..'],
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.string({ maxLength: 6 }),
  );
  const names = fc
    .tuple(
      fc.constantFrom('', '/', '//', '\\', './', '../'),
      fc.array(parts, { maxLength: 9 }),
      fc.constantFrom('/', '\\'),
    )
    .map(([start, inner, separator]) => start + inner.join(separator));
  const absolute = fc
    .constantFrom('outside/secret', 'secret', 'group/secret')
    .map(path => ({ absolute: path }));

  test('never reaches a file outside its folder', async () => {
    link(join(place, 'outside'), 'group/templates/out');
    link('..', 'group/templates/up');
    link('../../outside/secret.md', 'group/templates/secret.md');
    link('team', 'group/templates/in');
    const roots = folders.map(({ path }) => realpathSync(path));
    await fc.assert(
      fc.asyncProperty(fc.oneof(names, absolute), async given => {
        const name = typeof given === 'string' ? given : join(place, given.absolute);
        const found = await find(name);
        if (!found.ok) return;
        expect(found.text).not.toContain(SECRET);
        const real = realpathSync(found.file);
        expect(roots.some(root => real.startsWith(`${root}/`))).toBe(true);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('is only listed if it can be found', async () => {
    link(join(place, 'outside'), 'group/templates/out');
    link('../../outside/secret.md', 'group/templates/secret.md');
    for (const { name } of await listTemplates(folders)) {
      const found = await find(name);
      expect(found.ok || found.code === 'template_outside').toBe(true);
    }
  });
});
