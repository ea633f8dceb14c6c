import { describe, expect, test } from 'vitest';
import { placeOf } from '../../../src/cli/completion/place.ts';
import { programFor } from '../../../src/cli/program/program.ts';
import { FakeGroup, FakeIo, fakeServices } from '../fakes.ts';

const program = programFor({ io: new FakeIo(), services: fakeServices(new FakeGroup()), exitCode: 0 });
/** What is asked for where the last word is being written. */
const asked = (...words: string[]) => {
  const { typed, before, wanted } = placeOf(program, words);
  const kinds = wanted.map(one => {
    if (one.kind === 'words')
      return one.words.map(({ value }) => value).filter(value => value.startsWith(typed));
    if (one.kind === 'variable') return `variables of ${one.template ?? one.file ?? 'the default'}`;
    return one.kind === 'session' ? `sessions of ${one.group}` : one.kind;
  });
  return { before, wanted: kinds.flat() };
};
const wanted = (...words: string[]) => asked(...words).wanted;

describe('commands', () => {
  test('of the program, with the short ones', () => {
    expect(wanted('')).toEqual(expect.arrayContaining(['run', 'group', 'cost', 'ls', 'status', 'help']));
    expect(wanted('s')).toEqual(['session', 'serve', 'status']);
  });
  test('of a noun, also after help', () => {
    expect(wanted('group', 're')).toEqual(['resume', 'retry']);
    expect(wanted('help', 'group', 're')).toEqual(['resume', 'retry']);
    expect(wanted('help', 'group', 'resume', '')).toEqual([]);
  });
});

test.each<[string[], string[]]>([
  [['group', 'show', ''], ['group']],
  [['status', ''], ['group']],
  [['group', 'update', 'demo', ''], ['file']],
  [
    ['session', 'show', ''],
    ['group', 'sessions of @live'],
  ],
  [['session', 'show', 'demo', ''], ['sessions of demo']],
  [['logs', 'demo', ''], ['sessions of demo']],
  [['session', 'logs', '--json', 'demo', ''], ['sessions of demo']],
  [['session', 'show', 'demo', 'a', ''], []],
  [['run', ''], ['file']],
  [['template', 'show', ''], ['template']],
  [['chart', 'b'], ['budget']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['group', 'delete', ''], ['group']],
])('the arguments of %j are %j', (words, kinds) => {
  expect(wanted(...words)).toEqual(kinds);
});

describe('options', () => {
  test('are those of the command', () => {
    expect(wanted('group', 'resume', '--max')).toEqual(['--max-budget-usd']);
    expect(wanted('group', 'show', '--he')).toEqual(['--help']);
    expect(wanted('group', '-')).toEqual(['--help']);
  });
  test.each<[string[], string[]]>([
    [['group', 'list', '--status', 'comp'], ['completed']],
    [['session', 'list', 'demo', '--status', 'awa'], ['awaiting_approval']],
    [
      ['session', 'list', 'demo', '--status', 'inter'],
      ['interrupting', 'interrupted'],
    ],
    [['group', 'list', '--status', 'inter'], ['interrupted']],
    [['run', '--var', ''], ['variables of the default']],
    [['plan', 'audit.yaml', '--var', ''], ['variables of audit.yaml']],
    [['group', 'update', 'demo', 'audit.yaml', '--var=to'], ['variables of audit.yaml']],
    [['template', 'render', 'review', '--var', ''], ['variables of review']],
    [['group', 'list', '--project', ''], ['folder']],
    [['group', 'retry', 'demo', '--session', ''], ['sessions of demo']],
    [['session', 'add', 'demo', '--depends-on', ''], ['sessions of demo']],
    [['session', 'add', 'demo', '--template', ''], ['template']],
    [
      ['cost', '--by', ''],
      ['project', 'day', 'model', 'group'],
    ],
    [['run', '--max-budget-usd', ''], []],
    [['run', '--max-budget-usd', '5', ''], ['file']],
  ])('the value in %j is one of %j', (words, kinds) => {
    expect(wanted(...words)).toEqual(kinds);
  });
  test('a value in the same word, and the last of several', () => {
    expect(asked('group', 'list', '--status=comp')).toEqual({ before: '--status=', wanted: ['completed'] });
    expect(asked('group', 'list', '--status', 'failed,comp')).toEqual({
      before: 'failed,',
      wanted: ['completed'],
    });
  });
});
