// @module-tag processes
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { openYard, type Yard } from '../support/delivering.ts';
import { FakeIo } from './fakes.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

async function cli(...argv: string[]) {
  const io = new FakeIo({ env: yard.env, cwd: yard.folder, now: Date.now });
  const code = await main(argv, io);
  const lines = argv.includes('--json') ? io.stdout.lines.map(line => JSON.parse(line)) : [];
  return { code, out: io.stdout.text, err: io.stderr.text, lines };
}

const trees = () =>
  existsSync(join(yard.folder, 'work'))
    ? readdirSync(join(yard.folder, 'work')).filter(name => !name.startsWith('.'))
    : [];
const refs = () => yard.repo.git('for-each-ref', '--format=%(refname)').trim().split('\n');
const merging = { workspace: { mode: 'worktree', keep: 'always' }, integrate: { mode: 'merge' } } as const;

describe('session diff, group diff', () => {
  test('print what was changed, with what is hidden in it', async () => {
    const { group } = await yard.ran(
      [yard.script('a', "printf 'if (\\342\\200\\256x)\\033[2K\\n' > a.txt")],
      merging,
    );
    const diff = await cli('session', 'diff', group.id, 'a');
    expect([diff.code, diff.out]).toEqual([0, expect.stringContaining('+if (<U+202E>x)<U+001B>[2K\n')]);
    expect((await cli('group', 'diff', group.id)).out).toBe(diff.out);
    expect((await cli('session', 'diff', group.id, 'a', '--name-only')).out).toBe('a.txt\n');
    expect((await cli('group', 'diff', group.id, '--stat')).out).toBe(
      '+1 -0  added     a.txt\n1 file, +1 -0\n',
    );
    const { lines } = await cli('session', 'diff', group.id, 'a', '--stat', '--json');
    expect(lines).toMatchObject([{ type: 'changes', sessionId: 'a', added: 1, files: [{ path: 'a.txt' }] }]);
  });

  test('say so if nothing is saved or merged', async () => {
    const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], {});
    const [session, all] = [
      await cli('session', 'diff', group.id, 'a'),
      await cli('group', 'diff', group.id),
    ];
    expect([session.code, session.out, session.err]).toEqual([
      0,
      '',
      expect.stringContaining('Nothing of it'),
    ]);
    expect([all.code, all.out, all.err]).toEqual([0, '', 'Nothing has been merged yet.\n']);
    expect((await cli('session', 'diff', group.id, 'b')).code).toBe(2);
  });
});

test('what was merged, and waits for a branch to go into, is named with the command until it is there', async () => {
  const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], merging);
  const waits = `What it merged is in session-groups/${group.id}/_merged. Deliver it with: session-groups group integrate ${group.id} --into BRANCH\n`;
  for (const verb of ['show', 'watch']) expect((await cli('group', verb, group.id)).err).toContain(waits);
  const json = await cli('group', 'watch', group.id, '--json');
  expect(json.lines.at(-1)).toMatchObject({ type: 'result', status: 'completed', toDeliver: true });
  expect((await cli('group', 'show', group.id, '--json')).lines).toMatchObject([{ toDeliver: true }]);
  const listed = async () => (await cli('group', 'list', '--json')).lines;
  expect(await listed()).toMatchObject([{ toDeliver: true, attention: { delivery: true } }]);
  expect((await cli('group', 'list')).out).toContain('to be delivered');
  const command = `session-groups group integrate ${group.id} --into BRANCH`;
  expect(await cli('attention')).toMatchObject({
    code: 3,
    out: expect.stringContaining(`what it merged waits to be delivered\n  ${command}\n`),
  });
  const done = await cli('group', 'integrate', group.id, '--into', 'main', '--plain');
  expect([done.code, done.err]).toEqual([0, expect.not.stringContaining('Deliver it')]);
  expect((await cli('group', 'show', group.id)).err).not.toContain('Deliver it');
  const [after] = await listed();
  expect([after?.toDeliver, after?.attention]).toEqual([undefined, undefined]);
  expect((await cli('attention')).code).toBe(0);
});

