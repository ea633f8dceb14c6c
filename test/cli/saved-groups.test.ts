// @module-tag processes
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtCli } from './built-cli.ts';
import { finished, openWorkshop, session, type Workshop } from './workshop.ts';

/** Groups without an owner: created, interrupted, at rest, damaged. */

let shop: Workshop;
beforeAll(() => void builtCli(), 120_000);
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const QUICK = session('a', '{ text: hello }, { cost: 0.25 }, { result: done }');
const SLOW = session('b', '{ text: half }, { cost: 0.1 }, { delay: 5s }, { text: rest }');
const AFTER_B = session('c', '{ text: last }', ', dependsOn: [b]');

/** A group whose process was killed when `a` had completed and `b` was running. */
async function killed(): Promise<string> {
  const run = shop.start('run', await shop.group(QUICK + SLOW.replace('5s', '60s') + AFTER_B));
  await run.says('a: completed');
  run.process.kill('SIGKILL');
  expect(await run.ended).toBe(137);
  const [id = ''] = await readdir(join(shop.folder, 'data', 'groups'));
  return id;
}

describe('a group whose process was killed', () => {
  it('is listed and shown as interrupted, with the resume command', async () => {
    const id = await killed();
    const [list, sessions, show, watch, why] = await Promise.all([
      shop.finished('group', 'list', '--status', 'interrupted', '--json'),
      shop.finished('session', 'list', id, '--status', 'interrupted', '--json'),
      shop.finished('group', 'show', id),
      shop.finished('group', 'watch', id, '--json'),
      shop.finished('session', 'why', id, 'b'),
    ]);
    expect(list.lines).toMatchObject([{ id, status: 'interrupted', counts: { completed: 1 } }]);
    expect(sessions.lines).toMatchObject([{ id: 'b' }]);
    expect(show.out).toContain('! interrupted  Demo');
    expect(show.out).toContain('the process that ran it has died');
    expect(show.out).toMatch(/! interrupted {2}b/);
    expect(show.err).toBe(`It is no longer running. Resume it with: session-groups group resume ${id}\n`);
    expect(watch.code).toBe(3);
    expect(watch.lines.at(-1)).toMatchObject({ type: 'result', status: 'interrupted' });
    expect(why).toMatchObject({
      out: 'interrupted, the process that ran its group has died\n',
      err: `Go on: session-groups group resume ${id}\n`,
    });
  });

  it('stays as it is if a retry finds nothing to retry, which says how it goes on', async () => {
    const id = await killed();
    const journal = join(shop.folder, 'data', 'groups', id, 'journal.ndjson');
    const before = await readFile(journal);
    expect(await shop.finished('group', 'retry', id)).toMatchObject({
      code: 5,
      err: expect.stringMatching(/nothing_to_retry|no failed, stopped or skipped.*\n.*group resume/s),
    });
    expect(await readFile(journal)).toEqual(before);
    expect((await shop.finished('group', 'list', '--json')).lines).toMatchObject([{ status: 'interrupted' }]);
  });

  it('is not said to have died where its lock is torn, nor is it taken', async () => {
    const id = await killed();
    const lock = join(shop.folder, 'data', 'groups', id, 'owner.json');
    await writeFile(lock, (await readFile(lock, 'utf8')).slice(0, 40));
    const show = await shop.finished('group', 'show', id);
    expect(show.out).toContain(`it is not known whether it runs: ${lock} is not a valid owner record`);
    expect(show.out).not.toContain('died');
    expect(show.err).toBe('');
    expect((await shop.finished('group', 'show', id, '--json')).lines).toMatchObject([
      { ownerUnreadable: expect.stringContaining(lock) },
    ]);
    const words = `it is not known whether it runs: ${lock} is not a valid owner record`;
    const [list, listed, watch, resume] = await Promise.all([
      shop.finished('group', 'list'),
      shop.finished('group', 'list', '--json'),
      shop.finished('group', 'watch', id),
      shop.finished('group', 'resume', id),
    ]);
    expect(list.out).toContain(`\n    ${words}\n`);
    expect(listed.lines).toMatchObject([{ id, ownerUnreadable: expect.stringContaining(lock) }]);
    expect(watch.err).toBe(`${words}\n`);
    expect(resume.err).toContain(`rm '${lock}'`);
    expect(resume.err).toContain('--take-over');
    expect((await shop.finished('group', 'stop', id, '--take-over')).out).toContain('stopped');
  });

  /** As if the process had run where the change says. */
  async function movedTo(id: string, change: Record<string, unknown>): Promise<void> {
    const lock = join(shop.folder, 'data', 'groups', id, 'owner.json');
    await writeFile(lock, JSON.stringify({ ...JSON.parse(await readFile(lock, 'utf8')), ...change }));
  }

  it('is taken over without a question after its host got another name', async () => {
    const id = await killed();
    await movedTo(id, { host: 'container-before' });
    expect(await shop.finished('group', 'stop', id)).toMatchObject({ code: 0 });
  });

  it.each<[string, Record<string, unknown>]>([
    ['on another machine', { host: 'far', startTime: '22222222-1111-1111-1111-111111111111:1' }],
    ['in another container', { pidNamespace: 'pid:[1]' }],
  ])('%s is taken over on demand only', async (_, change) => {
    const id = await killed();
    await movedTo(id, change);
    const stop = () => shop.finished('group', 'stop', id);
    expect(await stop()).toMatchObject({ code: 5, err: expect.stringContaining('--take-over') });
    expect((await shop.finished('group', 'list', '--json')).lines).toMatchObject([{ status: 'running' }]);
    expect(await shop.finished('group', 'pause', id, '--take-over')).toMatchObject({ code: 0 });
    expect(await stop()).toMatchObject({ code: 0 });
  });

  it.each([['group stop'], ['group retry'], ['group update', 'group.yaml'], ['group delete', '--force']])(
    'and that cannot be checked: %s --take-over takes it',
    async (name, ...more) => {
      const id = await killed();
      await shop.group(QUICK + SLOW.replace('5s', '1ms') + AFTER_B);
      await movedTo(id, { pidNamespace: 'pid:[1]' });
      const ask = (...options: string[]) => shop.finished(...name.split(' '), id, ...more, ...options);
      expect(await ask()).toMatchObject({ code: 5, err: expect.stringContaining('--take-over') });
      expect((await ask('--take-over')).err).not.toContain('--take-over');
    },
  );

  it('is resumed: settled sessions stay, live ones continue (I1, I4)', async () => {
    const run = shop.start('run', await shop.group(QUICK + SLOW + AFTER_B));
    await run.says('a: completed');
    run.process.kill('SIGKILL');
    await run.ended;
    const resume = await shop.finished('group', 'resume', 'demo', '--json');
    expect(resume).toMatchObject({ code: 0, err: '' });
    const begun = resume.lines.filter(({ type }) => type === 'session_started' || type === 'session_resumed');
    expect(begun.map(({ sessionId }) => sessionId)).toEqual(['b', 'c']);
    expect(resume.lines.at(-1)).toMatchObject({ status: 'completed', sessions: { a: { attempts: 1 } } });
    expect(await shop.finished('group', 'resume', 'demo')).toMatchObject({ code: 5 });
  });

  it('says of a session held since that it is held, whatever it was at when the process died', async () => {
    const id = await killed();
    for (const held of ['b', 'c'])
      expect(await shop.finished('session', 'pause', id, held)).toMatchObject({ out: `${held}: held\n` });
    expect((await shop.finished('session', 'why', id, 'b')).out).toBe('interrupted: held from a terminal\n');
    expect((await shop.finished('session', 'why', id, 'b', '--json')).lines).toMatchObject([
      { status: 'running', why: { kind: 'paused', reason: 'held', by: 'cli' } },
    ]);
  });

  it('is paused without starting anything', async () => {
    const id = await killed();
    const pause = await shop.finished('group', 'pause', id, '--json');
    expect(pause).toMatchObject({
      code: 0,
      lines: [{ status: 'paused', sessions: { b: { status: 'paused', attempts: 1 } } }],
    });
    expect(await shop.finished('group', 'pause', id)).toMatchObject({ code: 5 });
    const { lines } = await shop.finished('group', 'list', '--json');
    expect(lines).toMatchObject([{ status: 'paused', reason: 'manual' }]);
  });

  it('is stopped without starting anything', async () => {
    const id = await killed();
    const stop = await shop.finished('group', 'stop', id, '--json');
    expect(stop).toMatchObject({
      code: 0,
      lines: [{ status: 'stopped', sessions: { a: { status: 'completed' }, b: { attempts: 1 } } }],
    });
  });

  it('is taken over by one of two concurrent resumes (I12)', async () => {
    const run = shop.start('run', await shop.group(SLOW));
    await run.says('b: started');
    run.process.kill('SIGKILL');
    await run.ended;
    const both = await Promise.all([1, 2].map(() => finished(shop.start('group', 'resume', 'demo'))));
    expect(both.map(({ code }) => code).sort()).toEqual([0, 5]);
  });
});

