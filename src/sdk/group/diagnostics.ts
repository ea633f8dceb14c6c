/** One problem of an input file, with its place and a way out. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable: `unknown_key`, `missing_key`, `invalid_value`, `yaml_syntax`, `unknown_session`, `cycle`, … */
  readonly code: string;
  readonly message: string;
  /** Path in the document: `['sessions', 0, 'prompt']`. */
  readonly path: readonly (string | number)[];
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based, in UTF-16 code units. */
  readonly column?: number;
  /** The line and its neighbours with a caret, ready to print. */
  readonly frame?: string;
  readonly suggestion?: string;
}
