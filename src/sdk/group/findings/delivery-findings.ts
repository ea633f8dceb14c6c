import { isDeepStrictEqual } from 'node:util';
import { WorkspaceConfig } from '../../delivery/config.ts';
import { given } from '../../given.ts';
import type { Finding } from '../document/finding.ts';
import { authorsId, isMap, mapOf, type SessionView } from '../document/session-view.ts';
import { didYouMean } from '../document/suggest.ts';

type Path = readonly (string | number)[];
type Raw = Readonly<Record<string, unknown>>;

/** What a definition says of workspaces, checks and delivery that cannot work together. */
export function deliveryFindings(definition: unknown, sessions: readonly SessionView[]): Finding[] {
  const config = mapOf(mapOf(definition).config);
  const isAllShared = sessions.every(({ raw: session }) => placeOf(session, config) === 'shared');
  const written = isAllShared ? mapOf(config.workspace) : {};
  return [
    ...OWN_KEYS.filter(
      key => written[key] !== undefined && !isDeepStrictEqual(written[key], DEFAULTS[key]),
    ).map(key => unused(['config', 'workspace', key], key)),
    ...groupFindings(config),
    ...ofGroupsModes(sessions, config),
    ...sessions.flatMap(session => sessionFindings(session, config)),
  ];
}

/** What the group says of all sessions and some can't do: once, however many those are. */
function ofGroupsModes(sessions: readonly SessionView[], config: Raw): Finding[] {
  const at = ({ raw }: SessionView) => placeOf(raw, config);
  const shared = sessions.filter(
    one => at(one) === 'shared' && mapOf(one.raw.integrate).mode === undefined && isMerging(config),
  );
  const bare = sessions.filter(
    one => at(one) === 'checkout' && one.raw.project === undefined && !hasOwnPlace(one),
  );
  return [
    ...(shared.length === 0 ? [] : [inShared(shared, ['config', 'integrate', 'mode'])]),
    ...(bare.length === 0 ? [] : [nothingToClone(bare, ['config', 'workspace', 'mode'])]),
  ];
}

const isMerging = ({ integrate }: Raw): boolean => {
  const { mode } = mapOf(integrate);
  return mode !== undefined && mode !== 'none';
};

const hasOwnPlace = ({ raw }: Pick<SessionView, 'raw'>): boolean => mapOf(raw.workspace).mode !== undefined;

const inShared = (sessions: readonly SessionView[], path: Path): Finding => ({
  code: 'integrate_in_shared',
  path,
  message: `${namesOf(sessions)} ${isOne(sessions) ? 'works' : 'work'} in the project's own folder, where nothing is committed or merged`,
  suggestion: 'set workspace.mode: worktree, or integrate.mode: none',
});

const nothingToClone = (sessions: readonly SessionView[], path: Path): Finding => ({
  code: 'checkout_needs_project',
  path,
  message: `${namesOf(sessions)} ${isOne(sessions) ? 'has' : 'have'} no repository to clone`,
  suggestion: 'write project: { git: PATH } in place of projectPath, or use mode: worktree',
});

/** Each fan-out once; of many, the first few. */
function namesOf(sessions: readonly SessionView[]): string {
  const names = [...authorsIds(sessions)];
  const few = names.length > MOST_NAMED ? names.slice(0, MOST_NAMED - 1) : names.slice(0, -1);
  const last = names.length > MOST_NAMED ? `${names.length - few.length} more` : names.at(-1);
  return few.length === 0 ? String(last) : `${few.join(', ')} and ${last}`;
}

const authorsIds = (sessions: readonly SessionView[]): ReadonlySet<string> =>
  new Set(sessions.map(one => String(authorsId(one))));

const isOne = (sessions: readonly SessionView[]): boolean => authorsIds(sessions).size === 1;

const MOST_NAMED = 4;

function groupFindings(config: Raw): Finding[] {
  const path: Path = ['config', 'integrate'];
  const integrate = mapOf(config.integrate);
  const { mode, into, pr } = integrate;
  const found: Finding[] = [];
  if (into !== undefined && mode !== 'merge') {
    found.push({
      code: 'delivery_not_merged',
      path: [...path, 'into'],
      message: 'only what has been merged can go into a branch',
      suggestion: 'set mode: merge',
    });
  }
  if (typeof into === 'string') found.push(...branchFindings(into, [...path, 'into']));
  found.push(...prFindings(pr, [...path, 'pr']));
  if (mode === 'pr' && pr === undefined) {
    found.push({
      code: 'missing_pr_command',
      path: [...path, 'mode'],
      message: 'mode pr needs the command that opens a pull request',
      suggestion: 'add pr, e.g. [gh, pr, create, --head, "{branch}", --base, "{base}", --title, "{title}"]',
    });
  }
  return found;
}