describe('a group whose process was killed while it was stopping', () => {
  it.each([
    ['resume', 1],
    ['stop', 0],
  ])('is stopped by group %s: a stop that was journalled is carried out', async (verb, code) => {
    const deaf =
      '  - { id: a, projectPath: a, prompt: Work, agent: { kind: scripted, ignoreInterrupt: true, steps: [{ hang: true }] } }\n';
    const run = shop.start('run', await shop.group(deaf + AFTER_B.replace('b', 'a')));
    await run.says('a: started');
    const stop = shop.start('group', 'stop', 'demo');
    await run.says('group: stopping');
    run.process.kill('SIGKILL');
    await run.ended;
    stop.process.kill('SIGKILL');
    await stop.ended;
    expect(await shop.finished('group', 'pause', 'demo')).toMatchObject({ code: 5 });
    const carried = await shop.finished('group', verb, 'demo', '--json');
    expect(carried.code).toBe(code);
    expect(carried.lines.at(-1)).toMatchObject({ status: 'stopped', sessions: { a: { attempts: 1 } } });
    expect(carried.lines.filter(({ type }) => type === 'session_resumed')).toEqual([]);
  });
});

describe('a created group', () => {
  it('can be run once, by its id', async () => {
    const created = await shop.finished('group', 'create', await shop.group(QUICK));
    const id = created.out.trim();
    expect(created).toMatchObject({ code: 0, err: `Start it with: session-groups group run ${id}\n` });
    expect((await shop.finished('group', 'list', '--json')).lines).toMatchObject([{ id, status: 'created' }]);
    expect((await shop.finished('group', 'show', id)).err).toContain(`session-groups group run ${id}`);
    expect(await shop.finished('group', 'run', id)).toMatchObject({ code: 0 });
    const again = await shop.finished('group', 'run', id, '--json');
    expect(again).toMatchObject({ code: 5, lines: [{ type: 'error', code: 'not_in_this_state' }] });
  });

  it('runs its own copy of the definition, whatever happens to the file', async () => {
    const created = await shop.finished('group', 'create', await shop.group(QUICK), '--json');
    await shop.group('nonsense');
    const [{ groupId = '' } = {}] = created.lines;
    expect(await shop.finished('group', 'run', String(groupId))).toMatchObject({ code: 0 });
  });
});

