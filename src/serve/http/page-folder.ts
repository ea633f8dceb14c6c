import { fileURLToPath } from 'node:url';

/** The folder of the built page: next to this file in the package, in dist/ when running from the sources. */
export function pageFolder(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../../../dist/src/serve/page' : '../page', import.meta.url));
}
