import { looksSecret } from '../../session/reports/redaction.ts';
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

/**
 * Text with a NUL character where it would become an argument, a variable or a path of a program: no system passes one
 * on, so that the session could not start. Texts for models may have it.
 */
export function nulFindings(definition: unknown, sessions: readonly SessionView[]): Finding[] {
  const config = isMap(definition) ? [{ raw: definition.config, path: ['config'] }] : [];
  return [...config, ...sessions].flatMap(({ raw, path }) =>
    nulPlaces(isMap(raw) ? raw : {}, path).map(place => ({
      code: 'nul_character',
      message: 'a NUL character cannot be passed to a program',
      path: place,
      suggestion: 'remove \\0',
    })),
  );
}

/** Depth first, in the order of the document. */
function nulPlaces(root: object, path: Finding['path']): Finding['path'][] {
  const found: Finding['path'][] = [];
  const pending: { value: unknown; path: Finding['path'] }[] = [{ value: root, path }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value } = next;
    if (typeof value === 'string' && value.includes('\0')) found.push(next.path);
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value).reverse()) {
      if (value === root && TEXTS.has(key)) continue;
      const isText = typeof inner === 'string';
      if (isText ? inner.includes('\0') : typeof inner === 'object' && inner !== null) {
        pending.push({ value: inner, path: [...next.path, Array.isArray(value) ? Number(key) : key] });
      }
    }
  }
  return found;
}

/** Of a session: they go to its model, not into a command line. */
const TEXTS: ReadonlySet<string> = new Set([
  'prompt',
  'description',
  'variables',
  'inputs',
  'dependsOn',
  'outputSchema',
]);