describe('a group argument', () => {
  it('is its id, a prefix of the id, or its slug if unique', async () => {
    const path = await shop.group(QUICK);
    const first = (await shop.finished('group', 'create', path)).out.trim();
    const second = (await shop.finished('group', 'create', path)).out.trim();
    const list = (await shop.finished('group', 'list')).out;
    expect(list.match(/\d{8}-\d{6}-\S+/g)).toEqual([second, first]); // newest first
    expect(await shop.finished('group', 'show', first)).toMatchObject({ code: 0 });
    const ambiguous = await shop.finished('group', 'show', 'demo', '--json');
    expect(ambiguous).toMatchObject({ code: 2, lines: [{ type: 'error', code: 'ambiguous_group' }] });
    const misspelt = await shop.finished('group', 'show', first.replace('demo', 'dmeo'));
    expect(misspelt).toMatchObject({ code: 2 });
    expect(misspelt.err).toContain(`Did you mean ${first}`);
    const file = await shop.finished('group', 'run', path);
    expect(file.err).toContain(`To run a definition file: session-groups run ${path}`);
    const other = await shop.finished('session', 'show', first, 'A1');
    expect(other).toMatchObject({ code: 2 });
    expect(other.err).toContain('has no session "A1"');
  });
});

describe('a damaged group', () => {
  it('is refused with the line number, and does not hide other groups', async () => {
    const id = (await shop.finished('group', 'create', await shop.group(QUICK))).out.trim();
    const journal = join(shop.folder, 'data', 'groups', id, 'journal.ndjson');
    await appendFile(journal, '{"no":"checksum"}\nmore\n');
    const run = await shop.finished('group', 'run', id);
    expect(run.code).toBe(1);
    expect(run.err).toMatch(/^error: .*journal\.ndjson, line 3: /);
    expect(await shop.finished('group', 'list')).toMatchObject({ code: 0 });
    await writeFile(join(journal, '..', 'meta.json'), '{');
    expect((await shop.finished('group', 'list')).out).toMatch(/\n! damaged +\S+-demo /);
  });

  const doubled = (journal: string) => `${journal}${journal.trimEnd().split('\n').at(-1)}\n`;
  it.each([
    ['a doubled line', 'journal.ndjson', doubled, 'journal.ndjson, line '],
    ['an emptied journal', 'journal.ndjson', () => '', 'more was written to it; last known state: running'],
    ['no definition', 'definition.json', undefined, 'definition.json: missing'],
  ])('whose process was killed is listed with the way out, and deleted by its name: %s', async (...row) => {
    const [, name, change, words] = row;
    const id = await killed();
    const file = join(shop.folder, 'data', 'groups', id, name);
    if (change) await writeFile(file, change(await readFile(file, 'utf8')));
    else await rm(file);
    const [list, json, others] = await Promise.all([
      shop.finished('group', 'list'),
      shop.finished('group', 'list', '--json'),
      shop.finished('group', 'list', '--status', 'running'),
    ]);
    const [, line = '', why = ''] = list.out.split('\n');
    expect(line).toMatch(/^! damaged +\S+-demo /);
    expect(why).toContain(words);
    expect(why).toContain('Restore the file from a backup, or delete the group.');
    expect(json.lines).toMatchObject([{ id, status: 'interrupted', damage: why.trim() }]);
    expect(others.out).toBe('');
    const word = name === 'definition.json' ? id.slice(0, 13) : 'demo';
    expect(await shop.finished('group', 'delete', word)).toMatchObject({ code: 2 });
    expect(await shop.finished('group', 'delete', word, '--force')).toMatchObject({ code: 0 });
    expect(await readdir(join(shop.folder, 'data', 'groups'))).toEqual([]);
  });

  it('is listed from its journal if only its meta cannot be read', async () => {
    await shop.finished('run', await shop.group(QUICK));
    const [group = ''] = await readdir(join(shop.folder, 'data', 'groups'));
    await writeFile(join(shop.folder, 'data', 'groups', group, 'meta.json'), '{');
    const { lines } = await shop.finished('group', 'list', '--json');
    expect(lines).toMatchObject([{ id: group, status: 'completed', counts: { total: 1, completed: 1 } }]);
    expect(lines[0]).not.toHaveProperty('reason');
  });
});

describe('an empty state store', () => {
  it('is reported as having no groups', async () => {
    expect(await shop.finished('group', 'list')).toMatchObject({
      code: 0,
      out: '',
      err: 'No groups yet. Run one with: session-groups run FILE\n',
    });
    expect(await shop.finished('group', 'list', '--json')).toMatchObject({ code: 0, out: '', err: '' });
    const wrong = await shop.finished('group', 'list', '--status', 'runing');
    expect(wrong).toMatchObject({ code: 2 });
    expect(await shop.finished('group', 'list', '--since', 'yesterday-ish')).toMatchObject({ code: 2 });
  });
});
