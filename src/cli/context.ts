import { isAbsolute, relative, resolve } from 'node:path';
import type { CliIo } from './io.ts';
import type { CliServices } from './services.ts';

/** What a command gets: the process, the library, and a place for its exit code. */
export interface CliContext {
  readonly io: CliIo;
  readonly services: CliServices;
  exitCode: number;
}

/** The path for the library and for messages: relative paths stay short. */
export function definitionPath(file: string, io: CliIo): string {
  return isAbsolute(file) ? file : relative(process.cwd(), resolve(io.cwd, file)) || '.';
}
