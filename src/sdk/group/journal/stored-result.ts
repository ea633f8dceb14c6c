import type { GroupEventBody } from './events.ts';

/** The most changed files that are listed by name. */
export const MAX_FILES = 1_000;

/** A session's result, for its dependents. */
export interface StoredResult {
  /** The agent's last message, or its beginning and a note if the whole is in a file. */
  readonly result: string;
  /** Plain JSON data, complete. @throws SessionGroupsError `result_lost` if its file can't be read. */
  readonly output: unknown;
  /** Absolute paths; absent if `result` and `output` are stored inline. */
  readonly resultFile?: string;
  readonly outputFile?: string;
  /** According to git, relative to the project, at most 1,000; absent if unknown. */
  readonly changedFiles?: readonly string[];
  /** The number of changed files not listed. */
  readonly moreChangedFiles?: number;
}

/** A result as the journal has it. */
export type KeptFields = Pick<
  Extract<GroupEventBody, { readonly type: 'session_completed' }>,
  'result' | 'resultFile' | 'output' | 'outputFile' | 'changedFiles' | 'moreChangedFiles'
>;
