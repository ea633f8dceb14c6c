import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An environment in which the client talks only to the stand-in and sees no settings of the user who runs the tests:
 * HOME and config folder are created inside `folder`. `subscription` logs in with a token, like a plan's subscriber:
 * only then does the client report plan limits.
 */
export function environment(
  api: { readonly url: string },
  folder: string,
  options: { readonly login?: 'key' | 'subscription' | 'none' } = {},
): Record<string, string> {
  const home = join(folder, 'home');
  const config = join(folder, 'config');
  mkdirSync(home, { recursive: true });
  mkdirSync(config, { recursive: true });
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    CLAUDE_CONFIG_DIR: config,
    ANTHROPIC_BASE_URL: api.url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ...credential(options.login ?? 'key'),
  };
}

function credential(login: 'key' | 'subscription' | 'none'): Record<string, string> {
  if (login === 'key') return { ANTHROPIC_API_KEY: 'test' };
  return login === 'subscription' ? { CLAUDE_CODE_OAUTH_TOKEN: 'test' } : {};
}