test('nothing waits of a group that has changed nothing', async () => {
  const { group } = await yard.ran([yard.script('a', 'true')], merging);
  expect(yard.repo.git('rev-parse', `session-groups/${group.id}/_merged`)).toBe(
    yard.repo.git('rev-parse', 'main'),
  );
  expect((await cli('group', 'show', group.id)).err).not.toContain('Deliver it');
  const json = await cli('group', 'watch', group.id, '--json');
  expect(json.lines.at(-1)).toMatchObject({ type: 'result', status: 'completed' });
  expect(json.lines.at(-1)).not.toHaveProperty('toDeliver');
});

test('changes that nothing merges are named by their branches, with the command for pull requests if there is one', async () => {
  const sessions = [
    yard.script('a', 'echo a > a.txt'),
    yard.script('b', 'true'),
    yard.script('c', 'echo c > c.txt'),
  ];
  const { group } = await yard.ran(sessions, { workspace: { mode: 'worktree' } });
  const [a, c] = ['a', 'c'].map(id => `session-groups/${group.id}/${id}`);
  const where = `Changes are in their sessions' branches: ${a}, ${c}. See them with: session-groups session diff ${group.id} a`;
  for (const verb of ['show', 'watch'])
    expect((await cli('group', verb, group.id)).err).toContain(`${where}\n`);
  const { lines } = await cli('group', 'watch', group.id, '--json');
  expect(lines.at(-1)).toMatchObject({ sessions: { a: { branch: a }, c: { branch: c } } });
  expect(lines.at(-1).sessions.b).not.toHaveProperty('branch');

  const integrate = { mode: 'pr' as const, pr: ['true', '{branch}'] };
  const asked = await yard.ran([yard.script('d', 'echo d > d.txt')], {
    workspace: { mode: 'worktree' },
    integrate,
  });
  expect((await cli('group', 'show', asked.group.id)).err).toContain(
    `Changes are in session-groups/${asked.group.id}/d. See them with: session-groups session diff ${asked.group.id} d\nOpen pull requests with: session-groups group pr ${asked.group.id}\n`,
  );
});

test('session show names the branch that has what a session changed', async () => {
  const { group } = await yard.ran([yard.script('a', 'echo a > a.txt'), yard.script('b', 'true')], {
    workspace: { mode: 'worktree' },
  });
  const branch = `session-groups/${group.id}/a`;
  expect((await cli('session', 'show', group.id, 'a')).out).toContain(`\n  branch: ${branch}\n`);
  expect(yard.repo.git('show', `${branch}:a.txt`)).toBe('a\n');
  expect((await cli('session', 'show', group.id, 'b')).out).not.toContain('branch:');
});

describe('changes of sessions that did not complete', () => {
  const left = (id: string, file: string, end: string) =>
    yard.script(id, `echo x > ${file}; ${end}`, { retry: { maximumAttempts: 1 } });
  const trees = { workspace: { mode: 'worktree' } } as const;

  test('are named at the end of a run and by group show, as long as they are in no commit', async () => {
    const file = join(yard.folder, 'group.json');
    const sessions = [
      left('a', 'a.txt', 'false'),
      left('b', 'b.txt', 'true'),
      left('c', 'README.md', 'false'),
    ];
    const definition = { version: 1, name: 'd', config: trees, sessions };
    writeFileSync(file, JSON.stringify(definition));
    const run = await cli('run', file);
    const id = /session diff (\S+) a\n$/.exec(run.err)?.[1] ?? '';
    const advice = `a, c have unsaved changes. See them with: session-groups session diff ${id} a\n`;
    expect([run.code, run.err.endsWith(advice)]).toEqual([1, true]);
    expect((await cli('group', 'show', id)).err.endsWith(advice)).toBe(true);
    expect((await cli('group', 'show', id, '--json')).lines).toMatchObject([{ unsaved: ['a', 'c'] }]);
    expect((await cli('session', 'diff', id, 'a', '--name-only')).out).toBe('a.txt\n');
    rmSync(yard.repo.path, { recursive: true });
    const gone = await cli('group', 'show', id);
    expect([gone.code, gone.err.includes('unsaved')]).toEqual([0, false]);
  });

  test('are not those of what completed, or changed nothing', async () => {
    const { id } = (
      await yard.ran([left('a', 'a.txt', 'true'), left('b', 'b.txt', 'rm b.txt; false')], trees)
    ).group;
    expect((await cli('group', 'show', id)).err).not.toContain('unsaved');
    expect((await cli('group', 'show', id, '--json')).lines[0]).not.toHaveProperty('unsaved');
  });
});

