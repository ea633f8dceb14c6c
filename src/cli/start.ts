import { existsSync } from 'node:fs';
import { userConfigFile } from '../sdk/user-folders.ts';
import { processIo } from './io.ts';
import { main } from './main.ts';

/** Runs the command line in this process; resolves with its exit code. */
export const start = (argv: readonly string[]): Promise<number> => main(argv, processIo());

/**
 * Whether plugins may be loaded, which import this package: the modules beside the bundle. Both must not run in one
 * process, with two copies of each class, and two reapers.
 */
export const mayLoadPlugins = (): boolean => existsSync(userConfigFile(process.env));
