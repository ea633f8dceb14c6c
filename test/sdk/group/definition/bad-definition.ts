/** A definition with exactly one problem, and what is reported about it. */
export interface BadDefinition {
  readonly says: string;
  readonly text: string | Uint8Array;
  readonly file?: string;
  readonly code: string;
  /** line:column, or undefined if the problem is the file itself. */
  readonly at: string | undefined;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly suggestion?: string;
}

export const HEAD = 'version: 1\nname: demo\n';
export const A = '  - id: a\n    projectPath: lib\n    prompt: do\n';
export const sessions = (...rest: string[]) => `${HEAD}sessions:\n${A}${rest.join('')}`;
export const session = (...lines: string[]) =>
  lines.map((line, i) => `${i === 0 ? '  - ' : '    '}${line}\n`).join('');
/** A second session, whose extra lines start at line 9. */
export const b = (...lines: string[]) => sessions(session('id: b', 'projectPath: web', ...lines));
export const config = (...lines: string[]) =>
  `${HEAD}config:\n${lines.map(line => `  ${line}\n`).join('')}sessions:\n${A}`;