describe('what was merged with git, by hand', () => {
  const said = async (id: string) => ({
    next: (await cli('group', 'show', id)).err,
    shown: (await cli('group', 'show', id, '--json')).lines[0]?.toDeliver,
    listed: (await cli('group', 'list', '--json')).lines[0]?.toDeliver,
    code: (await cli('attention')).code,
  });
  const waiting = { next: expect.stringContaining('Deliver it with'), shown: true, listed: true, code: 3 };
  const nothing = { next: '', code: 0 };
  const all = (id: string) => `session-groups/${id}/_merged`;
  const inA = (text: string) => yard.script('a', `echo ${text} > a.txt`);

  test('waits no longer, also once its branch is gone; it waits again where it was taken back', async () => {
    const { id } = (await yard.ran([inA('a'), yard.script('b', 'echo b > b.txt')], merging)).group;
    yard.repo.git('branch', 'aside', all(id));
    expect(await said(id)).toEqual(waiting);
    yard.repo.git('merge', '-q', all(id));
    expect(await said(id)).toEqual(nothing);
    yard.repo.git('branch', '-q', '-d', all(id));
    expect(await said(id)).toEqual(nothing);
    yard.repo.git('reset', '-q', '--hard', 'HEAD~1');
    expect(await said(id)).toEqual(waiting);
  });

  test('as a squash, and where the branch has moved on, too', async () => {
    const { id } = (await yard.ran([inA('a')], merging)).group;
    yard.repo.write('b.txt', 'theirs\n');
    yard.repo.commit('meanwhile');
    expect(await said(id)).toEqual(waiting);
    yard.repo.git('merge', '-q', '--squash', all(id));
    yard.repo.commit('squashed');
    expect(await said(id)).toEqual(nothing);
  });

  test('waits as long as one of several repositories lacks it, and where git cannot be asked', async () => {
    const other = yard.another('other');
    const more = { projectPath: other.path };
    const { id } = (await yard.ran([inA('a'), yard.script('b', 'echo b > b.txt', more)], merging)).group;
    yard.repo.git('merge', '-q', all(id));
    expect(await said(id)).toEqual(waiting);
    other.git('merge', '-q', all(id));
    expect(await said(id)).toEqual(nothing);
    rmSync(other.path, { recursive: true });
    expect(await said(id)).toEqual(waiting);
  });

  test("of sessions' own branches, those that are merged are no longer named", async () => {
    const tree = { workspace: { mode: 'worktree' } } as const;
    const { id } = (await yard.ran([inA('a'), yard.script('b', 'echo b > b.txt')], tree)).group;
    yard.repo.git('merge', '-q', `session-groups/${id}/a`);
    expect((await said(id)).next).toMatch(`Changes are in session-groups/${id}/b. `);
    yard.repo.git('merge', '-q', '-m', 'b', `session-groups/${id}/b`);
    expect(await said(id)).toEqual(nothing);
  });
});

