import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SETUP = fileURLToPath(new URL('../../examples/cross-project-refactor/setup.mjs', import.meta.url));

/** The example's projects and definitions in a new or empty folder, as its own setup creates them. */
export function examplePlace(folder: string): string {
  execFileSync(process.execPath, [SETUP, folder], { stdio: 'pipe' });
  return folder;
}
