/** What belongs to this machine and this moment, and is in no order. */
export interface Site {
  /** The project's folder on this machine, absolute; for `checkout`, the repository from `cache`. */
  readonly project: string;
  /** `groupId:sessionId:attempt`: begins the marker of each process (`uniqueMarker`), so that orphans can be ended. */
  readonly processes: string;
  readonly signal: AbortSignal;
}
