import { SessionGroupsError } from '../../errors.ts';
import { isSecretName } from '../../session/reports/redaction.ts';
import type { SessionDefinition } from '../types.ts';

/** Environment variables by name, like `process.env`. */
export type HostEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The complete environment of a session's process. Invariant: our own variables and, under `allowlist`, all variables
 * that aren't listed here never reach it; references are resolved now and not stored.
 * Throws a SessionGroupsError `unset_variable` for a reference to a variable that the host doesn't have.
 */
export function childEnvironment(
  session: Pick<SessionDefinition, 'env' | 'envPolicy'>,
  host: HostEnvironment,
): Record<string, string> {
  const passes = session.envPolicy === 'allowlist' ? isAllowed : isForeign;
  const child: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value !== undefined && passes(name)) child[name] = value;
  }
  for (const [name, text] of Object.entries(session.env)) {
    const { value, unset } = resolveReferences(text, host);
    const [missing] = unset;
    if (missing !== undefined) {
      throw new SessionGroupsError('unset_variable', `env.${name}: ${missing} is not set`, {
        hint: `Set ${missing} before starting, or write $\${${missing}} for the literal text.`,
      });
    }
    child[name] = value;
  }
  return child;
}

/**
 * `${NAME}` becomes the host's value, `${NAME:-text}` the text if that is unset or empty, and `$${` a literal `${`.
 * `unset` lists variables without a value, `malformed` what starts like a reference but isn't one.
 */
export function resolveReferences(
  text: string,
  host: HostEnvironment,
): { value: string; unset: readonly string[]; malformed: readonly string[] } {
  const unset: string[] = [];
  const malformed: string[] = [];
  const value = text.replace(REFERENCE, (whole: string, name?: string, fallback?: string) => {
    if (whole === '$${') return '${';
    if (name === undefined) {
      malformed.push(whole);
      return whole;
    }
    const found = Object.hasOwn(host, name) ? host[name] : undefined;
    if (fallback !== undefined) return found === undefined || found === '' ? fallback : found;
    if (found === undefined) unset.push(name);
    return found ?? '';
  });
  return { value, unset, malformed };
}

const REFERENCE = /\$\$\{|\$\{(?:([A-Za-z_]\w*)(?::-([^{}]*))?\}|[^}]{0,40}\}?)/g;

/** Proxies and certificates are needed to reach the agent's service; without them its credentials are useless. */
const ALLOWED: ReadonlySet<string> = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'LANG', 'LANGUAGE', 'TERM', 'TZ'],
  ...['CLAUDE_CODE_OAUTH_TOKEN', 'CLAUDE_CONFIG_DIR'],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'ALL_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'all_proxy',
  ],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
]);

/** Of a host's variables, those that programs need on any machine: no login, and no address with a password. */
export const commonVariables = (host: HostEnvironment): HostEnvironment =>
  Object.fromEntries(
    Object.entries(host).filter(
      ([name, value = '']) =>
        (ALLOWED.has(name) || name.startsWith('LC_')) && !isSecretName(name) && !WITH_LOGIN.test(value),
    ),
  );

const WITH_LOGIN = /\/\/[^/\s]*@/;

function isForeign(name: string): boolean {
  return !name.startsWith('SESSION_GROUPS_');
}

function isAllowed(name: string): boolean {
  return ALLOWED.has(name) || name.startsWith('LC_') || name.startsWith('ANTHROPIC_');
}

/** What set-up and checks run is the project's code: it has no use for a model, and may be anybody's. */
export const withoutCredentials = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(ANTHROPIC|CLAUDE)_/.test(name)));

/** The environment of a session's set-up and checks. @throws SessionGroupsError `unset_variable` */
export const commandEnvironment = (
  session: Pick<SessionDefinition, 'env' | 'envPolicy'>,
  host: HostEnvironment,
): Record<string, string> => withoutCredentials(childEnvironment(session, host));
