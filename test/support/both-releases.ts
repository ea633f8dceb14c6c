import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtCli } from '../cli/built-cli.ts';
import { type CommandLine, commandLine } from './command-line.ts';
import { unpackLastRelease } from './last-release.ts';

export type Release = 'the last release' | 'today';

/** A folder with projects and definitions, in which both releases store their groups in one place. */
export interface BothReleases {
  readonly dataDir: string;
  /** The folder of the definitions; projects are at `../projects`. */
  readonly definitions: string;
  lineOf(release: Release): CommandLine;
  /** Kills everything that is still running, and removes the folder. */
  close(): Promise<void>;
}

export function openBothReleases(): BothReleases {
  const release = unpackLastRelease();
  const folder = mkdtempSync(join(tmpdir(), 'session-groups-two-'));
  const definitions = join(folder, 'definitions');
  const dataDir = join(folder, 'data');
  const names = ['library', 'service', 'guide', 'more'].map(name => join(folder, 'projects', name));
  for (const path of [definitions, ...names]) mkdirSync(path, { recursive: true });
  const env = { ...process.env, SESSION_GROUPS_DATA_DIR: dataDir };
  const lines: Readonly<Record<Release, CommandLine>> = {
    'the last release': commandLine(release.cli, definitions, env),
    today: commandLine(builtCli(), definitions, env),
  };
  return {
    dataDir,
    definitions,
    lineOf: release => lines[release],
    async close() {
      await Promise.all(Object.values(lines).map(line => line.close()));
      rmSync(folder, { recursive: true });
      release.remove();
    },
  };
}
