import { createRequire } from 'node:module';

/** Of this package. Found by the package's name, which works from the sources and from the build. */
export function packageVersion(): string {
  const manifest = createRequire(import.meta.url)('session-groups/package.json') as {
    readonly version: string;
  };
  return manifest.version;
}
