import type { Finding } from '../document/finding.ts';
import { isMap } from '../document/session-view.ts';
import type { Scope } from '../prompts/template-scope.ts';
import { fillText, hasEarlyTag } from './fill-text.ts';
import { asFinding } from './values.ts';

/**
 * Fills in what a session says outside of its prompts. Invariants: only the keys below are touched; a value never reaches
 * a shell, a permission or a setting: commands take it as an argument of its own, or as a variable of the environment.
 */
export interface FilledSession {
  readonly session: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
}

type Raw = Readonly<Record<string, unknown>>;
type Path = Finding['path'];

/** @param names which of `each` and `vars` there are. */
export function fillSession(raw: Raw, path: Path, scope: Scope, names: ReadonlySet<string>): FilledSession {
  const findings: Finding[] = [];
  const texts = (value: unknown, at: Path, write?: (text: string) => string): unknown => {
    if (typeof value === 'string') {
      const { text, problems } = fillText(value, scope, names, write);
      for (const problem of problems) findings.push(asFinding(problem, at));
      return text;
    }
    if (Array.isArray(value)) return mapped(value, (item, index) => texts(item, [...at, index], write));
    if (!isMap(value)) return value;
    return mappedMap(value, (item, key) => texts(item, [...at, key], write));
  };
  const commands = (value: unknown, at: Path): unknown => {
    if (!Array.isArray(value)) return value;
    return mapped(value, (command, index) => {
      if (Array.isArray(command)) return texts(command, [...at, index]);
      if (typeof command === 'string' && hasEarlyTag(command))
        findings.push({ ...IN_SHELL, path: [...at, index] });
      return command;
    });
  };
  const within = (key: string, fill: (value: unknown, at: Path) => unknown) => (value: unknown, at: Path) =>
    isMap(value) ? mappedMap(value, (item, name) => (name === key ? fill(item, [...at, key]) : item)) : value;
  const fills: Readonly<Record<string, (value: unknown, at: Path) => unknown>> = {
    ...Object.fromEntries(TEXT_KEYS.map(key => [key, texts])),
    env: (value, at) => texts(value, at, text => text.replaceAll('${', () => '$${')),
    agent: within('command', texts),
    workspace: within('setup', commands),
    verify: within('commands', commands),
  };
  const session = mappedMap(raw, (value, key) => {
    const fill = Object.hasOwn(fills, key) ? fills[key] : undefined;
    return fill === undefined ? value : fill(value, [...path, key]);
  });
  return { session, findings };
}

const TEXT_KEYS = [
  'description',
  'projectPath',
  'project',
  'promptFile',
  'template',
  'model',
  'variables',
] as const;

const IN_SHELL = {
  code: 'tag_in_shell',
  message: 'a tag cannot be filled in in a line for the shell',
  suggestion:
    'write the command as a list, or put the value into env: PACKAGE: "{{ each }}", and name "$PACKAGE" here',
} as const;

/** Also keys whose text is filled in when the session starts, or that are looked at otherwise. */
const FILLED: ReadonlySet<string> = new Set([
  ...TEXT_KEYS,
  ...['env', 'agent', 'workspace', 'verify'],
  ...['id', 'forEach', 'dependsOn', 'prompt', 'inputs', 'config'],
]);

/**
 * Tags where none is filled in: they would stay as they are.
 * @param filled keys that are. Default: those of a session.
 */
export function unfilledFindings(raw: Raw, path: Path, filled: ReadonlySet<string> = FILLED): Finding[] {
  return Object.entries(raw).flatMap(([key, value]): Finding[] => {
    if (filled.has(key) || !hasTag(value)) return [];
    const message = `tags are not filled in in ${key}`;
    return [{ severity: 'warning', code: 'tag_not_filled', message, path: [...path, key] }];
  });
}

const hasTag = (value: unknown): boolean =>
  typeof value === 'string'
    ? hasEarlyTag(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(hasTag);

/** The same list if nothing in it changes. */
function mapped(list: readonly unknown[], to: (item: unknown, index: number) => unknown): readonly unknown[] {
  const next = list.map(to);
  return next.some((item, index) => item !== list[index]) ? next : list;
}

/** The same map if nothing in it changes. */
function mappedMap<T extends Raw>(map: T, to: (item: unknown, key: string) => unknown): Raw {
  const entries = Object.entries(map).map(([key, item]) => [key, to(item, key)] as const);
  return entries.some(([key, item]) => item !== map[key]) ? Object.fromEntries(entries) : map;
}
