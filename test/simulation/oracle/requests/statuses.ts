import type { Concern, Court } from '../concern.ts';

/** http-api.md: which status an error has, as far as it says so; the others are not judged. */
const STATUS_OF: Readonly<Record<string, number>> = {
  ...each(400, 'invalid_request', 'invalid_argument', 'invalid_definition'),
  ...each(404, 'unknown_group', 'unknown_session'),
  ...each(
    409,
    'not_in_this_state',
    'sessions_in_the_way',
    'budget_exhausted',
    'no_such_request',
    'group_live',
  ),
  ...each(409, 'owned_elsewhere', 'still_pausing', 'already_paused', 'already_stopped', 'nothing_to_retry'),
  ...each(409, 'session_not_pausable', 'session_not_paused', 'archived'),
  ...each(503, 'owner_gone', 'manager_disposed', 'disposed'),
};

function each(status: number, ...codes: readonly string[]): Record<string, number> {
  return Object.fromEntries(codes.map(code => [code, status]));
}

/** http-api.md: each answer over HTTP has the status that its code says; what is waited for is there with it. */
export function statuses(court: Court): Concern {
  /** Of each request, the status with which it is accepted; undefined: either. */
  const accepted = new Map<number, number | undefined>();
  return {
    see(observation) {
      if (observation.kind === 'request') {
        const { id, verb, args } = observation;
        const waits = args.wait === true || verb === 'update'; // that has its result at once
        // A limit alone is accepted at once (ASSUMPTIONS.resumeWithLimit).
        accepted.set(id, waits ? (args.usd === undefined ? 200 : undefined) : 202);
      }
      // What its owner did not live to answer, or could not, may be accepted without its result.
      const isLost = observation.kind === 'fault' && observation.what === 'all sockets are lost';
      if (isLost || observation.kind === 'process.crashed')
        for (const [id, status] of accepted) if (status === 200) accepted.set(id, undefined);
      if (observation.kind !== 'answer' || observation.status === undefined) return;
      const { id, outcome, code = '', status } = observation;
      const expected = outcome === 'accepted' ? accepted.get(id) : STATUS_OF[code];
      if (expected !== undefined && status !== expected)
        court.report('§14', `request ${id} is answered with ${status} ${code}, expected ${expected}`);
    },
  };
}
