import { z } from 'zod';
import { ERROR_CODES } from '../../../../machines/vocabulary.ts';
import { Duration } from '../../duration.ts';

const Tokens = z.strictObject({
  input: z.number().int().nonnegative().optional(),
  output: z.number().int().nonnegative().optional(),
  cacheRead: z.number().int().nonnegative().optional(),
  cacheWrite: z.number().int().nonnegative().optional(),
});

/** One step of a scripted agent. Steps run in order; a resumed conversation continues where it was interrupted. */
export const ScriptedStep = z.union(
  [
    z.strictObject({ text: z.string() }).meta({ description: 'The agent sends this message' }),
    z
      .strictObject({
        tool: z.string(),
        input: z.record(z.string(), z.unknown()).optional(),
        duration: Duration.default(0),
        isError: z.boolean().default(false),
      })
      .meta({ description: 'A call of this tool with this input, which lasts `duration`' }),
    z.strictObject({ tokens: Tokens }).meta({ description: 'Usage of one model reply' }),
    z
      .strictObject({ cost: z.number().nonnegative() })
      .meta({ description: 'Adds this many USD to the cost so far' }),
    z.strictObject({ delay: Duration }).meta({ description: 'Waits without output' }),
    z
      .strictObject({
        failure: z.enum(ERROR_CODES),
        message: z.string().optional(),
        attempts: z.number().int().positive().optional(),
      })
      .meta({ description: 'The attempt fails; with `attempts: n`, only the first n attempts do' }),
    z
      .strictObject({
        limit: z.union([Duration, z.literal('unknown')]),
        attempts: z.number().int().positive().optional(),
      })
      .meta({ description: 'A usage limit that resets after this time' }),
    z
      .strictObject({ approval: z.string(), input: z.record(z.string(), z.unknown()).default({}) })
      .meta({ description: 'Requests permission to use this tool; a denial is recorded' }),
    z.strictObject({ denied: z.string() }).meta({ description: 'A tool use denied without asking' }),
    z.strictObject({ hang: z.literal(true) }).meta({ description: 'Hangs without output until it is ended' }),
    z
      .strictObject({ write: z.string(), content: z.string() })
      .meta({ description: 'Writes a file; the path is relative to the project' }),
    z
      .strictObject({ result: z.string() })
      .meta({ description: 'The final text; default: the last `text` step' }),
    z
      .strictObject({ output: z.record(z.string(), z.unknown()) })
      .meta({ description: 'The structured output; a later step replaces it' }),
  ],
  {
    error:
      'expected one step: text, tool, tokens, cost, delay, failure, limit, approval, denied, hang, write, result or output',
  },
);
export type ScriptedStep = z.output<typeof ScriptedStep>;