describe('session verify', () => {
  test('runs the checks again in the tree, says how they end, and changes nothing', async () => {
    const gate = join(yard.folder, 'gate');
    const { group, dir } = await yard.ran([yard.script('a', 'echo a > a.txt')], {
      ...merging,
      verify: { commands: [`cat a.txt; [ ! -e '${gate}' ] || exit 3`] },
    });
    const journal = () => readFileSync(join(dir ?? '', 'journal.ndjson'), 'utf8');
    const before = journal();
    const green = await cli('session', 'verify', group.id, 'a');
    expect([green.code, green.out, green.err]).toEqual([0, expect.stringMatching(/^a: green \(/), 'a\n']);
    yard.repo.write('../gate', '');
    const red = await cli('session', 'verify', group.id, 'a', '--json');
    expect([red.code, red.lines]).toMatchObject([
      1,
      [{ type: 'checked', kind: 'red', how: 'exit code 3', output: 'a\n' }],
    ]);
    expect(journal()).toBe(before);
  });

  test('is refused while the session is live, and without checks or a tree', async () => {
    const { group } = await yard.ran([yard.script('a', 'true')], merging);
    expect((await cli('session', 'verify', group.id, 'a')).code).toBe(5);
    const live = await yard.group([yard.script('a', 'true')], {
      verify: { commands: [`touch '${join(yard.folder, 'begun')}'; while :; do sleep 0.05; done`] },
    });
    const verifying = new Promise(resolve =>
      live.events$.subscribe(({ type }) => type === 'session_verifying' && resolve(undefined)),
    );
    const run = live.run();
    await verifying;
    const refused = await cli('session', 'verify', live.id, 'a', '--json');
    expect([refused.code, refused.lines]).toMatchObject([5, [{ code: 'not_in_this_state' }]]);
    await live.stop();
    await run;
  });
});

describe('group clean', () => {
  test('removes the trees of what is merged; branches stay, and so does what is not merged', async () => {
    const { group } = await yard.ran(
      [
        yard.script('a', 'echo a > a.txt'),
        yard.script('b', 'echo b > b.txt', { integrate: { mode: 'branch' } }),
      ],
      merging,
    );
    const before = refs();
    const first = await cli('group', 'clean', group.id, '--json');
    expect([first.code, first.lines]).toMatchObject([
      5,
      [
        { type: 'removed', sessionId: 'a' },
        { type: 'error', code: 'unmerged_work', work: [{ session: 'b', dirty: [] }] },
      ],
    ]);
    expect(refs()).toEqual(before);
    const discarded = await cli('group', 'clean', group.id, '--discard');
    expect([discarded.code, discarded.out]).toEqual([0, 'Removed the tree of b\n']);
    expect(refs().filter(ref => ref.startsWith('refs/session-groups/archive/'))).toHaveLength(1);
    expect(trees()).toEqual([]);
    expect((await cli('group', 'clean', group.id)).err).toBe('No session has a working tree.\n');
    expect((await cli('session', 'diff', group.id, 'b', '--name-only')).out).toBe('b.txt\n');
  });

  test('leaves a tree with files that are in no commit', async () => {
    const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], merging);
    const folder = readdirSync(join(yard.folder, 'work', group.id))[0] ?? '';
    yard.repo.write(`../work/${group.id}/${folder}/later.txt`, 'later\n');
    const { code, err } = await cli('group', 'clean', group.id);
    expect([code, err]).toEqual([5, expect.stringContaining('a: 1 uncommitted file (later.txt)')]);
    expect(trees()).toEqual([group.id]);
  });
});

