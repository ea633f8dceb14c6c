import { fileURLToPath } from 'node:url';

/** Where the built page is: beside this file in the package; in the sources only what it is built from is there. */
export function pageFolder(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../../../dist/src/serve/page' : '../page', import.meta.url));
}
