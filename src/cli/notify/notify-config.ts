import { z } from 'zod';
import { NOTICE_KINDS } from './notice.ts';

/** A reference to an environment variable, so that no secret is written into a file. */
const Reference = z
  .string()
  .regex(
    /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/,
    'expected a reference to an environment variable, such as ${NAME}',
  );

/** How the user is told of what happens in groups: only in the user's own configuration, because a command is code. */
export const NotifyConfig = z.strictObject({
  on: z
    .array(z.enum(NOTICE_KINDS))
    .min(1)
    .default([...NOTICE_KINDS]),
  /** Rings the terminal in which the group runs. */
  bell: z.boolean().default(false),
  /** Shows it in that terminal's title until the group is at rest. */
  title: z.boolean().default(false),
  /** Through `notify-send`, or `osascript` on macOS. */
  desktop: z.boolean().default(false),
  /** Program and arguments; it gets the notice as JSON on its standard input. No shell is involved. */
  command: z.array(z.string().min(1)).min(1).optional(),
  webhook: z
    .strictObject({
      url: z.union([z.url({ protocol: /^https?$/ }), Reference], {
        error: 'expected an http or https address, or a reference such as ${NAME}',
      }),
      /** Signs each request. Default: none is signed. */
      secret: Reference.optional(),
    })
    .optional(),
});
export type NotifyConfig = z.output<typeof NotifyConfig>;
