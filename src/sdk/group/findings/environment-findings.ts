import { type HostEnvironment, resolveReferences } from '../config/environment.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView } from '../document/session-view.ts';
import { shown } from '../document/visible.ts';

/** References that can't be resolved, and values that look like secrets. No message ever contains a value. */
export function environmentFindings(sessions: readonly SessionView[], host: HostEnvironment): Finding[] {
  return sessions.flatMap(session =>
    Object.entries(isMap(session.raw.env) ? session.raw.env : {}).flatMap(([name, value]) =>
      typeof value === 'string' ? variableFindings(name, value, [...session.path, 'env', name], host) : [],
    ),
  );
}

function variableFindings(
  name: string,
  text: string,
  path: Finding['path'],
  host: HostEnvironment,
): Finding[] {
  const findings = referenceFindings(text, path, host);
  if (looksSecret(name, text)) findings.push(secretFinding(name, path));
  return findings;
}

/** A value that looks like a secret. No finding shows it. */
export function secretFinding(name: string, path: Finding['path']): Finding {
  const variable = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  const suggestion = `keep it in your environment and write ${name}: \${${variable}}`;
  const message = `the value of ${name} looks like a secret; it would be stored with the group`;
  return { severity: 'warning', code: 'literal_secret', message, path, suggestion, secret: true };
}

/** References in a text that can't be resolved now, and malformed ones. */
export function referenceFindings(text: string, path: Finding['path'], host: HostEnvironment): Finding[] {
  const { unset, malformed } = resolveReferences(text, host);
  const literally = 'write $${ for a literal ${';
  return [
    ...[...new Set(unset)].map(variable => ({
      code: 'unset_variable',
      message: `the environment variable ${variable} is not set`,
      path,
      suggestion: `set ${variable}, add a default with \${${variable}:-text}, or ${literally}`,
    })),
    ...malformed.map(found => ({
      code: 'invalid_reference',
      message: `${shown(found)} is not a valid variable reference`,
      path,
      suggestion: `use \${NAME} for a reference, or ${literally}`,
    })),
  ];
}

/** Judged by the value, or by the name of the variable. */
export function looksSecret(name: string, text: string): boolean {
  if (SECRET_VALUE.test(text)) return true;
  return (
    SECRET_NAME.test(name) && text.length >= 8 && !text.includes('${') && !/^(?:[./~]|https?:)/.test(text)
  );
}

const SECRET_NAME =
  /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API[_-]?KEY|PRIVATE[_-]?KEY|ACCESS[_-]?KEY|CREDENTIAL|AUTHORIZATION|COOKIE/i;
const SECRET_VALUE =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,})|-----BEGIN [A-Z ]*PRIVATE KEY-----/;
