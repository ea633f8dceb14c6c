import { RefusedError } from '../../errors.ts';
import type { AnalyzedChanges } from '../definition/definition-changes.ts';
import { CHANGEABLE, REMOVABLE, type SessionStanding } from '../schedule/roster-spec.ts';

/** A session's current standing. */
export type StandingOf = (id: string) => SessionStanding;

/**
 * Checks what a new definition must not touch: sessions in play or completed can't change, and sessions that have run
 * can't be removed, and a tree that was made stays as it was ordered. The error names every offending session.
 *
 * @param hasTree whether the session has a tree of its own.
 * @throws RefusedError `sessions_in_the_way`, `slug_is_fixed`.
 */
export function checkRedefinition(
  changes: AnalyzedChanges,
  standingOf: StandingOf,
  hasTree: (id: string) => boolean,
): void {
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
    ...changes.treeChanged
      .filter(id => hasTree(id) && !(changes.changed.includes(id) && !CHANGEABLE.has(standingOf(id))))
      .map(id => `${id} has a workspace, so that its workspace, verify and integrate cannot be changed`),
  ];
  if (obstacles.length === 0) return;
  const more = obstacles.length > SHOWN ? `, and ${obstacles.length - SHOWN} more` : '';
  const standings = new Set(
    [...changes.removed, ...changes.changed, ...changes.agentChanged].map(id => standingOf(id)),
  );
  throw new RefusedError('sessions_in_the_way', `${obstacles.slice(0, SHOWN).join(', ')}${more}`, {
    hint: standings.has('in_play')
      ? 'Wait until it settles, or stop the group. Leave completed sessions as they are. Nothing was changed.'
      : 'Leave sessions that have run as they are, and add new sessions instead. Nothing was changed.',
  });
}

const SHOWN = 10;

const STANDINGS: Readonly<Record<SessionStanding, string>> = {
  unknown: 'is unknown',
  pending: 'has not started',
  in_play: 'is in play',
  completed: 'is completed',
  failed: 'has failed',
  ended: 'has run',
  never_ran: 'has not run',
};

const because = (id: string, standingOf: StandingOf, wanted: string): string =>
  `${id} ${STANDINGS[standingOf(id)]} and cannot be ${wanted}`;

/** The sessions with a changed prompt that have had a conversation and aren't in play. */
export const startFresh = ({ staleConversations }: AnalyzedChanges, standingOf: StandingOf): string[] =>
  staleConversations.filter(id => ['failed', 'ended', 'never_ran'].includes(standingOf(id)));
