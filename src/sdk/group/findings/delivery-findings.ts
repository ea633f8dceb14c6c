import { isDeepStrictEqual } from 'node:util';
import { WorkspaceConfig } from '../../delivery/config.ts';
import { given } from '../../given.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, mapOf, type SessionView } from '../document/session-view.ts';
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
    ...sessions.flatMap(session => sessionFindings(session, config)),
  ];
}

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

function sessionFindings({ raw: session, path }: SessionView, config: Raw): Finding[] {
  const where = placeOf(session, config);
  const own = mapOf(session.integrate).mode;
  const mode = own ?? mapOf(config.integrate).mode;
  const { into } = mapOf(config.integrate);
  const found = [...cloneFindings({ session, path }, where), ...sharedFindings({ session, path }, where)];
  if (where === 'checkout' && mode === 'merge' && into !== undefined) {
    found.push({
      code: 'into_of_clone',
      path: [...path, 'project'],
      message: `a repository that is cloned has no branch of yours that what ${String(session.id)} does could go into`,
      suggestion: 'set integrate.mode: branch or pr for this session',
    });
  }
  if (where === 'shared' && mode !== undefined && mode !== 'none') {
    found.push({
      code: 'integrate_in_shared',
      path: own === undefined ? ['config', 'integrate', 'mode'] : [...path, 'integrate', 'mode'],
      message: `${String(session.id)} works in the project's own folder, where nothing is committed or merged`,
      suggestion: 'set workspace.mode: worktree, or integrate.mode: none',
    });
  }
  if (isMap(session.verify) && session.verify.commands === undefined && config.verify === undefined) {
    found.push({
      code: 'missing_checks',
      path: [...path, 'verify'],
      message: 'verify needs commands: the group has none',
    });
  }
  return found;
}

interface Session {
  readonly session: Raw;
  readonly path: Path;
}

/** Its workspace's mode: what it is unless the session says otherwise depends on its project. */
export function placeOf(session: Raw, config: Raw): unknown {
  const own = mapOf(session.workspace).mode;
  if (own !== undefined) return own;
  return session.project === undefined ? (mapOf(config.workspace).mode ?? 'shared') : 'checkout';
}

/** A repository that is cloned, and the mode `checkout`, go together. */
function cloneFindings({ session, path }: Session, where: unknown): Finding[] {
  const isClone = session.project !== undefined;
  const isOwn = mapOf(session.workspace).mode !== undefined;
  if (isClone && where !== 'checkout') {
    const message = 'a project that is cloned needs workspace.mode: checkout, which is its default';
    return [{ code: 'project_not_cloned', path: [...path, 'workspace', 'mode'], message }];
  }
  if (isClone || where !== 'checkout') return [];
  return [
    {
      code: 'checkout_needs_project',
      path: isOwn ? [...path, 'workspace', 'mode'] : ['config', 'workspace', 'mode'],
      message: `${String(session.id)} has no repository to clone`,
      suggestion: 'write project: { git: PATH } in place of projectPath, or use mode: worktree',
    },
  ];
}

/** Keys of a workspace of its own. */
const OWN_KEYS = ['base', 'include', 'setup', 'setupTimeout', 'ports', 'keep'] as const;

/** As they are in every definition that has been parsed before: they say nothing. */
const DEFAULTS = WorkspaceConfig.parse({});

/** What would silently do nothing. */
function sharedFindings({ session, path }: Session, where: unknown): Finding[] {
  if (where !== 'shared') return [];
  const given = mapOf(session.workspace);
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
