// @module-tag processes
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { builtCli } from './built-cli.ts';
import { openWorkshop, session, type Workshop } from './workshop.ts';

/** Changing the definition of a saved group from the command line, whichever process runs it. */

let shop: Workshop;
beforeAll(() => void builtCli(), 120_000);
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const A = session('a', '{ text: hello }');
const HANGING = session('b', '{ text: half }, { hang: true }');
const WAITS = session('c', '{ text: last }', ', dependsOn: [b]');
const NOTHING = { added: [], removed: [], changed: [], settings: [] };

/** A file with one session, as `session add` takes it. */
async function oneSession(id: string, steps: string, more = ''): Promise<string> {
  await mkdir(join(shop.folder, 'd', '.git'), { recursive: true });
  const text = `id: ${id}\nprojectPath: d\nprompt: Work\nagent: { kind: scripted, steps: [${steps}] }\n${more}`;
  await writeFile(join(shop.folder, `${id}.yaml`), text);
  return `${id}.yaml`;
}

async function created(sessions: string): Promise<string> {
  const { out } = await shop.finished('group', 'create', await shop.group(sessions));
  return out.trim();
}

describe('session add', () => {
  it('adds a session to a group in another process, which runs it', async () => {
    const run = shop.start('run', await shop.group(HANGING), '--json');
    await run.says('session_message');
    const add = await shop.finished('session', 'add', 'demo', await oneSession('late', '{ text: so late }'));
    expect(add).toMatchObject({ code: 0, out: 'added: late\n', err: '' });
    await run.says('so late');
    const waits = await oneSession('waiting', '{ text: never }', 'dependsOn: [b]\n');
    const json = await shop.finished('session', 'add', 'demo', waits, '--json');
    expect(json.lines).toEqual([
      { ...NOTHING, type: 'updated', groupId: expect.any(String), dryRun: false, added: ['waiting'] },
    ]);
    const why = await shop.finished('session', 'why', 'demo', 'waiting', '--json');
    expect(why.out).toContain('"sessions":["b"]');
    expect((await shop.finished('group', 'stop', 'demo')).code).toBe(0);
    expect(await run.ended).toBe(1);
    const lines = run
      .out()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const events = lines.slice(0, -1).map(line => GroupEvent.parse(line));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events.filter(({ type }) => type === 'group_updated')).toHaveLength(2);
    expect(lines.at(-1).sessions).toMatchObject({
      b: { status: 'stopped' },
      late: { status: 'completed', attempts: 1 },
      waiting: { status: 'skipped' },
    });
    const { lines: saved } = await shop.finished('group', 'show', 'demo', '--json');
    expect(JSON.stringify(saved)).toContain('"late"');
  });

  it('says what is wrong with its file, with the code of every file that cannot be read', async () => {
    const add = await shop.finished('session', 'add', await created(A), 'none.yaml', '--json');
    expect(add).toMatchObject({ code: 2, lines: [{ type: 'error', code: 'missing_file' }] });
    const folder = await shop.finished('session', 'add', 'demo', '.', '--json');
    expect(folder).toMatchObject({ code: 2, lines: [{ type: 'error', code: 'not_a_file' }] });
  });

  it('takes a session from options, with paths relative to the working directory', async () => {
    const id = await created(A);
    await writeFile(join(shop.folder, 'ask.md'), 'Say {{ word }}\n'.replace('{{ word }}', 'it'));
    const options = [
      '--id',
      'x',
      '--project',
      'b',
      '--prompt-file',
      'ask.md',
      '--depends-on',
      'a',
      '--model',
      'opus',
    ];
    const add = await shop.finished('session', 'add', id, ...options, '--max-budget-usd', '2');
    expect(add).toMatchObject({
      code: 0,
      out: 'added: x\n',
      err: `Start it with: session-groups group run ${id}\n`,
    });
    const { definition } = await saved(id);
    expect(definition.sessions[1]).toMatchObject({
      id: 'x',
      projectPath: join(shop.folder, 'b'),
      prompt: 'Say it\n',
      dependsOn: [{ session: 'a', when: 'completed' }],
      model: 'opus',
      maxBudgetUsd: 2,
    });
    expect((await shop.finished('group', 'run', id)).code).toBe(0);
  });

  it('reopens a settled group for the new session alone', async () => {
    const id = await created(A);
    expect((await shop.finished('group', 'run', id)).code).toBe(0);
    const add = await shop.finished('session', 'add', id, await oneSession('more', '{ text: and more }'));
    expect(add).toMatchObject({ code: 0, err: `Resume it with: session-groups group resume ${id}\n` });
    expect(await shop.finished('group', 'show', id, '--json')).toMatchObject({
      out: expect.stringContaining('"status":"paused"'),
    });
    const resume = await shop.finished('group', 'resume', id, '--json');
    expect(resume.code).toBe(0);
    const begun = resume.lines
      .filter(({ type }) => type === 'session_started')
      .map(({ sessionId }) => sessionId);
    expect(begun).toEqual(['more']);
  });

  it.each([
    [['--id', 'x'], 'the session needs --project FOLDER, --prompt TEXT'],
    [['--id', 'a', '--project', 'a', '--prompt', 'again'], 'a'],
    [['--id', 'x', '--project', 'nowhere', '--prompt', 'p'], 'nowhere'],
    [['--id', 'x', '--project', 'a', '--prompt', 'p', '--depends-on', 'zz'], 'zz'],
    [['--id', 'x', '--project', 'a', '--prompt', 'p', '--max-budget-usd', '-1'], 'above 0'],
    [['group.yaml'], 'is not a single session'],
  ])('refuses %j with exit 2 and a reason, and changes nothing', async (options, text) => {
    const id = await created(A);
    const add = await shop.finished('session', 'add', id, ...options);
    expect(add.code).toBe(2);
    expect(add.err).toContain(text);
    expect((await saved(id)).revision).toBe(0);
  });
});

