import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { textOfThrown } from '../../errors.ts';
import { plainJson } from '../../json.ts';
import type { Agent } from '../agent.ts';

/** What became of the options that a definition gives an agent. */
export type ReadOptions =
  | {
      readonly ok: true;
      /** For the definition: plain JSON, defaults filled in; read again, it comes to the same. */
      readonly stored: unknown;
      /** For attempts: what the agent's schema makes of it. */
      readonly value: unknown;
    }
  | {
      readonly ok: false;
      /** The first thing that is wrong. */
      readonly reason: string;
      /** What the schema finds wrong, with paths inside the options; none if they, or the schema, can't be used at all. */
      readonly issues: readonly z.core.$ZodIssue[];
    };

/**
 * Reads the options of an own agent with its schema. A definition is self-contained: it is stored, and read again when
 * its group is opened.
 *
 * OPTIONS-1 what is stored is plain JSON, which the schema accepts again and which comes to the same.
 * OPTIONS-2 nothing is thrown, whatever the schema does.
 */
export function readOptions(
  { optionsSchema: schema }: Pick<Agent, 'optionsSchema'>,
  options: unknown,
): ReadOptions {
  if (!schema) {
    const stored = plainJson(options);
    return stored === undefined
      ? unusable('the options are no JSON value, or nested too deep')
      : { ok: true, stored, value: stored };
  }
  try {
    const parsed = z.safeParse(schema, options);
    if (!parsed.success) return refused(parsed.error.issues);
    const stored = plainJson(parsed.data);
    const again = stored === undefined ? undefined : z.safeParse(schema, stored);
    if (!again?.success || !isDeepStrictEqual(plainJson(again.data), stored)) return unusable(ONE_WAY);
    return { ok: true, stored, value: again.data };
  } catch (reason) {
    return unusable(`the options schema of the agent failed: ${textOfThrown(reason)}`);
  }
}

const ONE_WAY =
  'the options schema of the agent does not accept what it returns, so the options cannot be stored; let it only check them and fill in defaults';

const unusable = (reason: string): ReadOptions => ({ ok: false, reason, issues: [] });

function refused(issues: readonly z.core.$ZodIssue[]): ReadOptions {
  const [first] = issues;
  const place = ['options', ...(first?.path ?? [])].map(String).join('.');
  return { ok: false, reason: `${place}: ${first?.message ?? 'not accepted'}`, issues };
}
