import { isSettled, isSettledGroup } from '../../machines/vocabulary.ts';
import { limitInMicroUsd } from '../sdk/group/cost/ledger.ts';
import type { DefinitionChanges } from '../sdk/group/definition/definition-changes.ts';
import { namedIds } from '../sdk/group/fan-out/members.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import { type GroupFold, limitIn } from '../sdk/group/journal/fold.ts';
import { isEvent } from '../sdk/group/journal/records.ts';
import type { SavedResult } from '../sdk/group/standing/kept-status.ts';
import { foldOf } from '../sdk/group/standing/saved-group.ts';
import type { StoredGroup } from '../sdk/group/store/store.ts';
import { type ChangingVerb, VERBS, type VerbRow, type WireVerb } from '../words/verbs.ts';
import { readSaved, type Viewer } from './read-saved.ts';
import { ACCEPTED, type Accepted, type ParamsOf } from './verbs.ts';
import type { ControlClient } from './wire/client.ts';
import { OwnerGoneError } from './wire/failure.ts';

/** A request that changes a group, and that its owner did not live to answer. */
export interface LostRequest {
  /** Whether the owner carried it out before it died, by the journal. */
  isInEffect(stored: StoredGroup): Promise<boolean>;
}

/** A client that remembers the request which its owner did not answer. */
export interface TrackedClient extends ControlClient {
  readonly lost: LostRequest | undefined;
}

/** @param before the group when its owner was asked. */
export function trackRequests(client: ControlClient, before: StoredGroup): TrackedClient {
  let lost: LostRequest | undefined;
  return {
    ...client,
    get lost() {
      return lost;
    },
    async request(method, params, options) {
      const asked = lostRequest(method, params, before);
      try {
        return await client.request(method, params, options);
      } catch (error) {
        if (error instanceof OwnerGoneError) lost = asked;
        throw error;
      }
    },
  };
}

type Asked = WireVerb & ChangingVerb;
const isChanging = (verb: WireVerb): verb is Asked => VERBS[verb].changes;

function lostRequest<V extends WireVerb>(
  verb: V,
  params: ParamsOf<V>,
  before: StoredGroup,
): LostRequest | undefined {
  if (!isChanging(verb) || ('dryRun' in params && params.dryRun === true)) return undefined;
  const { seq, sessions } = foldOf(before);
  const wasHeld = new Set([...sessions].flatMap(([id, { held }]) => (held ? [id] : [])));
  const isShown: (params: ParamsOf<V>, journal: Journal) => boolean = SHOWN[verb];
  return {
    async isInEffect(stored) {
      const events: GroupEvent[] = [];
      for await (const record of stored.history({ fromSeq: seq })) {
        if (isEvent(record) && record.seq >= seq) events.push(record);
      }
      const has = (...types: readonly GroupEvent['type'][]) =>
        events.some(({ type }) => types.includes(type));
      const named = (word: string) => namedIds(stored.group.definition.sessions, [word]);
      return isShown(params, { fold: foldOf(stored), events, has, wasHeld, named });
    },
  };
}

/**
 * The answer to a request that is in effect, although its owner has not answered; undefined if it is meant to bring the
 * group to a status that the group has not got to, and nobody is about to.
 */
export async function answerToLost(
  verb: ChangingVerb,
  stored: StoredGroup,
  viewer: Viewer,
  wait: boolean,
): Promise<SavedResult | Accepted | undefined> {
  const { until }: VerbRow = VERBS[verb];
  if (until === undefined) return ACCEPTED;
  const undone = isUndone(verb, stored);
  const { result } = await readSaved(stored, viewer);
  // A pause after it is the rest that follows from it; one before it is what it was to end.
  const isThere =
    isSettledGroup(result.status) || (result.status === 'paused' && (until !== 'rest' || undone));
  if (isThere) return wait ? result : ACCEPTED;
  // Only the connection was lost: to ask again for what goes on would be refused.
  if (until === 'rest' && stored.owner?.alive === true && result.status !== 'paused') return ACCEPTED;
  return undone && until !== 'rest' ? ACCEPTED : undefined;
}

/** Somebody has asked for something else since: to ask again would undo that, or be refused because of it. */
function isUndone(verb: ChangingVerb, { records }: StoredGroup): boolean {
  const [does, ...undo] = UNDONE_BY[verb] ?? [];
  const last = records.findLast(({ type }) => type === does || undo.some(other => other === type));
  return last !== undefined && last.type !== does;
}

const UNDONE_BY: Partial<Record<ChangingVerb, readonly GroupEvent['type'][]>> = {
  pause: ['group_pausing', 'group_resumed', 'group_stopping'],
  stop: ['group_stopping', 'group_retried'],
  resume: ['group_resumed', 'group_paused'],
  retry: ['group_retried', 'group_paused'],
  integrate: ['group_delivering', 'group_paused'],
};

/** What the last update of the definition changed. */
export function lastChanges({ records }: StoredGroup): DefinitionChanges | undefined {
  const update = records.findLast(record => record.type === 'group_updated');
  if (update?.type !== 'group_updated') return undefined;
  const { added, removed, changed, settings } = update;
  return { added, removed, changed, settings };
}

/** What the journal has said since the request was sent. */
interface Journal {
  readonly fold: GroupFold;
  readonly events: readonly GroupEvent[];
  readonly wasHeld: ReadonlySet<string>;
  /** The ids that an id, or the name of a fan-out, stands for. */
  named(word: string): readonly string[];
  /** Whether there is an event of one of these types. */
  has(...types: readonly GroupEvent['type'][]): boolean;
}

const isHeld = (id: string, { fold }: Journal): boolean => fold.sessions.get(id)?.held === true;

/** Of a fan-out, no session is left that the hold could still reach. */
function isHeldByName(word: string, journal: Journal): boolean {
  const ids = journal.named(word);
  const settled = (id: string) => isSettled(journal.fold.sessions.get(id)?.status ?? 'pending');
  return ids.some(id => isHeld(id, journal)) && ids.every(id => isHeld(id, journal) || settled(id));
}

function isLetGoByName(word: string, journal: Journal): boolean {
  const ids = journal.named(word);
  return ids.some(id => journal.wasHeld.has(id)) && !ids.some(id => isHeld(id, journal));
}

/** How the journal shows that a request is in effect. */
const SHOWN: { readonly [V in Asked]: (params: ParamsOf<V>, journal: Journal) => boolean } = {
  pause: (_, { has }) => has('group_pausing', 'group_paused'),
  resume: ({ maxBudgetUsd }, { has }) =>
    has('group_resumed') && (maxBudgetUsd === undefined || has('budget_changed')),
  stop: (_, { has }) => has('group_stopping', 'group_stopped'),
  retry: (_, { has }) => has('group_retried'),
  integrate: (_, { has }) => has('group_delivering'),
  redefine: (_, { has }) => has('group_updated'),
  set_max_budget: ({ usd }, { fold }) => limitIn(fold) === limitInMicroUsd(usd),
  session_pause: ({ id }, journal) => isHeldByName(id, journal),
  session_send: ({ messageId }, { events }) =>
    events.some(event => event.type === 'message_sent' && event.messageId === messageId),
  session_resume: ({ id }, journal) => isLetGoByName(id, journal),
  answer: ({ requestId, decision }, { events }) =>
    events.some(
      event =>
        event.type === 'approval_answered' && event.requestId === requestId && event.decision === decision,
    ),
};