describe('group delete, group prune', () => {
  test('refuse to lose work that is in no branch of the user', async () => {
    const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], merging);
    const refused = await cli('group', 'delete', group.id, '--force', '--json');
    expect([refused.code, refused.lines]).toMatchObject([
      5,
      [{ code: 'unmerged_work', work: [{ session: 'a', commit: expect.any(String) }] }],
    ]);
    for (const options of [['--dry-run'], []]) {
      const pruned = await cli('group', 'prune', '--older-than', '0s', ...options);
      expect([pruned.code, pruned.out, pruned.err]).toEqual([5, '', expect.stringContaining('not merged')]);
    }
    yard.repo.git('checkout', '-q', '--detach');
    expect((await cli('group', 'delete', group.id, '--force')).code).toBe(5);
    expect((await yard.store.list()).map(({ id }) => id)).toEqual([group.id]);
    yard.repo.git('checkout', '-q', 'main');
    yard.repo.git('merge', '-q', '--ff-only', `session-groups/${group.id}/_merged`);
    expect((await cli('group', 'prune', '--older-than', '0s')).out).toBe(`${group.id}\n`);
    expect([refs(), trees()]).toEqual([['refs/heads/main'], []]);
  });

  test('with --discard, archive it first', async () => {
    const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], merging);
    expect((await cli('group', 'delete', group.id, '--force', '--discard')).code).toBe(0);
    const [archived, ...others] = refs().filter(ref => ref !== 'refs/heads/main');
    expect(archived).toMatch(/^refs\/session-groups\/archive\//);
    expect([others, trees(), await yard.store.list()]).toEqual([[], [], []]);
    expect(yard.repo.git('show', `${archived}:a.txt`)).toBe('a\n');
  });
});

describe('group delete --discard', () => {
  const group = async (...projects: string[]) => {
    const sessions = ['a', 'b'].map((id, at) =>
      yard.script(id, `echo ${id} > ${id}.txt`, { projectPath: projects[at] ?? yard.repo.path }),
    );
    return (await yard.ran(sessions, merging)).group;
  };

  test('is refused while git cannot read a tree whose repository is there', async () => {
    const { id } = await group();
    const branch = `refs/heads/session-groups/${id}/a`;
    const tip = yard.repo.git('rev-parse', branch).trim();
    yard.repo.git('update-ref', '-d', branch);
    const before = refs();
    const refused = await cli('group', 'delete', id, '--force', '--discard');
    expect([refused.code, refused.err]).toEqual([
      5,
      expect.stringMatching(/a was deleted by another[\s\S]*see to that/),
    ]);
    expect([refs(), (await yard.store.list()).length]).toEqual([before, 1]);
    yard.repo.git('update-ref', branch, tip);
    expect((await cli('group', 'delete', id, '--force', '--discard')).code).toBe(0);
    expect([refs().filter(ref => !ref.includes('/archive/')), trees()]).toEqual([['refs/heads/main'], []]);
  });

  test('keeps the branches of a repository of which one project is not there', async () => {
    const folder = join(yard.repo.path, 'sub');
    yard.repo.write('sub/x', 'x');
    yard.repo.commit('sub');
    const { id } = await group(yard.repo.path, folder);
    yard.repo.git('rm', '-rq', 'sub');
    rmSync(folder, { recursive: true, force: true });
    const before = refs();
    expect((await cli('group', 'delete', id, '--force', '--discard')).code).toBe(0);
    expect(refs()).toEqual(expect.arrayContaining(before));
  });
});

