import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemDisk } from '../../../disk/disk.ts';
import { replaceFile } from '../../../disk/disk-files.ts';
import { SessionGroupsError, textOfThrown } from '../../../errors.ts';
import { CLAUDE_MD, MCP_CONFIG, PLUGIN, SETTINGS } from '../../config-generator.ts';

/** The session's own config folder, for `isolateConfigDir`; the agent keeps its conversations there. */
export const OWN_CONFIG_DIR = 'home';

const GENERATED = [CLAUDE_MD, MCP_CONFIG, SETTINGS, PLUGIN];

/**
 * Writes these files and removes those of an earlier generation; the agent's own files stay. Folders 0700, files
 * 0600, each replaced atomically.
 * @throws SessionGroupsError `config_not_written`.
 */
export function writeConfig(dir: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const [path, text] of Object.entries(files)) {
      const file = join(dir, path);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      replaceFile(systemDisk, file, text);
    }
    for (const path of present(dir)) if (!Object.hasOwn(files, path)) rmSync(join(dir, path));
  } catch (cause) {
    const reason = textOfThrown(cause);
    throw new SessionGroupsError('config_not_written', `the configuration could not be written: ${reason}`, {
      cause,
      hint: `Free some space, or make ${dir} writable.`,
    });
  }
}

/** Creates the folder up front, because Claude Code would make it readable for everyone. */
export function makeOwnConfigDir(dir: string): void {
  mkdirSync(join(dir, OWN_CONFIG_DIR), { recursive: true, mode: 0o700 });
}

/** Paths of the generated files in the folder. */
function present(dir: string, inner = ''): string[] {
  return readdirSync(join(dir, inner), { withFileTypes: true }).flatMap(entry => {
    if (inner === '' && !GENERATED.includes(entry.name)) return [];
    const path = inner === '' ? entry.name : `${inner}/${entry.name}`;
    return entry.isDirectory() ? present(dir, path) : [path];
  });
}

/** Temporary folders for the configuration of a group that is kept in memory. */
export class TemporaryFolders {
  #top: string | undefined;

  folder(id: string): string {
    this.#top ??= mkdtempSync(join(tmpdir(), 'session-groups-'));
    return join(this.#top, id);
  }

  remove(): void {
    if (this.#top !== undefined) rmSync(this.#top, { recursive: true, force: true, maxRetries: 3 });
    this.#top = undefined;
  }
}
