import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The package as npm would publish it. */
export interface Packed {
  /** The path of the archive. */
  readonly archive: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly packed: Packed;
  }
}

/** Packs the package once for all tests of a run; the prepack script builds into dist/ from nothing. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'session-groups-archive-'));
  const listed = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const report: unknown = JSON.parse(listed.slice(listed.search(/^[[{]/m)));
  const [{ filename, size, files }] = Array.isArray(report) ? report : Object.values(report as object);
  project.provide('packed', { archive: join(folder, filename), size, files });
  return () => rmSync(folder, { recursive: true, force: true });
}