describe('group update', () => {
  it('prints what a new file would change, applies it, and saves the file', async () => {
    const id = await created(A + WAITS.replace('[b]', '[a]') + session('b', '{ text: hi }'));
    const file = await shop.group(
      session('a', '{ text: hello }', ', priority: 1') + HANGING,
      'model: opus',
      'next.yaml',
    );
    const dry = await shop.finished('group', 'update', id, file, '--dry-run');
    const expected = 'removed: c\nchanged: a, b\nsettings: config.model\n';
    expect([dry.code, dry.out]).toEqual([0, expected]);
    expect(dry.err).toContain('Dry run');
    expect((await saved(id)).revision).toBe(0);
    const update = await shop.finished('group', 'update', id, file, '--json');
    expect(update.lines).toMatchObject([{ type: 'updated', removed: ['c'], changed: ['a', 'b'] }]);
    const now = await saved(id);
    expect(now.definition.sessions.map(({ id: one }) => one)).toEqual(['a', 'b']);
    expect(now.source).toBe(await readFile(join(shop.folder, 'next.yaml'), 'utf8'));
    expect(await shop.finished('group', 'update', id, file)).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('Nothing changed.\n'),
    });
  });

  it('changes a group in another process; refuses to change a session in play with exit 5', async () => {
    const run = shop.start('run', await shop.group(A + HANGING + WAITS));
    await run.says('b: started');
    const calm = session('c', '{ text: at once }');
    const file = await shop.group(A + HANGING + calm, '', 'next.yaml');
    expect(await shop.finished('group', 'update', 'demo', file)).toMatchObject({
      code: 0,
      out: 'changed: c\n',
    });
    await run.says('c: completed');
    const other = await shop.group(HANGING.replace('half', 'other') + calm, '', 'bad.yaml');
    const refused = await shop.finished('group', 'update', 'demo', other, '--json');
    expect(refused.code).toBe(5);
    expect(refused.lines).toMatchObject([
      {
        type: 'error',
        code: 'sessions_in_the_way',
        message: 'a is completed and cannot be removed, b is in play and cannot be changed',
      },
    ]);
    await shop.finished('group', 'stop', 'demo');
    expect(await run.ended).toBe(1);
  });

  it('takes a definition that is too long for a request', async () => {
    const run = shop.start('run', await shop.group(HANGING));
    await run.says('b: started');
    const long = `  - { id: c, projectPath: c, prompt: ${'long '.repeat(300_000)}, dependsOn: [b], agent: scripted }\n`;
    const update = await shop.finished(
      'group',
      'update',
      'demo',
      await shop.group(HANGING + long, '', 'next.yaml'),
    );
    expect(update).toMatchObject({ code: 0, out: 'added: c\n' });
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect((await shop.finished('session', 'list', 'demo')).out).toContain('c');
  });

  it('reports all problems of the file, and changes nothing', async () => {
    const id = await created(A);
    const file = await shop.group(
      A.replace('a,', 'a, dependsOn: [b],') + HANGING.replace('b,', 'b, dependsOn: [a],'),
      'modle: x',
      'next.yaml',
    );
    const update = await shop.finished('group', 'update', id, file);
    expect(update.code).toBe(2);
    expect(update.err).toMatch(/a → b → a|b → a → b/);
    expect(update.err).toContain('modle');
    expect((await saved(id)).revision).toBe(0);
  });

  it('leaves an archived group as it is', async () => {
    const id = await created(A);
    await shop.finished('group', 'archive', id);
    const update = await shop.finished('group', 'update', id, await shop.group(A + HANGING, '', 'next.yaml'));
    expect(update).toMatchObject({ code: 5, err: expect.stringContaining('archived') });
  });
});

interface Saved {
  readonly revision: number;
  readonly definition: { readonly sessions: readonly ({ readonly id: string } & Record<string, unknown>)[] };
  readonly source: string;
}

/** The current definition in the group's folder. */
async function saved(id: string): Promise<Saved> {
  const dir = join(shop.dataDir, 'groups', id);
  const journal = await readFile(join(dir, 'journal.ndjson'), 'utf8');
  const revision = (journal.match(/"group_updated"/g) ?? []).length;
  const folder = revision === 0 ? dir : join(dir, 'revisions', String(revision));
  const source = await readFile(join(folder, 'definition.source.yaml'), 'utf8').catch(() => '');
  return {
    revision,
    definition: JSON.parse(await readFile(join(folder, 'definition.json'), 'utf8')),
    source,
  };
}
