import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import { RefusedError } from '../../errors.ts';
import { limitInMicroUsd } from '../cost/ledger.ts';
import {
  type AnalyzedChanges,
  changesNothing,
  type DefinitionChanges,
  definitionChanges,
} from '../definition/definition-changes.ts';
import type { NewDefinition } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import type { GroupEngine } from './group-engine.ts';
import { checkRedefinition, startFresh } from './redefinition-rules.ts';

interface Pending {
  readonly group: SessionGroup;
  readonly revision: number;
  readonly changes: AnalyzedChanges;
  readonly fresh: readonly string[];
}

/**
 * Gives a group a new definition, also while it runs.
 *
 * REDEFINE-1 all of it or nothing: what it must leave alone is judged before anything is written; from there to the
 *    last record nobody else has a turn.
 * REDEFINE-2 the new definition is on disk before the journal names it, and holds from that record on (STORE-5):
 *    whoever opens the group after a crash finds the old one, or the new one with all that follows from it.
 * REDEFINE-3 folding the journal over the new definition gives the live state (I11): what was removed never ran.
 * REDEFINE-4 what settled stays as it settled (I4); a group that had ended and gets something to do is paused, not
 *    ended (I5).
 */
export class Redefiner {
  readonly #engine: GroupEngine;
  #pending: Pending | undefined;

  constructor(engine: GroupEngine) {
    this.#engine = engine;
  }

  /**
   * @param dryRun judges, and changes nothing.
   * @throws RefusedError where the group or some of its sessions must be left as they are.
   */
  async redefine(next: NewDefinition, dryRun: boolean): Promise<DefinitionChanges> {
    const { group, state, status, progress, recorder, unfinishedStop } = this.#engine;
    if (progress.fold.archivedAt !== undefined) throw archived(group.id);
    if (unfinishedStop) {
      throw new RefusedError('not_in_this_state', 'the group was being stopped when its engine died', {
        hint: `Carry that out first: session-groups group stop ${group.id}`,
      });
    }
    const after = { ...group, definition: next.definition, ...(next.files ? { files: next.files } : {}) };
    const changes = definitionChanges(group, after);
    const { added, removed, changed, settings } = changes;
    const told = { added, removed, changed, settings };
    const standingOf = (id: string) => state.roster.standingOf(id);
    checkRedefinition(changes, standingOf);
    const revision = (group.revision ?? 0) + 1;
    state.propose(revision, next.definition);
    if (dryRun || changesNothing(changes)) return told;
    recorder.recover();
    const kept = this.#engine.keep(revision, next);
    this.#pending = { group: kept, revision, changes, fresh: startFresh(changes, standingOf) };
    if (isSettledGroup(status)) recorder.reopen();
    const change = { revision, added, removed, changed, edges: changes.edges };
    const asked = this.#engine.request({ type: 'definition.change', change });
    const holds = this.#pending === undefined;
    this.#pending = undefined;
    if (holds && settings.includes('config.budget')) this.#judgeBudget();
    if (isSettledGroup(this.#engine.status)) recorder.close();
    await asked;
    return told;
  }

  // For the chart.

  /** The roster has the new definition already; from this record on everybody has. */
  journal(): void {
    if (!this.#pending) return;
    const { group, revision, changes, fresh } = this.#pending;
    this.#pending = undefined;
    const { state, progress, recorder } = this.#engine;
    const { added, removed, changed, settings, limitUsd } = changes;
    const { name, sessions, config } = group.definition;
    state.adopt(limitUsd === undefined ? undefined : limitInMicroUsd(limitUsd));
    this.#engine.adopt(group, { removed, fresh });
    progress.redefine({ name, sessions, maxConcurrent: config.concurrency.maxConcurrent });
    const lists = {
      added: [...added],
      removed: [...removed],
      changed: [...changed],
      settings: [...settings],
    };
    recorder.record({
      type: 'group_updated',
      revision,
      ...lists,
      fresh: [...fresh],
      ...(limitUsd === undefined ? {} : { limitUsd }),
    });
  }

  announce(added: readonly string[], edges: readonly string[]): void {
    const { state, status, recorder } = this.#engine;
    for (const sessionId of added) recorder.record({ type: 'session_added', sessionId });
    if (status === 'created') return; // the start tells of all
    const { roster } = state;
    for (const sessionId of edges) {
      if (roster.waitOf(sessionId) !== 'dependency') continue;
      recorder.record({
        type: 'dependency_waiting',
        sessionId,
        waitingFor: roster.schedule.openDependencies(sessionId),
      });
    }
  }

  /** The chart of the budget hears of the limit that holds already, and says what that leads to. */
  #judgeBudget(): void {
    const limitMicroUsd = this.#engine.state.ledger.limitMicroUsd;
    this.#engine.request({ type: 'budget.change', limitMicroUsd }).catch(() => {});
  }
}

const archived = (id: string): RefusedError =>
  new RefusedError('archived', `${id} is archived, and stays as it is`, {
    hint: 'Create a new group from the definition: session-groups group create FILE',
  });
