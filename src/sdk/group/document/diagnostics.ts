import type { ThrownCode } from '../../error-codes.ts';
import { SessionGroupsError } from '../../errors.ts';

/** One problem of an input file, with its place and a suggestion. */
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
  /** The line and its neighbours with a caret, ready to print; of more than a thousand problems, only the first have it. */
  readonly frame?: string;
  /** Other places involved, such as the line of a definition that names a broken template. */
  readonly related?: readonly RelatedPlace[];
  readonly suggestion?: string;
}

/** Another place that a diagnostic is about. */
export interface RelatedPlace {
  /** `named at` or `declared at`; the place follows. */
  readonly message: string;
  readonly file?: string;
  /** 1-based, as in a Diagnostic. */
  readonly line: number;
  readonly column: number;
}

/**
 * A definition, or a part of one, that can't be used; `diagnostics` contains all of its problems. The message has the
 * place of the first: line and column in a file, the path in an object. Exit code 2.
 */
export class DefinitionError extends SessionGroupsError {
  override readonly name = 'DefinitionError';
  readonly diagnostics: readonly Diagnostic[];

  /** @param code Default: `invalid_definition`. `buildGraph` names the problem. */
  constructor(message: string, diagnostics: readonly Diagnostic[], code: ThrownCode = 'invalid_definition') {
    super(code, message);
    this.diagnostics = diagnostics;
  }
}
