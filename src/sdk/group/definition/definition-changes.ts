import { isDeepStrictEqual } from 'node:util';
import { type ResolvedSession, resolveSession } from '../config/resolve-session.ts';
import { type GroupFiles, NO_FILES } from '../document/group-files.ts';
import { variableValues } from '../fan-out/config.ts';
import { parseTemplate } from '../prompts/templates.ts';
import type { SessionDefinition, SessionGroup, SessionGroupDefinition } from '../types.ts';

/** How two definitions differ. Sessions are given by id, in the order of the definition that has them. */
export interface DefinitionChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Other changes: `name`, `config.budget`, `templates`, `order` … */
  readonly settings: readonly string[];
}

/** The same changes, with their consequences. */
export interface AnalyzedChanges extends DefinitionChanges {
  /** Sessions with new edges, added ones included. */
  readonly edges: readonly string[];
  /** Kept sessions whose earlier conversation no longer applies, because their agent was given something else. */
  readonly staleConversations: readonly string[];
  /** Kept sessions that get another agent. */
  readonly agentChanged: readonly string[];
  /** Kept sessions that would work elsewhere, be checked otherwise, or whose work would go elsewhere. */
  readonly treeChanged: readonly string[];
  /** Kept sessions whose `allowFailure` has changed. */
  readonly allowFailureChanged: readonly string[];
  /** The group's new limit, if it has changed. */
  readonly limitUsd?: number | 'none';
}

/** What a conversation depends on: where it is stored, and what its agent was given. */
const CONVERSATION_KEYS = [
  'projectPath',
  'project',
  'prompt',
  'template',
  'variables',
  'inputs',
  'forEach',
  'templating',
  'isolateConfigDir',
] as const satisfies readonly (keyof SessionDefinition)[];

type Definition = Pick<SessionGroup, 'definition' | 'files'>;

export function definitionChanges(before: Definition, after: Definition): AnalyzedChanges {
  const [was, is] = [before.definition, after.definition];
  const old = byId(was);
  const next = byId(is);
  const kept = is.sessions.flatMap(session => {
    const previous = old.get(session.id);
    return previous ? [{ id: session.id, session, previous }] : [];
  });
  const ids = (test: (pair: (typeof kept)[number]) => boolean) => kept.filter(test).map(({ id }) => id);
  const added = is.sessions.filter(({ id }) => !old.has(id)).map(({ id }) => id);
  const removed = was.sessions.filter(({ id }) => !next.has(id)).map(({ id }) => id);
  const agentChanged = ids(
    ({ session, previous }) =>
      !same(resolveSession(session, is.config).agent, resolveSession(previous, was.config).agent),
  );
  const others = new Set(agentChanged);
  const templates = changedTexts(before.files, after.files);
  const usesChanged = usesOf(changedVariables(was, is));
  const staleConversations = ids(
    ({ id, session, previous }) =>
      usesChanged(session) ||
      CONVERSATION_KEYS.some(key => !same(session[key], previous[key])) ||
      others.has(id) ||
      (session.template !== undefined && templates.has(session.template)),
  );
  const { respectDependencies } = is.config.concurrency;
  const allEdges = respectDependencies !== was.config.concurrency.respectDependencies;
  const edges = ids(
    ({ session, previous }) =>
      allEdges || !same([session.dependsOn, session.trigger], [previous.dependsOn, previous.trigger]),
  );
  const limitUsd = is.config.budget.maxBudgetUsd;
  return {
    added,
    removed,
    changed: ids(({ session, previous }) => !same(session, previous) || usesChanged(session)),
    settings: settingsOf(before, after, templates.size > 0),
    edges: [...added, ...edges],
    staleConversations,
    agentChanged,
    treeChanged: ids(
      ({ session, previous }) =>
        !same(treeOf(resolveSession(session, is.config)), treeOf(resolveSession(previous, was.config))),
    ),
    allowFailureChanged: ids(({ session, previous }) => session.allowFailure !== previous.allowFailure),
    ...(same(limitUsd, was.config.budget.maxBudgetUsd) ? {} : { limitUsd }),
  };
}

export const changesNothing = ({ added, removed, changed, settings }: DefinitionChanges): boolean =>
  [added, removed, changed, settings].every(list => list.length === 0);

function settingsOf(before: Definition, after: Definition, newTemplates: boolean): string[] {
  const [was, is] = [before.definition, after.definition];
  const settings: string[] = (['name', 'slug', 'description'] as const).filter(
    key => !same(was[key], is[key]),
  );
  for (const key of keysOf(was.config, is.config)) {
    if (!same(was.config[key], is.config[key])) settings.push(`config.${key}`);
  }
  if (!same(was.variables, is.variables)) settings.push('variables');
  if (newTemplates) settings.push('templates');
  if (!same(filesOf(before).sharedConfig, filesOf(after).sharedConfig)) settings.push('shared-config');
  if (isReordered(was, is)) settings.push('order');
  return settings;
}

function isReordered(was: SessionGroupDefinition, is: SessionGroupDefinition): boolean {
  const [old, next] = [byId(was), byId(is)];
  const from = [...old.keys()].filter(id => next.has(id));
  const to = [...next.keys()].filter(id => old.has(id));
  return from.some((id, index) => to[index] !== id);
}

/** Names of variables that stand for something else. */
function changedVariables(was: SessionGroupDefinition, is: SessionGroupDefinition): ReadonlySet<string> {
  const [before, after] = [variableValues(was.variables) ?? {}, variableValues(is.variables) ?? {}];
  const names = Object.keys({ ...before, ...after });
  return new Set(names.filter(name => !same(before[name], after[name])));
}

/** Whether a session's texts name one of these variables; elsewhere their values are in the session itself. */
function usesOf(names: ReadonlySet<string>): (session: SessionDefinition) => boolean {
  if (names.size === 0) return () => false;
  const uses = (text: string | undefined): boolean => {
    if (!text?.includes('{{')) return false;
    const paths = parseTemplate(text).tags.flatMap(tag => tag.expression);
    return paths.some(
      one =>
        one.kind === 'path' &&
        one.path[0] === 'vars' &&
        (one.path.length === 1 || names.has(String(one.path[1]))),
    );
  };
  return ({ prompt, templating, inputs, config }) =>
    (templating && uses(prompt)) || Object.values(inputs).some(uses) || uses(config?.claudeMdTemplate);
}

type ConfigKey = keyof SessionGroupDefinition['config'];

const keysOf = (...configs: SessionGroupDefinition['config'][]): ConfigKey[] =>
  [...new Set(configs.flatMap(config => Object.keys(config)))] as ConfigKey[];

const filesOf = ({ files = NO_FILES }: Definition): GroupFiles => files;

/** Names of templates whose text has changed, or that exist on one side only. */
function changedTexts(before: GroupFiles = NO_FILES, after: GroupFiles = NO_FILES): ReadonlySet<string> {
  const names = new Set([...Object.keys(before.templates), ...Object.keys(after.templates)]);
  return new Set([...names].filter(name => before.templates[name] !== after.templates[name]));
}

const treeOf = ({ workspace, verify, integrate }: ResolvedSession) => ({ workspace, verify, integrate });

const byId = ({ sessions }: SessionGroupDefinition) =>
  new Map<string, SessionDefinition>(sessions.map(session => [session.id, session]));

/** Compares as JSON: an absent key equals an undefined one. */
function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b) || JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

/** With object keys sorted. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, plain(one)]),
  );
}
