import { readdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkshop, session, type Workshop } from '../workshop.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const A = session('a', '{ cost: 0.25 }, { result: done }');
const FAILS = session('a', '{ failure: invalid_request }');
/** Creates a group of this name; returns its id. */
async function created(name: string, sessions = A): Promise<string> {
  const file = await shop.group(sessions, '', `${name}.yaml`);
  const text = `version: 1\nname: ${name}\nconfig: { agent: scripted }\nsessions:\n${sessions}`;
  await writeFile(`${shop.folder}/${file}`, text);
  return (await shop.finished('group', 'create', file)).out.trim();
}

describe('a command about a group', () => {
  test('takes a part of its slug, @latest, or nothing where one is live', async () => {
    const docs = await created('docs');
    await shop.finished('group', 'run', docs);
    const auth = await created('auth-refactor');
    for (const word of [['refac'], ['@latest'], []]) {
      const { code, lines } = await shop.finished('group', 'show', ...word, '--json');
      expect({ code, id: lines[0]?.groupId }).toEqual({ code: 0, id: auth });
    }
    expect((await shop.finished('session', 'show', 'a', '--json')).lines).toMatchObject([{ groupId: auth }]);
    expect((await shop.finished('status', '--json')).lines).toMatchObject([{ groupId: auth }]);
    expect((await shop.finished('logs', 'docs', 'a')).out).toContain('completed');
    expect(await shop.finished('group', 'run')).toMatchObject({ code: 0 });
    const none = await shop.finished('group', 'show');
    expect(none.code).toBe(2);
    expect(none.err).toBe(
      `error: no group is named, and none is live\nhint: The newest is ${auth} (completed): name it, or write @latest.\n`,
    );
  });

  test('is told the matches with their states where several match', async () => {
    const [one, two] = [await created('web-api'), await created('web-page')];
    const { code, err } = await shop.finished('group', 'pause', 'web');
    expect(code).toBe(2);
    expect(err).toContain(`web matches several groups: ${two} (created), ${one} (created)`);
    expect((await shop.finished('group', 'run')).err).toContain('several groups are live: ');
  });

  test('keeps to the group that it has found, whatever becomes of it', async () => {
    const id = await created('demo', FAILS);
    expect(await shop.finished('group', 'run')).toMatchObject({ code: 1 });
    // Nothing is live any more.
    expect((await shop.finished('group', 'retry', '@latest', '--json')).lines.at(-1)).toMatchObject({
      groupId: id,
      status: 'failed',
    });
  });

  test('archives and deletes only what a whole name means alone', async () => {
    const [one, two] = [await created('demo'), await created('demo')];
    await shop.finished('group', 'run', one);
    for (const verb of [['archive'], ['delete', '--force']]) {
      expect((await shop.finished('group', ...verb, 'demo')).err).toContain('demo matches several groups: ');
      // "em" is a part of both; "dem" begins their slug, which is no id.
      for (const part of ['dem', 'em']) {
        const { code, err } = await shop.finished('group', ...verb, part);
        expect([code, err]).toEqual([2, expect.stringContaining(`${part} is only a part of the name of `)]);
        for (const id of [one, two]) expect(err).toContain(id);
      }
    }
    expect(await shop.finished('group', 'delete', two, '--force')).toMatchObject({ code: 0 });
    const { err } = await shop.finished('group', 'archive', 'em');
    expect(err).toMatch(
      new RegExp(`^error: em is only a part of the name of ${one}; .*\nhint: .* with: ${one}\n$`),
    );
    expect((await shop.finished('group', 'delete', 'none', '--force')).err).toContain(
      'no group matches "none"',
    );
    expect(await shop.finished('group', 'archive', 'demo')).toMatchObject({ code: 0 });
  });
});

test('a run without its agent leaves no group', async () => {
  const file = await shop.group('  - { id: a, projectPath: a, prompt: Work, agent: claude }\n');
  const { code, err } = await shop.finished('run', file);
  expect(code).toBe(4);
  expect(err).not.toContain('group run');
  expect(await readdir(`${shop.dataDir}/groups`)).toEqual([]);
});

describe('a list', () => {
  test('has a header, and calls a rehearsal one instead of showing dollars', async () => {
    const file = await shop.group(A);
    const rehearsed = await shop.finished('run', file, '--scripted');
    expect(rehearsed.out).toContain(', rehearsal, ');
    const { out } = await shop.finished('ls');
    expect(out).toMatch(
      /^STATUS +ID +DONE +COST +CREATED +NAME\n✓ completed +\S+-demo +1\/1 +rehearsal +\d+s ago +Demo\n$/,
    );
    const shown = [
      rehearsed,
      await shop.finished('group', 'show', 'demo'),
      await shop.finished('session', 'list', 'demo'),
      await shop.finished('session', 'show', 'demo', 'a'),
      await shop.finished('session', 'logs', 'demo', 'a'),
      await shop.finished('group', 'watch', 'demo'),
    ];
    for (const { out: text, err } of shown) expect(text + err).not.toContain('$');
    expect((await shop.finished('group', 'list', '--json')).lines).toMatchObject([{ rehearsal: true }]);
  });

  test('is no rehearsal any more once an update brings an agent that works', async () => {
    await shop.finished('group', 'create', await shop.group(A), '--scripted');
    expect((await shop.finished('ls', '--json')).lines).toMatchObject([{ rehearsal: true }]);
    const real = await shop.group('  - { id: a, projectPath: a, prompt: Work, agent: claude }\n');
    expect(await shop.finished('group', 'update', real)).toMatchObject({ code: 0 });
    expect((await shop.finished('ls', '--json')).lines[0]).not.toHaveProperty('rehearsal');
  });

  test('shows what waits for a person', async () => {
    const held = session('a', '{ cost: 0.3 }, { delay: 1ms }, { result: done }');
    await shop.finished('run', await shop.group(held, 'budget: { maxBudgetUsd: 0.1 }'));
    expect((await shop.finished('ls')).out).toMatch(
      /WAITS FOR YOU +NAME\n.* {2}the budget is used up {2}Demo\n$/,
    );
    expect((await shop.finished('ls', '--json')).lines).toMatchObject([
      { attention: { paused: 'budget_exceeded' } },
    ]);
  });

  test('of sessions can be one of some states', async () => {
    const after = session('b', '{ result: done }', ', dependsOn: [a]');
    await shop.finished('run', await shop.group(FAILS + after + session('c', '{ result: done }')));
    const list = async (...argv: string[]) => {
      const { lines } = await shop.finished('session', 'list', 'demo', '--json', ...argv);
      return lines.map(({ id }) => id);
    };
    expect(await list('--status', 'failed')).toEqual(['a']);
    expect(await list('--status', 'failed,completed')).toEqual(['a', 'c']);
    expect((await shop.finished('session', 'ls', 'demo')).out).toMatch(
      /^STATUS +SESSION +COST +TRY +TIME +DETAILS\n/,
    );
    expect((await shop.finished('session', 'list', 'demo', '--status', 'running')).err).toBe(
      'No matching sessions.\n',
    );
    expect((await shop.finished('session', 'list', 'demo', '--status', 'falied')).code).toBe(2);
  });
});
