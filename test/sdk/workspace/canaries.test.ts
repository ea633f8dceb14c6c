// @module-tag processes
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conflict } from '../../../src/sdk/workspace/port.ts';
import type { Repository } from '../../support/repository.ts';
import {
  type Begun,
  finish,
  GROUP,
  TIME,
  type WorkspaceBench,
  workspaceBench,
} from '../../support/workspace-bench.ts';

/*
 * A hostile repository names a program in every place that git reads. Each writes a file that says which place it was.
 * The canaries are first seen to sing for the user's own git.
 */

let bench: WorkspaceBench;
let repo: Repository;
beforeEach(() => {
  bench = workspaceBench();
  repo = bench.repository();
  mkdirSync(join(bench.folder, 'sung'));
});
afterEach(() => bench.close());

const sung = () => readdirSync(join(bench.folder, 'sung')).sort();

/** A program that sings, then does what a filter does. */
function canary(name: string): string {
  const path = join(bench.folder, `canary-${name}`);
  writeFileSync(path, `#!/bin/sh\ntouch '${join(bench.folder, 'sung', name)}'\ncat 2>/dev/null\nexit 0\n`);
  chmodSync(path, 0o755);
  return path;
}

const HOOKS = [
  ...[
    'applypatch-msg',
    'commit-msg',
    'post-checkout',
    'post-commit',
    'post-index-change',
    'post-merge',
    'post-rewrite',
  ],
  ...[
    'pre-auto-gc',
    'pre-commit',
    'pre-merge-commit',
    'prepare-commit-msg',
    'reference-transaction',
    'update',
  ],
];

function plant(path: string): void {
  const folder = join(path, '.git', 'hooks');
  mkdirSync(folder, { recursive: true });
  for (const hook of HOOKS) symlinkSync(canary(`hook-${hook}`), join(folder, hook));
}

const SETTINGS = {
  'core.fsmonitor': 'fsmonitor',
  'core.pager': 'pager',
  'core.editor': 'editor',
  'core.sshCommand': 'ssh',
  'core.askPass': 'askpass',
  'core.alternateRefsCommand': 'alternate-refs',
  'diff.external': 'diff-external',
  'diff.evil.command': 'diff-command',
  'diff.evil.textconv': 'diff-textconv',
  'filter.evil.clean': 'filter-clean',
  'filter.evil.smudge': 'filter-smudge',
  'filter.other.process': 'filter-process',
  'merge.evil.driver': 'merge-driver',
  'gpg.program': 'gpg',
  'interactive.diffFilter': 'diff-filter',
  'sequence.editor': 'sequence-editor',
};
const SWITCHES = {
  'filter.evil.required': 'true',
  'filter.other.required': 'true',
  'commit.gpgSign': 'true',
  'merge.renormalize': 'true',
  'merge.default': 'evil',
  'diff.renames': 'copies',
  'submodule.recurse': 'true',
  'status.submoduleSummary': 'true',
  'gc.auto': '1',
};

function hostile(): void {
  repo.write('a.txt', 'a\n');
  repo.write('b.txt', 'b\n');
  repo.write('.gitattributes', '*.txt filter=evil diff=evil merge=evil\n*.bin filter=other\n* ident\n');
  repo.write('c.bin', 'c\n');
  repo.commit();
  plant(repo.path);
  for (const [key, name] of Object.entries(SETTINGS)) repo.git('config', key, canary(name));
  for (const [key, value] of Object.entries(SWITCHES)) repo.git('config', key, value);
  repo.write('.git/info/attributes', '* filter=evil merge=evil diff=evil\n');
}

