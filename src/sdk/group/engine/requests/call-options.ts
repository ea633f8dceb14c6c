/** How long a call waits. */
export interface SignalOption {
  /**
   * Ends the wait when it aborts: the call rejects with the signal's reason. A request that has not been accepted by then
   * is withdrawn. One that has is not undone, and the group continues: pause or stop it. Default: none.
   */
  readonly signal?: AbortSignal;
}

/** Whether to wait until the group comes to rest. */
export interface WaitOption extends SignalOption {
  /** false: resolves with the group's current result as soon as the request is accepted. Default: true. */
  readonly wait?: boolean;
}

/** Whether a change is only checked. */
export interface DryRunOption extends SignalOption {
  /** Reports what would change, or why it can't, without changing anything. Default: false. */
  readonly dryRun?: boolean;
}

/** Options of `pause`. */
export interface PauseOptions extends WaitOption {
  /** `shutdown`: the host is about to exit. Default: `manual`. */
  readonly reason?: 'manual' | 'shutdown';
}

/** Options of `resume`. */
export interface ResumeOptions extends WaitOption {
  /** Sets the group's limit first. Default: the limit stays. */
  readonly maxBudgetUsd?: number | 'none';
}

/** Options of `retry`. */
export interface RetryOptions extends WaitOption {
  /** Default: all that failed, were stopped, or were skipped because of another one. */
  readonly sessions?: readonly string[];
  /** Starts new conversations instead of continuing the old ones. Default: false. */
  readonly fresh?: boolean;
}

/** Options of `pauseSession`. */
export interface HoldOptions extends SignalOption {
  /** Tells the journal who holds the session. Default: `api`. */
  readonly by?: string;
}

/** Options of `send`. */
export interface SendOptions extends SignalOption {
  /** Tells the journal who sends it. Default: `api`. */
  readonly by?: string;
  /**
   * Unique in the group: events name the message by it. The same message under the same id is sent once, however often this
   * is called; another one is refused (`message_refused`). Default: a new UUID.
   */
  readonly messageId?: string;
}

/** A message that was accepted. */
export interface SentMessage {
  /** By which `message_delivered` or `message_undelivered` names it. */
  readonly messageId: string;
}

/** Options of `integrate`. */
export interface IntegrateOptions extends WaitOption {
  /** The branch to deliver into, by its short name. Default: the one that the definition names. */
  readonly into?: string;
}

/** Options of `answer`. */
export interface AnswerOptions extends SignalOption {
  /** Tells the journal who answered. Default: `api`. */
  readonly by?: string;
  /** The answer to a question of the agent; with a denial, the reason that the agent is given. Default: none. */
  readonly answer?: string;
}

/** Options of `events`. */
export interface EventsOptions {
  /** The first event. Default: 0, the group's first. */
  readonly fromSeq?: number;
  /** Ends the iteration when it aborts: it throws the signal's reason. Default: none. */
  readonly signal?: AbortSignal;
}
