/**
 * Tools of the client that do not fit a session which ends with its turn, and how.
 * `waits`: the turn ends on it, and what it waits for never happens, or its work is not where the project is.
 * `reaches_out`: it reaches other sessions of the machine.
 * They are removed unless the definition allows one by name (`permissions.allow`). Those that only undo or list what
 * another one did go with it. Names that a client does not know have no effect.
 */
const UNATTENDED_TOOLS: Readonly<Record<string, 'waits' | 'goes_with' | 'reaches_out'>> = {
  ScheduleWakeup: 'waits',
  CronCreate: 'waits',
  CronDelete: 'goes_with',
  CronList: 'goes_with',
  Monitor: 'waits',
  Workflow: 'waits',
  EnterWorktree: 'waits',
  ExitWorktree: 'goes_with',
  RemoteTrigger: 'reaches_out',
  SendMessage: 'reaches_out',
  ListAgents: 'reaches_out',
};

const waits = (tool: string): boolean =>
  Object.hasOwn(UNATTENDED_TOOLS, tool) && UNATTENDED_TOOLS[tool] === 'waits';

/** How much of a call is read: what it names is at its beginning. */
const LONGEST_READ = 10_000;
const MOST_VALUES = 20;

/** A call of the session's own, and what its result said. */
interface Call {
  readonly tool: string;
  readonly input: readonly string[];
  readonly said: string;
}

/** What a call ends of what waits: only what it names, and a worktree only if its work is not left there. */
const ENDS: Readonly<Record<string, (call: Call, waiting: Call) => boolean>> = {
  CronDelete: (call, waiting) => waiting.tool === 'CronCreate' && names(call, waiting),
  TaskStop: (call, waiting) => /^(Monitor|Workflow)$/.test(waiting.tool) && names(call, waiting),
  ExitWorktree: (call, waiting) =>
    waiting.tool === 'EnterWorktree' &&
    !(call.input.includes('keep') || /\b(kept|preserved) at\b/.test(call.said)) &&
    (worktreeOf(waiting) === undefined || call.said.includes(worktreeOf(waiting)?.path ?? '')),
  Bash: (call, waiting) => waiting.tool === 'EnterWorktree' && call.input.some(one => brings(one, waiting)),
};

/** The ids of tasks and jobs are in the results of the calls that began them. */
const names = ({ input }: Call, { said }: Call): boolean =>
  said.split(/[^\w-]+/).some(word => word !== '' && input.includes(word));

/** Where the client put a worktree, by what it says. */
function worktreeOf({ said }: Call): { readonly path: string; readonly branch: string } | undefined {
  const [, path, branch] = /\bat \W?(\/.*?)\W? on branch \W?([\w./-]*\w)/.exec(said) ?? [];
  return path === undefined || branch === undefined ? undefined : { path, branch };
}

/** Whether a shell command brings the work of a worktree into the project, or ends the worktree. */
function brings(command: string, waiting: Call): boolean {
  const { path, branch } = worktreeOf(waiting) ?? {};
  if (path === undefined || branch === undefined) return false;
  const place = path.slice(path.lastIndexOf('/.claude/') + 1);
  return command
    .split(/&&|\|\||[;\n]/)
    .some(
      one =>
        (/\bgit\b.* (merge|cherry-pick|pull|rebase|branch -d)\b/.test(one) && one.includes(branch)) ||
        (/\bgit\b.* worktree remove\b/.test(one) && one.includes(place)),
    );
}

/** The session's own calls, by tool use: what waits until it is refused, fails, ends or is cancelled. */
export type Waits = Map<string, Call>;

export function called(pending: Waits, id: string, tool: string, input: unknown): void {
  if (!waits(tool) && !Object.hasOwn(ENDS, tool)) return;
  const values =
    typeof input === 'object' && input !== null ? Object.values(input).slice(0, MOST_VALUES) : [];
  const texts = values.filter(value => typeof value === 'string');
  pending.set(id, { tool, input: texts.map(text => text.slice(0, LONGEST_READ)), said: '' });
}

export function answered(pending: Waits, id: string, isError: boolean, said: string): void {
  const call = pending.get(id);
  if (call === undefined) return;
  const answeredCall = { ...call, said: said.slice(0, LONGEST_READ) };
  pending.delete(id);
  if (isError) return;
  if (waits(call.tool)) {
    pending.set(id, answeredCall);
    return;
  }
  for (const [other, one] of pending) if (ENDS[call.tool]?.(answeredCall, one)) pending.delete(other);
}

/** A tool whose effect is still to come, or elsewhere. */
export const pendingTool = (pending: Waits): string | undefined =>
  [...pending.values()].findLast(({ tool }) => waits(tool))?.tool;

/** Why a turn that ends while this tool is pending is no completion. */
export const whyWaits = (tool: string): string =>
  tool === 'EnterWorktree'
    ? 'its work is in a worktree, and has not been merged into the project'
    : 'what it waits for does not happen after the session has ended';

/** The tools to remove under these rules, `Tool` or `Tool(…)`. */
export function removedTools(allow: readonly string[]): string[] {
  const allowed = new Set(allow.map(rule => rule.split('(', 1)[0]?.trim()));
  return Object.keys(UNATTENDED_TOOLS).filter(tool => !allowed.has(tool));
}