/** The whole life of two sessions that conflict; `after` is called with the name of each step. */
async function life(after: (step: string) => void): Promise<void> {
  const { port } = bench;
  const step = async <T>(name: string, promise: Promise<T>): Promise<T> => {
    const answer = await promise;
    after(name);
    return answer;
  };
  const begun: Begun[] = [];
  for (const id of ['one', 'two']) {
    const session = await step('prepare', bench.begin(repo, id, { include: ['.env'] }));
    session.tree.write('a.txt', `of ${id}\n`);
    session.tree.write('c.bin', `of ${id}\n`);
    session.tree.write(`${id}.txt`, 'new\n');
    begun.push(session);
  }
  let conflict: Conflict | undefined;
  for (const { site, ready } of begun) {
    await step('look', port.look(site));
    await step('checkpoint', port.checkpoint(site, ready, TIME + 1));
    const result = await step('result', finish(port, site, ready));
    await step('changes', port.changes(site, { from: ready.commit, to: result }));
    await step('diff', port.diff(site, { from: ready.commit, to: result }));
    const plan = await step('planMerge', port.planMerge(site, ready, { result, time: TIME + 2 }));
    if (plan.kind === 'conflict') {
      conflict = plan.conflict;
      await step('putConflict', port.putConflict(site, ready, conflict));
    } else {
      await step('takeMerge', port.takeMerge(site, ready, plan.order));
      await step('advance', port.advance(site, GROUP, plan.order));
    }
  }
  const two = begun[1];
  if (!two || !conflict) throw new Error('the sessions were to conflict');
  two.tree.write('a.txt', 'of both\n');
  two.tree.write('c.bin', 'of both\n');
  const wish = { attempts: 2, time: TIME + 3, resolves: conflict };
  const { order, unresolved } = await step('planResult', port.planResult(two.site, two.ready, wish));
  expect(unresolved).toEqual([]);
  await step('takeResult', port.takeResult(two.site, two.ready, order));
  const plan = await port.planMerge(two.site, two.ready, { result: order.commit, time: TIME + 4 });
  if (plan.kind !== 'merge') throw new Error('it was resolved');
  await step('advance', port.advance(two.site, GROUP, plan.order));
  const delivery = await step(
    'planDelivery',
    port.planDelivery(two.site, { group: GROUP, into: 'main', time: TIME }),
  );
  if (delivery.kind !== 'ready') throw new Error(JSON.stringify(delivery));
  await step('deliver', port.deliver(two.site, delivery.order));
  for (const { site, ready } of begun) {
    await step('restore', port.restore(site, ready));
    await step('standing', port.standing(site, ready));
    await step('archive', port.archive(site, ready, TIME + 5));
    await step('recover', port.recover(site, [ready.order]));
    const release = await step('planRelease', port.planRelease(site, ready));
    if (release) await step('release', port.release(site, ready, release));
    await step('restore', port.restore(site, ready));
  }
  await step('removeRefs', port.removeRefs(two.site, GROUP));
}

describe('a hostile repository', () => {
  it('has its programs run by an ordinary git, and by no step of a session', async () => {
    hostile();
    repo.write('a.txt', 'other\n');
    repo.git('-c', 'commit.gpgSign=false', 'commit', '-qam', 'sings');
    repo.git('diff', 'HEAD~');
    const known = sung();
    for (const name of [
      'filter-clean',
      'fsmonitor',
      'hook-pre-commit',
      'hook-reference-transaction',
      'diff-command',
    ]) {
      expect(known).toContain(name);
    }
    clear();
    await life(step => expect({ step, sung: sung() }).toEqual({ step, sung: [] }));
  });

  it('whose sessions plant more in their trees has none of it run', async () => {
    hostile();
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    const nested = join(tree.path, 'nested');
    mkdirSync(nested);
    clear();
    tree.git('-c', 'core.fsmonitor=', '-c', 'core.hooksPath=/dev/null', 'init', '-q', nested);
    plant(nested);
    const inner = (...args: string[]) => tree.git('-C', nested, ...args);
    inner('-c', 'core.hooksPath=/dev/null', 'commit', '-q', '--allow-empty', '-m', 'x');
    inner('config', 'core.fsmonitor', canary('nested-fsmonitor'));
    writeFileSync(join(nested, 'x.txt'), 'x');
    writeFileSync(join(tree.path, '.gitattributes'), '* filter=evil diff=evil merge=evil\n');
    tree.git('config', 'core.hooksPath', join(repo.path, '.git/hooks'));
    clear();
    const result = await finish(port, site, ready);
    await port.standing(site, ready);
    await port.diff(site, { from: ready.commit, to: result });
    expect(sung()).toEqual([]);
  });

  it("with a submodule that was cloned has none of the submodule's run", async () => {
    const { port } = bench;
    const library = bench.repository('library');
    library.write('lib.txt', 'lib\n');
    library.commit();
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.path, 'lib');
    repo.commit();
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init');
    tree.git('-C', join(tree.path, 'lib'), 'config', 'core.fsmonitor', canary('submodule-fsmonitor'));
    writeFileSync(join(tree.path, 'lib', 'lib.txt'), 'changed\n');
    tree.write('own.txt', 'x');
    tree.git('status');
    expect(sung()).toEqual(['submodule-fsmonitor']);
    clear();
    const result = await finish(port, site, ready);
    expect(await port.changes(site, { from: ready.commit, to: result })).toMatchObject([
      { path: 'own.txt', status: 'added' },
    ]);
    expect(await port.planRelease(site, ready)).toBeNull();
    expect(sung()).toEqual([]);
    expect(existsSync(join(tree.path, 'lib', 'lib.txt'))).toBe(true);
  });
});

function clear(): void {
  for (const name of sung()) rmSync(join(bench.folder, 'sung', name));
}
