import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView, text } from '../document/session-view.ts';

type Path = readonly (string | number)[];
type Raw = Readonly<Record<string, unknown>>;

const raw = (value: unknown): Raw => (isMap(value) ? value : {});

/** What a definition says of workspaces, checks and delivery that cannot work together. */
export function deliveryFindings(definition: unknown, sessions: readonly SessionView[]): Finding[] {
  const config = raw(raw(definition).config);
  return [...groupFindings(config), ...sessions.flatMap(session => sessionFindings(session, config))];
}

function groupFindings(config: Raw): Finding[] {
  const path: Path = ['config', 'integrate'];
  const integrate = raw(config.integrate);
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
  if (typeof into === 'string' && into.startsWith('session-groups/')) {
    found.push({
      code: 'reserved_branch',
      path: [...path, 'into'],
      message: `${into} is a name for the branches of groups`,
    });
  }
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

function sessionFindings({ raw: session, path }: SessionView, config: Raw): Finding[] {
  const workspace = { ...raw(config.workspace), ...raw(session.workspace) };
  const isShared = (text(workspace.mode) ?? 'shared') === 'shared';
  const own = raw(session.integrate).mode;
  const mode = own ?? raw(config.integrate).mode;
  const found: Finding[] = [];
  if (isShared && mode !== undefined && mode !== 'none') {
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
