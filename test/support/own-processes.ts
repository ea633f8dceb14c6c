import { findMarked } from '../../src/sdk/process/process.ts';

/**
 * Live processes whose marker begins so and names this process as their engine: a test file that runs beside this one
 * may create a group of the same name in the same second, which then has the same id.
 */
export const ownProcesses = (beginning: string): number[] =>
  findMarked(marker => marker.startsWith(beginning) && marker.split(':').at(-2) === `${process.pid}`);
