import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The last release: the package as it was packed, and what it wrote. */
export const LAST_RELEASE = join(ROOT, 'test', 'fixtures', 'releases', '0.1.0');

type Entry = typeof import('../../src/index.ts');
type TestingEntry = typeof import('../../src/testing.ts');

/** The public functions that continue a saved group, of the current sources or of the last release. */
export type Library = Pick<Entry, 'createFileStore' | 'openSessionGroup' | 'QuotaGate' | 'systemClock'> &
  Pick<TestingEntry, 'SimulatedClock' | 'memoryProjectGate'>;

export interface UnpackedRelease {
  /** Its command line, for node. */
  readonly cli: string;
  library(): Promise<Library>;
  remove(): void;
}

/** Unpacks the last release into its own folder; its dependencies come from this repository. */
export function unpackLastRelease(): UnpackedRelease {
  const folder = mkdtempSync(join(tmpdir(), 'session-groups-release-'));
  execFileSync('tar', ['-xzf', join(LAST_RELEASE, 'session-groups-0.1.0.tgz'), '-C', folder]);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const sources = join(folder, 'package', 'dist', 'src');
  const load = (name: string) => import(pathToFileURL(join(sources, name)).href);
  return {
    cli: join(sources, 'cli', 'bin.js'),
    library: async () => ({ ...(await load('index.js')), ...(await load('testing.js')) }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
