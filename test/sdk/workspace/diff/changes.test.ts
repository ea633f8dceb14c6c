// @module-tag processes
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '../../../support/repository.ts';
import { finish, type WorkspaceBench, workspaceBench } from '../../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
beforeEach(() => {
  bench = workspaceBench();
  repo = bench.repository();
  repo.write('a.txt', 'a\n');
  repo.write('src/b.txt', 'b\n');
  repo.write('.gitignore', '.env*\nsecrets/\n');
  repo.commit('first');
});
afterEach(() => bench.close());

describe('changes', () => {
  it('name renamed files by both paths, and count lines, whatever attributes say', async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.git('mv', 'src/b.txt', 'c.txt');
    tree.write('.gitattributes', '* -diff\n');
    tree.write('a.txt', 'other\nlines\n');
    rmSync(join(tree.path, '.gitignore'));
    symlinkSync('a.txt', join(tree.path, 'link'));
    const result = await finish(port, site, ready);
    const changes = await port.changes(site, { from: ready.commit, to: result, without: ['link'] });
    expect(changes).toEqual([
      { path: '.gitattributes', status: 'added', added: 1, deleted: 0 },
      { path: '.gitignore', status: 'deleted', added: 0, deleted: 2 },
      { path: 'a.txt', status: 'modified', added: 2, deleted: 1 },
      { path: 'c.txt', status: 'renamed', before: 'src/b.txt', added: 0, deleted: 0 },
    ]);
  });
});

describe('a diff', () => {
  it('shows what attributes would hide, without ends of lines that are too long, and names binary files', async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('.gitattributes', '*.js -diff\n');
    tree.write('x.js', 'evil()\n');
    tree.write('long.txt', `${'x'.repeat(5_000)}\n`);
    tree.write('image.bin', Buffer.from([0, 1, 2, 10, 0]));
    tree.write('large.txt', 'line\n'.repeat(400_000));
    const result = await finish(port, site, ready);
    const { text, cut } = await port.diff(site, { from: ready.commit, to: result });
    expect(text).toContain('+evil()');
    expect(text).toContain(`${'x'.repeat(1_999)}…\n`);
    expect(text.includes('\n+++ b/image.bin\nBinary files differ\n')).toBe(true);
    expect(text).toContain('the rest of this file was left out');
    expect(text.length).toBeLessThan(1_300_000);
    expect(cut).toBe(true);
    expect(await port.diff(site, { from: ready.commit, to: ready.commit })).toEqual({ text: '', cut: false });
  });

  it.each(['\r', '\u2028'])('is bounded per file, whatever its lines pretend to be after %j', async end => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('large.txt', `x${end}diff --git a/x b/x${end}@@ -0,0 +1 @@\n`.repeat(60_000));
    const result = await finish(port, site, ready);
    const { text, cut } = await port.diff(site, { from: ready.commit, to: result });
    expect([text.length < 1_100_000, cut]).toEqual([true, true]);
  });
});
