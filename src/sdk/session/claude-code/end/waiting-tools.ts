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

/** What these tools cancel or leave. */
const CANCELS: Readonly<Record<string, readonly string[]>> = {
  CronDelete: ['CronCreate'],
  ExitWorktree: ['EnterWorktree'],
  TaskStop: ['Monitor', 'Workflow'],
};

/** The session's own calls, by tool use: what waits until it is refused, fails, ends or is cancelled. */
export type Waits = Map<string, string>;

export function called(pending: Waits, id: string, tool: string): void {
  if (waits(tool) || Object.hasOwn(CANCELS, tool)) pending.set(id, tool);
}

export function answered(pending: Waits, id: string, isError: boolean): void {
  const tool = pending.get(id);
  if (tool === undefined) return;
  if (isError || !waits(tool)) pending.delete(id);
  if (isError || !Object.hasOwn(CANCELS, tool)) return;
  const cancelled = [...pending].findLast(([, one]) => CANCELS[tool]?.includes(one));
  if (cancelled) pending.delete(cancelled[0]);
}

/** A tool whose effect is still to come, or elsewhere. */
export const pendingTool = (pending: Waits): string | undefined =>
  [...pending.values()].findLast(tool => waits(tool));

/** The tools to remove under these rules, `Tool` or `Tool(…)`. */
export function removedTools(allow: readonly string[]): string[] {
  const allowed = new Set(allow.map(rule => rule.split('(', 1)[0]?.trim()));
  return Object.keys(UNATTENDED_TOOLS).filter(tool => !allowed.has(tool));
}
