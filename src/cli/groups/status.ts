import {
  GROUP_STATUSES,
  SESSION_STATUSES,
  type SessionStatus,
  UNAVAILABLE_ERROR_CODES,
} from '../../../machines/vocabulary.ts';
import type { KeptStatus, SavedResult } from '../../sdk/group/standing/kept-status.ts';
import type { ShownAs, StandsStill } from '../../words/marks.ts';

/** Includes `interrupted`: live by its journal, but without a live owner (design-docs/spec-session-groups.md §4). */
export type ShownStatus = KeptStatus;

/** Of a group: as it stands, or what its process makes of it. */
export const SHOWN_STATUSES: readonly ShownAs[] = [...GROUP_STATUSES, 'interrupted', 'suspended'];

/** Of a session: as it stands, or what its group makes of it. */
export const SHOWN_SESSION_STATUSES: readonly (SessionStatus | StandsStill)[] = [
  ...SESSION_STATUSES,
  'interrupted',
  'suspended',
];

/** A result whose status may be `interrupted`. */
export type ShownResult = SavedResult;

/** Whether the group failed only because of the login or billing of the agent's account. */
export function failedByLogin({ status, sessions }: Pick<ShownResult, 'status' | 'sessions'>): boolean {
  const failures = Object.values(sessions).filter(session => session.status === 'failed');
  return (
    status === 'failed' && failures.length > 0 && failures.every(({ error }) => refusesLogin(error?.code))
  );
}

const refusesLogin = (code: string | undefined): boolean =>
  UNAVAILABLE_ERROR_CODES.some(unavailable => unavailable === code);
