import { isSecretName } from '../../session/reports/redaction.ts';
import { LOGIN_VARIABLES } from './portable-login.ts';

/**
 * What of an agent's environment no log may contain, by name: the variables named here, those that log in a client, and
 * all that are named like a secret.
 */
export function secretsOf(
  env: Readonly<Record<string, string>>,
  named: readonly string[],
): Record<string, string> {
  const names = new Set<string>([...named, ...LOGIN_VARIABLES, ...Object.keys(env).filter(isSecretName)]);
  const secrets: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value) secrets[name] = value;
  }
  return secrets;
}
