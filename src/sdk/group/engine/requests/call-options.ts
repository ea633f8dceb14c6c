/** Whether to wait until the group comes to rest. */
export interface WaitOption {
  /** false: resolves with the group's current result as soon as the request is accepted. Default: true. */
  readonly wait?: boolean;
}

export interface DryRunOption {
  /** Reports what would change, or why it can't, without changing anything. Default: false. */
  readonly dryRun?: boolean;
}

export interface PauseOptions extends WaitOption {
  /** `shutdown`: the host is about to exit. Default: `manual`. */
  readonly reason?: 'manual' | 'shutdown';
}

export interface ResumeOptions extends WaitOption {
  /** Sets the group's limit first. Default: the limit stays. */
  readonly maxBudgetUsd?: number | 'none';
}

export interface RetryOptions extends WaitOption {
  /** Default: all that failed, were stopped, or were skipped because of another one. */
  readonly sessions?: readonly string[];
  /** Starts new conversations instead of continuing the old ones. Default: false. */
  readonly fresh?: boolean;
}

export interface IntegrateOptions extends WaitOption {
  /** The branch to deliver into, by its short name. Default: the one that the definition names. */
  readonly into?: string;
}
