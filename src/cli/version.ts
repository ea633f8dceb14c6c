import { createRequire } from 'node:module';
import { z } from 'zod';

/** Imported by the package's name, which works from the sources and from the build. */
const manifest: unknown = createRequire(import.meta.url)('session-groups/package.json');

export const VERSION: string = z.object({ version: z.string() }).parse(manifest).version;
