import { SessionGroupsError } from '../../errors.ts';
import type { SessionDefinition } from '../types.ts';

/** Variables that log in a client with a new config folder: the user's own login stays in the user's folder. */
export const LOGIN_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
] as const;

export const LOGIN_ADVICE =
  'set ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN or CLAUDE_CODE_OAUTH_TOKEN (run `claude setup-token` to get one), set an apiKeyHelper in settingsOverride, or remove isolateConfigDir';

export const NO_LOGIN = "isolateConfigDir hides the user's login, and no other login is configured";

/** Whether the environment, or the content of a settings file, provides a login. */
export function hasPortableLogin(
  env: Readonly<Record<string, string | undefined>>,
  settings: string | undefined,
): boolean {
  const helper: unknown = settings === undefined ? undefined : JSON.parse(settings).apiKeyHelper;
  return (
    LOGIN_VARIABLES.some(name => (env[name] ?? '') !== '') || (typeof helper === 'string' && helper !== '')
  );
}

/** Whether the session's own definition provides a login, so that others may have another. */
export const hasOwnLogin = ({ env, config }: Pick<SessionDefinition, 'env' | 'config'>): boolean =>
  hasPortableLogin(env ?? {}, JSON.stringify(config?.settingsOverride));

export function noPortableLogin(id: string): SessionGroupsError {
  return new SessionGroupsError('no_portable_login', `session "${id}": ${NO_LOGIN}`, { hint: LOGIN_ADVICE });
}