describe('group pr', () => {
  const hostile = '--upload-pack=x $(touch pwned) `touch pwned` "; touch pwned; {body} $& ';
  const script = (more = {}) =>
    yard.script('a', "echo a > a.txt; printf '%s' '- said $(touch pwned) {title}'", {
      description: `${hostile}\u001b[2K\u202e`,
      ...more,
    });

  test('runs the command of the definition with its placeholders filled, as data', async () => {
    const out = join(yard.folder, 'args');
    const pr = ['sh', '-c', `printf '%s\\n' "$@" > '${out}'; cat "$5" >> '${out}'`, 'sh'] as const;
    const { group } = await yard.ran([script(), yard.script('b', 'true')], {
      workspace: { mode: 'worktree' },
      integrate: { mode: 'pr', pr: [...pr, '{branch}', '{base}', '{title}', '--body={body}', '{bodyFile}'] },
    });
    const dry = await cli('group', 'pr', group.id, '--dry-run', '--json');
    expect([dry.code, existsSync(out)]).toEqual([0, false]);
    expect(dry.lines).toMatchObject([
      { sessionId: 'a', outcome: 'planned', base: 'main' },
      { sessionId: 'b', outcome: 'skipped', reason: 'it has changed nothing' },
    ]);
    const real = await cli('group', 'pr', group.id);
    expect([real.code, real.out]).toEqual([0, expect.stringMatching(/^a: .* → main: opened\nb: skipped/)]);
    const body = `Session a of group ${group.id}.\n\n- said $(touch pwned) {title}`;
    const title = 'upload-pack=x $(touch pwned) `touch pwned` "; touch pwned; {body} $&';
    const [branch, base, got, ...rest] = readFileSync(out, 'utf8').split('\n');
    expect([branch, base, got]).toEqual([`session-groups/${group.id}/a`, 'main', title]);
    expect(rest.join('\n')).toMatch(`--body=${body}`);
    expect(rest.join('\n').endsWith(body)).toBe(true);
    expect(existsSync(join(yard.repo.path, 'pwned'))).toBe(false);
  });

  test('a line for the shell gets them as environment variables only', async () => {
    const out = join(yard.folder, 'args');
    const { group } = await yard.ran([script()], {
      workspace: { mode: 'worktree' },
      integrate: {
        mode: 'pr',
        pr: `printf '%s\\n' "$SESSION_GROUPS_TITLE" {title} "$SESSION_GROUPS_BASE" > '${out}'; exit 4`,
      },
    });
    const { code, out: said } = await cli('group', 'pr', group.id);
    expect([code, said]).toEqual([1, expect.stringContaining('exit code 4')]);
    expect(readFileSync(out, 'utf8').split('\n').slice(1, 3)).toEqual(['{title}', 'main']);
    expect(existsSync(join(yard.repo.path, 'pwned'))).toBe(false);
  });

  test('is refused for a group that is not delivered in this way', async () => {
    const { group } = await yard.ran([yard.script('a', 'true')], merging);
    expect((await cli('group', 'pr', group.id)).code).toBe(5);
  });
});

describe('group integrate', () => {
  test('with --dry-run, prints which refs would move; then moves them', async () => {
    const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], merging);
    const main = () => yard.repo.git('rev-parse', 'main').trim();
    const [before, merged] = [
      main(),
      yard.repo.git('rev-parse', `session-groups/${group.id}/_merged`).trim(),
    ];
    const dry = await cli('group', 'integrate', group.id, '--into', 'main', '--dry-run');
    expect([dry.code, dry.out]).toEqual([
      0,
      `${basename(yard.repo.path)}: into main\n  refs/heads/main  ${before.slice(0, 12)} → ${merged.slice(0, 12)}\n`,
    ]);
    const stuck = await cli('group', 'integrate', group.id, '--into', 'nowhere', '--dry-run', '--json');
    expect([stuck.code, stuck.lines]).toMatchObject([
      5,
      [{ type: 'delivery', delivery: 'refused', moves: [] }],
    ]);
    const refused = await cli('group', 'integrate', group.id, '--into', 'nowhere', '--plain');
    expect([refused.code, refused.err]).toEqual([5, expect.stringContaining('there is no branch nowhere')]);
    expect(main()).toBe(before);
    expect((await cli('group', 'integrate', group.id, '--into', 'main', '--plain')).code).toBe(0);
    expect([main(), yard.repo.git('status', '--porcelain')]).toEqual([merged, '']);
    const done = await cli('group', 'integrate', group.id, '--into', 'main', '--dry-run');
    expect([done.code, done.out]).toEqual([0, `${basename(yard.repo.path)}: main has it already\n`]);
    expect((await cli('group', 'clean', group.id)).code).toBe(0);
    expect((await cli('group', 'delete', group.id, '--force')).code).toBe(0);
  });
});
