import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What needs nothing but the product, which the setup of these tests has built, and a Redis. */
const WORKLOADS = {
  W1: ['ours, limit 8', 'ours, file store, limit 8', 'floor, limit 8', 'ours, fan'],
  W2: ['ours', 'floor'],
  W3: ['within', 'pipelines'],
  W4: ['process', 'power', 'fdatasync'],
  W5: ['ours', 'hand'],
  W6: ['no watcher', '4 watchers'],
  W7: ['node', '--version', 'group list'],
  W8: ['definition', 'open'],
  W9: ['local', 'fleet', 'dispatch', 'pause', 'events', 'idle'],
};

describe('npm run bench, a hundredth of each size', () => {
  let out: string;
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'bench-results-'));
  });
  afterAll(() => rmSync(out, { recursive: true }));

  it.each(Object.entries(WORKLOADS))('%s measures and checks the product', (workload, only) => {
    const args = [workload, '--scale', '0.01', '--rounds', '1', ...only.map(name => `--only=${name}`)];
    const { status, stderr } = spawnSync(process.execPath, ['bench/run.mjs', ...args, '--out', out], {
      ...{ cwd: ROOT, encoding: 'utf8' },
    });
    expect(stderr).not.toContain('failed');
    expect(status).toBe(0);
    const { [workload]: measured } = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
    const figures = Object.values<Record<string, number>>(measured.rounds[0]).flatMap(Object.values);
    expect(figures.length).toBeGreaterThan(1);
    expect(figures.every(Number.isFinite)).toBe(true);
    expect(readFileSync(join(out, 'RESULTS.md'), 'utf8')).toMatch(new RegExp(`\\| ${workload} .* \\|$`, 'm'));
  });
});
