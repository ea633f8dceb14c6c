import { createRequire } from 'node:module';
import { z } from 'zod';

/** The package by its own name: the same from the source and from the build. */
const manifest: unknown = createRequire(import.meta.url)('session-groups/package.json');

export const VERSION: string = z.object({ version: z.string() }).parse(manifest).version;
