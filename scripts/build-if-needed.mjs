// Builds if there is no build or it is older than the sources.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export function buildIfNeeded() {
  const bin = join(root, 'dist/src/cli/bin.js');
  if (existsSync(bin) && statSync(bin).mtimeMs >= newest(['src', 'machines'])) return;
  console.error('Building …');
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (built.status !== 0) {
    console.error('The build failed.');
    process.exit(1);
  }
}

function newest(folders) {
  const files = folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true }).map(name => join(root, folder, name)),
  );
  return Math.max(...files.map(file => statSync(file).mtimeMs));
}
