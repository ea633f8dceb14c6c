/** Words at the top level that stand for a command of a noun. */
export const SHORTCUTS: Readonly<Record<string, readonly string[]>> = {
  ls: ['group', 'list'],
  status: ['group', 'show'],
  logs: ['session', 'logs'],
};

/** The command line as the program reads it. */
export function expanded([first = '', ...rest]: readonly string[]): readonly string[] {
  if (first === '-v') return ['--version', ...rest];
  return Object.hasOwn(SHORTCUTS, first) ? [...(SHORTCUTS[first] ?? []), ...rest] : [first, ...rest];
}
