import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * For scripts that write a file which is committed: writes it or, with `--check`, writes nothing and fails if the file is out
 * of date.
 *
 * @param path from the repository's root.
 * @param name the npm script that writes it.
 */
export function writeOrCheck(path, written, name) {
  const target = new URL(`../${path}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(target, written);
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== written) {
    console.error(`${path} is out of date: run \`npm run ${name}\` and commit it.`);
    process.exit(1);
  }
}
