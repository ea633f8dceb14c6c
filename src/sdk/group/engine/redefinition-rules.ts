import { RefusedError } from '../../errors.ts';
import type { AnalyzedChanges } from '../definition/definition-changes.ts';
import { CHANGEABLE, REMOVABLE, type SessionStanding } from '../schedule/roster-spec.ts';

/** How a session of the group stands now. */
export type StandingOf = (id: string) => SessionStanding;

/**
 * What a new definition must leave alone: sessions that are in play or completed stay as they are, what has run stays
 * in its group. The whole is judged, and every session in the way is named.
 *
 * @throws RefusedError `sessions_in_the_way`, `slug_is_fixed`.
 */
export function checkRedefinition(changes: AnalyzedChanges, standingOf: StandingOf): void {
  if (changes.settings.includes('slug')) {
    throw new RefusedError('slug_is_fixed', 'the slug of a group is part of its id and cannot be changed', {
      hint: 'Leave slug as it is, or create a new group.',
    });
  }
  const obstacles = [
    ...changes.removed
      .filter(id => !REMOVABLE.has(standingOf(id)))
      .map(id => because(id, standingOf, 'removed')),
    ...changes.changed
      .filter(id => !CHANGEABLE.has(standingOf(id)))
      .map(id => because(id, standingOf, 'changed')),
    ...changes.allowFailureChanged
      .filter(id => standingOf(id) === 'failed')
      .map(id => because(id, standingOf, 'given another allowFailure')),
    ...changes.agentChanged
      .filter(id => standingOf(id) === 'in_play' && !changes.changed.includes(id))
      .map(id => because(id, standingOf, 'given another agent')),
  ];
  if (obstacles.length === 0) return;
  const more = obstacles.length > SHOWN ? `, and ${obstacles.length - SHOWN} more` : '';
  const standings = new Set(
    [...changes.removed, ...changes.changed, ...changes.agentChanged].map(id => standingOf(id)),
  );
  throw new RefusedError('sessions_in_the_way', `${obstacles.slice(0, SHOWN).join(', ')}${more}`, {
    hint: standings.has('in_play')
      ? 'Wait until it has settled, or stop the group; leave the others as they are. Nothing was changed.'
      : 'Leave what has run as it is, and add new sessions for what is to be done beside it. Nothing was changed.',
  });
}

const SHOWN = 10;

const STANDINGS: Readonly<Record<SessionStanding, string>> = {
  unknown: 'is not known',
  pending: 'has not started',
  in_play: 'is in play',
  completed: 'is completed',
  failed: 'has failed',
  ended: 'has run',
  never_ran: 'has not run',
};

const because = (id: string, standingOf: StandingOf, wanted: string): string =>
  `${id} ${STANDINGS[standingOf(id)]} and cannot be ${wanted}`;

/** Of the sessions that are told something else: those that had a conversation, and are not at it. */
export const startFresh = ({ staleConversations }: AnalyzedChanges, standingOf: StandingOf): string[] =>
  staleConversations.filter(id => ['failed', 'ended', 'never_ran'].includes(standingOf(id)));