/** What git allows as the name of a branch; whether there is one, only its repository knows. */
export function branchFindings(name: string, path: Path): Finding[] {
  if (name.startsWith('session-groups/'))
    return [{ code: 'reserved_branch', path, message: `${name} is a name for the branches of groups` }];
  const short = /^refs\/heads\/(.+)/.exec(name)?.[1];
  const isName = short === undefined && name !== 'HEAD' && !NO_BRANCH.test(name);
  if (isName) return [];
  const suggestion = short === undefined ? {} : { suggestion: `write ${short}` };
  return [{ code: 'invalid_branch', path, message: `${name} is not the name of a branch`, ...suggestion }];
}

const NO_BRANCH = /^[-/]|^@$|^refs\/|[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|(^|\/)\.|(\.|\/)$|\.lock(\/|$)/;

const PLACEHOLDERS = ['branch', 'base', 'title', 'body', 'bodyFile'];

/** A placeholder that is misspelt, or stands where none is filled in. */
function prFindings(pr: unknown, path: Path): Finding[] {
  if (typeof pr === 'string') {
    const name = PLACEHOLDERS.find(each => pr.includes(`{${each}}`) && !pr.includes(`\${${each}}`));
    if (name === undefined) return [];
    const variable = `SESSION_GROUPS_${name.replace(/[A-Z]/, letter => `_${letter}`).toUpperCase()}`;
    const message = `{${name}} is filled in only in a list of arguments`;
    return [
      { severity: 'warning', code: 'unknown_placeholder', path, message, suggestion: `write "$${variable}"` },
    ];
  }
  if (!Array.isArray(pr)) return [];
  return pr.flatMap((argument: unknown, at): Finding[] => {
    const [, name] = /^\{(\w+)\}$/.exec(typeof argument === 'string' ? argument : '') ?? [];
    if (name === undefined || PLACEHOLDERS.includes(name)) return [];
    const known = PLACEHOLDERS.map(each => `{${each}}`).join(', ');
    const message = `{${name}} is no placeholder; there are ${known}`;
    return [
      {
        code: 'unknown_placeholder',
        path: [...path, at],
        message,
        ...given({ suggestion: didYouMean(name, PLACEHOLDERS) }),
      },
    ];
  });
}

function sessionFindings(view: SessionView, config: Raw): Finding[] {
  const { raw: session, path } = view;
  const where = placeOf(session, config);
  const mode = mapOf(session.integrate).mode ?? mapOf(config.integrate).mode;
  const { into } = mapOf(config.integrate);
  const found = [...cloneFindings(view, where), ...sharedFindings(view, where)];
  if (where === 'checkout' && mode === 'merge' && into !== undefined) {
    found.push({
      code: 'into_of_clone',
      path: [...path, 'project'],
      message: `a repository that is cloned has no branch of yours that what ${authorsId(view)} does could go into`,
      suggestion: 'set integrate.mode: branch or pr for this session',
    });
  }
  if (where === 'shared' && isMerging(session)) found.push(inShared([view], [...path, 'integrate', 'mode']));
  if (isMap(session.verify) && session.verify.commands === undefined && config.verify === undefined) {
    found.push({
      code: 'missing_checks',
      path: [...path, 'verify'],
      message: 'verify needs commands: the group has none',
    });
  }
  return found;
}

/** Its workspace's mode: what it is unless the session says otherwise depends on its project. */
export function placeOf(session: Raw, config: Raw): unknown {
  const own = mapOf(session.workspace).mode;
  if (own !== undefined) return own;
  return session.project === undefined ? (mapOf(config.workspace).mode ?? 'shared') : 'checkout';
}

/** A repository that is cloned, and the mode `checkout`, go together. */
function cloneFindings(view: SessionView, where: unknown): Finding[] {
  const isClone = view.raw.project !== undefined;
  const path = [...view.path, 'workspace', 'mode'];
  if (isClone && where !== 'checkout') {
    const message = 'a project that is cloned needs workspace.mode: checkout, which is its default';
    return [{ code: 'project_not_cloned', path, message }];
  }
  return isClone || where !== 'checkout' || !hasOwnPlace(view) ? [] : [nothingToClone([view], path)];
}

/** Keys of a workspace of its own. */
const OWN_KEYS = ['base', 'include', 'setup', 'setupTimeout', 'ports', 'keep'] as const;

/** As they are in every definition that has been parsed before: they say nothing. */
const DEFAULTS = WorkspaceConfig.parse({});

/** What would silently do nothing. */
function sharedFindings({ raw, path }: SessionView, where: unknown): Finding[] {
  if (where !== 'shared') return [];
  const given = mapOf(raw.workspace);
  return OWN_KEYS.filter(key => given[key] !== undefined).map(key =>
    unused([...path, 'workspace', key], key),
  );
}

const unused = (path: Path, key: string): Finding => ({
  code: 'workspace_is_shared',
  path,
  points: 'key',
  message: `${key} is only for a workspace of its own`,
  suggestion: 'set workspace.mode: worktree',
});
