import { isDeepStrictEqual } from 'node:util';
import { resolveSession } from '../config/resolve-session.ts';
import { type GroupFiles, NO_FILES } from '../document/group-files.ts';
import type { SessionDefinition, SessionGroup, SessionGroupDefinition } from '../types.ts';

/** What makes one definition another: sessions by their ids, in the order of the definition that has them. */
export interface DefinitionChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** What else is new: `name`, `config.budget`, `templates`, `order` … */
  readonly settings: readonly string[];
}

/** The same, with what follows from it. */
export interface JudgedChanges extends DefinitionChanges {
  /** Sessions that have new edges, the added ones included. */
  readonly edges: readonly string[];
  /** Kept sessions for which a conversation that they had says nothing any more: they were told something else. */
  readonly retold: readonly string[];
  /** Kept sessions that another agent is to work on. */
  readonly handedOver: readonly string[];
  /** Kept sessions that forgive another thing than before. */
  readonly reforgiven: readonly string[];
  /** The group's limit, where it is new. */
  readonly limitUsd?: number | 'none';
}

/** What a conversation hangs on: where it is kept, and what its agent was told. */
const TELLING = [
  'projectPath',
  'prompt',
  'template',
  'variables',
  'inputs',
  'templating',
  'isolateConfigDir',
] as const satisfies readonly (keyof SessionDefinition)[];

type Definition = Pick<SessionGroup, 'definition' | 'files'>;

export function definitionChanges(before: Definition, after: Definition): JudgedChanges {
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
  const handedOver = ids(
    ({ session, previous }) =>
      !same(resolveSession(session, is.config).agent, resolveSession(previous, was.config).agent),
  );
  const others = new Set(handedOver);
  const templates = changedTexts(before.files, after.files);
  const retold = ids(
    ({ id, session, previous }) =>
      TELLING.some(key => !same(session[key], previous[key])) ||
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
    changed: ids(({ session, previous }) => !same(session, previous)),
    settings: settingsOf(before, after, templates.size > 0),
    edges: [...added, ...edges],
    retold,
    handedOver,
    reforgiven: ids(({ session, previous }) => session.allowFailure !== previous.allowFailure),
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

type ConfigKey = keyof SessionGroupDefinition['config'];

const keysOf = (...configs: SessionGroupDefinition['config'][]): ConfigKey[] =>
  [...new Set(configs.flatMap(config => Object.keys(config)))] as ConfigKey[];

const filesOf = ({ files = NO_FILES }: Definition): GroupFiles => files;

/** Names of the templates whose text is another one, or that are there on one side only. */
function changedTexts(before: GroupFiles = NO_FILES, after: GroupFiles = NO_FILES): ReadonlySet<string> {
  const names = new Set([...Object.keys(before.templates), ...Object.keys(after.templates)]);
  return new Set([...names].filter(name => before.templates[name] !== after.templates[name]));
}

const byId = ({ sessions }: SessionGroupDefinition) =>
  new Map<string, SessionDefinition>(sessions.map(session => [session.id, session]));

/** As JSON has them: an absent key and an undefined one are the same. */
function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b) || JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

/** With the keys of objects in order. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, plain(one)]),
  );
}
