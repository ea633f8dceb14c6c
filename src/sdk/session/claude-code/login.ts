import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { parseJson } from '../../json.ts';
import { askClient, findClaude } from './executable.ts';
import { olderThan } from './stream/usage.ts';

/** Whether the client has an account to work with. */
export interface ClaudeLogin {
  readonly loggedIn: boolean;
  /** The kind of login, in the client's words: `claude.ai`, `api_key`. */
  readonly method: string;
}

/** `claude auth status` was measured on this version. An older one may take the words for a prompt. */
const FIRST_WITH_STATUS = [2, 1, 330] as const;

const Status = z.object({ loggedIn: z.boolean(), authMethod: z.string().catch('') });

/** Asks the client itself; no model is called. Undefined if it can't be asked, or gives no answer. */
export async function claudeLogin(
  version: string,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<ClaudeLogin | undefined> {
  const path = findClaude(undefined, env);
  if (path === undefined || olderThan(version, [...FIRST_WITH_STATUS])) return undefined;
  const args = ['auth', 'status', '--json'];
  const { output } = await askClient(path, args, clock, env, new AbortController().signal);
  const { data } = Status.safeParse(parseJson(output));
  return data && { loggedIn: data.loggedIn, method: data.authMethod };
}
