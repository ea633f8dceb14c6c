import { looksSecret } from '../../session/reports/redaction.ts';
import {
  ClientSettings,
  HOOK_EVENTS,
  HOOK_TYPES,
  KNOWN_PERMISSIONS,
  KNOWN_SETTINGS,
  PERMISSION_MODES,
} from '../config/client-settings.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, keysOf, type SessionView } from '../document/session-view.ts';
import { shapeFindings } from '../document/shape-findings.ts';
import { didYouMean } from '../document/suggest.ts';
import { shown } from '../document/visible.ts';
import { secretFinding } from './environment-findings.ts';

export function sessionSettingsFindings(sessions: readonly SessionView[]): Finding[] {
  return sessions.flatMap(({ raw, path }) => {
    const settings = isMap(raw.config) ? raw.config.settingsOverride : undefined;
    return isMap(settings) ? settingsFindings(settings, [...path, 'config', 'settingsOverride']) : [];
  });
}

/**
 * Problems of settings for Claude Code. A value of the wrong type is an error, since Claude Code would silently ignore
 * all of them; a name that it may not know is a warning.
 */
export function settingsFindings(settings: unknown, path: Finding['path']): Finding[] {
  if (depthOf(settings) > DEEPEST) {
    return [{ code: 'invalid_value', message: `the settings are more than ${DEEPEST} levels deep`, path }];
  }
  const parsed = ClientSettings.safeParse(settings);
  const wrong = parsed.success ? [] : shapeFindings(settings, parsed.error.issues, ClientSettings);
  const all = isMap(settings) ? [...wrong, ...warnings(settings)] : wrong;
  return all.map(finding => ({ ...finding, path: [...path, ...finding.path] }));
}

const DEEPEST = 100;

function warnings(settings: Readonly<Record<string, unknown>>): Finding[] {
  const { permissions, hooks, env } = settings;
  const mode = isMap(permissions) ? permissions.defaultMode : undefined;
  return [
    ...unknownNames(Object.keys(settings), KNOWN_SETTINGS, [], 'setting'),
    ...unknownNames(keysOf(permissions), KNOWN_PERMISSIONS, ['permissions'], 'permission key'),
    ...unknownNames(keysOf(hooks), HOOK_EVENTS, ['hooks'], 'hook event'),
    ...(typeof mode === 'string' && !PERMISSION_MODES.includes(mode)
      ? [
          ignored(
            `the permission mode ${shown(mode)}`,
            ['permissions', 'defaultMode'],
            mode,
            PERMISSION_MODES,
          ),
        ]
      : []),
    ...hookTypes(hooks),
    ...Object.entries(isMap(env) ? env : {}).flatMap(([name, value]) =>
      typeof value === 'string' && looksSecret(name, value) ? [secretFinding(name, ['env', name])] : [],
    ),
  ];
}

function unknownNames(
  names: readonly string[],
  known: readonly string[],
  path: Finding['path'],
  what: string,
): Finding[] {
  return names
    .filter(name => !known.includes(name))
    .map(name => ({
      severity: 'warning',
      code: 'unknown_setting',
      message: `${shown(name)} is not a ${what} that this version knows; it is passed on unchanged`,
      path: [...path, name],
      points: 'key',
      suggestion: didYouMean(name, known),
    }));
}

function hookTypes(hooks: unknown): Finding[] {
  return Object.entries(isMap(hooks) ? hooks : {}).flatMap(([event, matchers]) =>
    listOf(matchers).flatMap((matcher, index) =>
      listOf(isMap(matcher) ? matcher.hooks : []).flatMap((hook, place): Finding[] => {
        const path = ['hooks', event, index, 'hooks', place];
        const type = isMap(hook) ? hook.type : undefined;
        if (!isMap(hook) || typeof type !== 'string') return [];
        if (type === 'command' && typeof hook.command !== 'string') {
          return [{ code: 'missing_key', message: 'missing "command": what the hook runs', path }];
        }
        if (HOOK_TYPES.includes(type)) return [];
        return [ignored(`the hook type ${shown(type)}`, [...path, 'type'], type, HOOK_TYPES)];
      }),
    ),
  );
}

function ignored(what: string, path: Finding['path'], value: string, known: readonly string[]): Finding {
  return {
    severity: 'warning',
    code: 'unknown_setting',
    message: `${what} is unknown; a Claude Code that does not know it silently ignores all of these settings`,
    path,
    suggestion: didYouMean(value, known),
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function depthOf(value: unknown): number {
  let level: unknown[] = [value];
  for (let depth = 0; ; depth += 1) {
    level = level.flatMap(item => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (level.length === 0 || depth > DEEPEST) return depth;
  }
}
