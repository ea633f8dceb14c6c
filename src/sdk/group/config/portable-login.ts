import { SessionGroupsError } from '../../errors.ts';

/** What logs a client in whose config folder is new: a login of the user's own stays in the user's folder. */
const LOGIN_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
] as const;

export const LOGIN_ADVICE =
  'set ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN or CLAUDE_CODE_OAUTH_TOKEN (claude setup-token makes one), give an apiKeyHelper in settingsOverride, or take isolateConfigDir out';

export const NO_LOGIN = 'with isolateConfigDir the login of the user is not seen, and no other is there';

/** Whether the environment, or the text of a settings file, brings a login with it. */
export function hasPortableLogin(
  env: Readonly<Record<string, string | undefined>>,
  settings: string | undefined,
): boolean {
  const helper: unknown = settings === undefined ? undefined : JSON.parse(settings).apiKeyHelper;
  return (
    LOGIN_VARIABLES.some(name => (env[name] ?? '') !== '') || (typeof helper === 'string' && helper !== '')
  );
}

export function noPortableLogin(id: string): SessionGroupsError {
  return new SessionGroupsError('no_portable_login', `session "${id}": ${NO_LOGIN}`, { hint: LOGIN_ADVICE });
}
