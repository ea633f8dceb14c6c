// @module-tag processes
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'bench-results-'));
});
afterEach(() => rmSync(out, { recursive: true }));

/** W1 with a tiny graph: the floor, and a contender of this test's own. Neither needs a build. */
function bench(contender: string) {
  const path = join(ROOT, 'test/fixtures/bench', `${contender}.mjs`);
  const only = ['floor, limit 8', `${path}, limit 8`].flatMap(name => ['--only', name]);
  const args = ['W1', '--scale', '0.02', '--rounds', '2', ...only, '--contender', path];
  const { status, stderr } = spawnSync(process.execPath, ['bench/run.mjs', ...args, '--out', out], {
    ...{ cwd: ROOT, encoding: 'utf8', env: { ...process.env, SESSION_GROUPS_DIST: out } },
  });
  const read = (file: string) => readFileSync(join(out, file), 'utf8');
  return { path, status, stderr, raw: JSON.parse(read('results.json')), shown: read('RESULTS.md') };
}

describe('npm run bench', () => {
  it.each([
    ['starts-one-twice', 'session 0 was started twice'],
    ['ignores-the-limit', '9 sessions were live, at most 8 may be'],
    ['ignores-the-order', /session \d+ started before \d+ had ended/],
    ['forgets-the-last', 'session 199 never ended'],
  ])('refuses the figures of a contender that %s', (contender, problem) => {
    const { path, status, stderr, raw, shown } = bench(contender);
    expect(stderr).toMatch(problem);
    expect(status).toBe(1);
    expect(raw.W1.rounds.map(Object.keys)).toEqual([['floor, limit 8'], ['floor, limit 8']]);
    expect(raw.W1.skipped).toEqual({ [`${path}, limit 8`]: 'failed with exit code 1' });
    expect(shown).toContain(`- not measured: ${path}, limit 8: failed with exit code 1`);
  });

  it('leaves out what cannot run here, says why, and shows no row that was not measured', () => {
    const { path, status, raw, shown } = bench('cannot-run-here');
    expect(status).toBe(0);
    expect(raw.W1.skipped).toEqual({ [`${path}, limit 8`]: 'it needs another machine' });
    expect(shown).toContain(`- not measured: ${path}, limit 8: it needs another machine`);
    expect(shown).toContain('| floor, limit 8 |');
    expect(shown).not.toMatch(/\| W1 .*(held|missed)/);
  });
});
