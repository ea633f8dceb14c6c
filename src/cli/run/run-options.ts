import type { Command } from 'commander';
import { z } from 'zod';
import {
  ATTENDED_OPTION,
  EVENTS_OPTION,
  INSPECT_OPTION,
  PLAIN_OPTION,
  TAKE_OVER_OPTION,
  WEB_OPTION,
} from '../options.ts';

/** The options of every command that runs a group in the foreground. */
export const ForegroundOptions = z.object({
  json: z.boolean().default(false),
  plain: z.boolean().default(false),
  attended: z.boolean().default(false),
  inspect: z.union([z.literal(true), z.number()]).optional(),
  web: z.union([z.literal(true), z.number()]).optional(),
});
export type ForegroundOptions = z.output<typeof ForegroundOptions>;

export function foregroundOptions(command: Command): Command {
  return command
    .option(...EVENTS_OPTION)
    .option(...PLAIN_OPTION)
    .option(...ATTENDED_OPTION)
    .option(...INSPECT_OPTION)
    .option(...WEB_OPTION);
}

/** The options of every command that takes over a saved group and runs it in the foreground. */
export const TakenOptions = ForegroundOptions.extend({ takeOver: z.boolean().default(false) });

export const takenOptions = (command: Command): Command =>
  foregroundOptions(command).option(...TAKE_OVER_OPTION);
