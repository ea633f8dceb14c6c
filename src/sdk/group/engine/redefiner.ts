import { isPromised, RefusedError } from '../../errors.ts';
import { limitInMicroUsd } from '../cost/ledger.ts';
import {
  type AnalyzedChanges,
  changesNothing,
  type DefinitionChanges,
  definitionChanges,
} from '../definition/definition-changes.ts';
import { openEdges } from '../schedule/session-standing.ts';
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
 * Replaces a group's definition, also while it runs.
 *
 * REDEFINE-1 all or nothing: the change is checked before anything is written, and from then until the last record
 *    everything happens synchronously. Where the store is asynchronous, it is checked again once the definition is stored.
 * REDEFINE-2 the new definition is on disk before the journal names it, and in force from that record on (STORE-5).
 *    After a crash, the group has the old definition, or the new one with all its consequences.
 * REDEFINE-3 folding the journal over the new definition gives the live state (I11): removed sessions never ran.
 * REDEFINE-4 settled sessions stay settled (I4); a settled group that gets new sessions becomes paused if any of them
 *    can start, and settles again otherwise (I5).
 */
export class Redefiner {
  readonly #engine: GroupEngine;
  #pending: Pending | undefined;

  constructor(engine: GroupEngine) {
    this.#engine = engine;
  }

  /**
   * @param dryRun only checks, without changing anything.
   * @throws RefusedError if the group, or one of its sessions, can't be changed.
   */
  async redefine(next: NewDefinition, dryRun: boolean): Promise<DefinitionChanges> {
    const { group, recorder } = this.#engine;
    const after = { ...group, definition: next.definition, ...(next.files ? { files: next.files } : {}) };
    const changes = definitionChanges(group, after);
    const { added, removed, changed, settings } = changes;
    const summary = { added, removed, changed, settings };
    const revision = (group.revision ?? 0) + 1;
    const check = () => {
      this.#check(changes);
      this.#engine.state.propose(revision, next.definition);
    };
    check();
    if (dryRun || changesNothing(changes)) return summary;
    const recovering = recorder.recover();
    if (recovering) await recovering;
    const answer = this.#engine.keep(revision, next);
    const kept = isPromised(answer) ? await answer : answer;
    if (recovering || isPromised(answer)) check();
    this.#pending = { group: kept, revision, changes, fresh: startFresh(changes, this.#standingOf) };
    const change = { revision, added, removed, changed, edges: changes.edges };
    const accepted = this.#engine.request({ type: 'definition.change', change });
    if (this.#pending) await accepted.catch(() => {}); // refused, or not asked yet
    const inForce = this.#pending === undefined;
    this.#pending = undefined;
    if (inForce && settings.includes('config.budget')) this.#applyBudget();
    await accepted;
    const answered = recorder.answered();
    if (answered) await answered;
    return summary;
  }

  readonly #standingOf = (id: string) => this.#engine.state.roster.standingOf(id);

  #check(changes: AnalyzedChanges): void {
    const { group, progress, requests, stopUnfinished } = this.#engine;
    if (progress.fold.archivedAt !== undefined) throw archived(group.id);
    // The chart says so too, but is not asked for a dry run, and only once the new definition is on disk.
    if (stopUnfinished) throw requests.refusal('stop_unfinished');
    checkRedefinition(
      changes,
      this.#standingOf,
      id => this.#engine.findRun(id)?.tree?.tree.order !== undefined,
    );
  }

  // For the chart.

  /** The roster already has the new definition; from this record on it is in force everywhere. */
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
    if (status === 'created') return; // group_started will announce everything
    const { roster } = state;
    for (const sessionId of edges) {
      if (roster.waitOf(sessionId) !== 'dependency') continue;
      recorder.record({
        type: 'dependency_waiting',
        sessionId,
        waitingFor: openEdges(sessionId, roster.schedule).map(({ session }) => session),
      });
    }
  }

  /** Makes the budget's chart react to the limit, which is already in force. */
  #applyBudget(): void {
    const limitMicroUsd = this.#engine.state.ledger.limitMicroUsd;
    this.#engine.request({ type: 'budget.change', limitMicroUsd }).catch(() => {});
  }
}

const archived = (id: string): RefusedError =>
  new RefusedError('archived', `${id} is archived and cannot be changed`, {
    hint: 'Create a new group from the definition: session-groups group create FILE',
  });
