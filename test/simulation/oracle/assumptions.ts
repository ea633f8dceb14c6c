/**
 * Where the specification leaves a question open, this is how the oracle reads it: as what promises the user most. The
 * code names the entry where it goes by it.
 */
export const ASSUMPTIONS = {
  stoppedUpstream:
    'An edge to a session that a stop skipped is violated by a failure: what was skipped because of it is `upstream_failed`, so that a retry reaches it.',
  accounts: 'All sessions whose agents are of one kind use one account.',
  jitter: 'A gate opens at most ten minutes after the reset that the agent named.',
  backoff: 'A delay is never longer than the policy says, and at least half as long.',
  unavailable: 'A refused login or bill pauses the session first, and its group in the same step.',
  spendAhead:
    'For 100 ms after a `session_progress`, or where its engine has died before the next one, a session may be shown to cost more than the events say, and no more than its agents have told.',
  lostSpend: 'What an agent told is never missing, unless it or its engine died before it was written.',
  reopened: 'What a retry opens again is ordered neither before nor after what never started.',
  retriedFailures: 'A retry gives a session all attempts again.',
  holdEnds: 'A hold ends when its session settles.',
  because: 'A skip names at least one violated edge, and only such.',
  limitsPerChange: 'A new limit, also of the same amount, warns again.',
  withdrawn: 'A request that its agent withdraws needs no event.',
  unheardOfCodes:
    'A code that the specification does not list is neither known to be retryable nor to be final.',
  warnCap: "Under `warn`, only the session's own limit caps an attempt.",
  throwingAgents: 'An agent that throws when it is started may fail its session at once.',
  parkedPause:
    'The `session_paused` of a session without an attempt may come after the `group_paused` of its group.',
  resumeWithLimit:
    'Over HTTP and the control protocol, a resume with a limit may be accepted for the limit alone where there is nothing to resume.',
  codesWithoutOwner: 'Where no process owns the group, `not_in_this_state` may stand for a more exact code.',
  spentSession:
    'A session that has spent its own limit may be retried: it starts under the smallest cap there is.',
  limitOfCompleted:
    'From outside, a new limit of a completed group may be refused: nothing of it will be spent.',
  emptyUpdates: 'An update that changes nothing may be accepted in any state.',
  gatesAfterCrash: 'A usage limit holds until its reset, also in the next process and after a resume.',
  admittedBefore:
    'A session whose tree was being set up when its account closed may still start: it had been admitted.',
  raisedLimit:
    "An attempt that ends by a cap that stood for the rest of the group's limit yields, also if the limit has been raised since.",
  aboutToStart:
    'Whoever reads the journal of a live group may be told that a session waits to start while a slot is free; its owner never says so.',
  interruptedReasons: 'No reason that a session of an interrupted group shows for its wait is wrong.',
} as const;
