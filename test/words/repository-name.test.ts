import { expect, test } from 'vitest';
import { repositoryName } from '../../src/words/delivery-words.ts';

const at = (folder: string, below = '') => ({ repository: `${folder}/.git`, project: folder + below });
const names = (...all: { repository: string; project: string }[]) => all.map(one => repositoryName(one, all));

test('a repository is called by its folder, wherever in it a session works', () => {
  expect(names(at('/work/shop', '/packages/api'), at('/work/site'))).toEqual(['shop', 'site']);
  expect(names({ repository: 'C:\\work\\shop\\.git', project: 'C:\\work\\shop\\api' })).toEqual(['shop']);
});

test('where two folders have the same name, both are called by their paths', () => {
  expect(names(at('/one/shop', '/api'), at('/two/shop'), at('/one/site'))).toEqual([
    '/one/shop',
    '/two/shop',
    'site',
  ]);
});

test('what is cloned is called by its project, and what a link leads to by its folder', () => {
  const clone = { repository: '/data/clones/0a1b', project: 'https://example.org/team/shop.git' };
  const linked = { repository: '/work/shop/.git', project: '/links/here/api' };
  expect(names(clone, linked)).toEqual(['shop.git', 'shop']);
});
