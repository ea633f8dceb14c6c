import type { GroupMachineEvent } from '../../../../../machines/contract.ts';
import { textOfThrown } from '../../../errors.ts';
import { WorkspaceError } from '../../../workspace/error.ts';
import type { DeliveryOrder } from '../../../workspace/orders.ts';
import type { DeliveryPlan, DeliveryWish, Site } from '../../../workspace/port.ts';
import { integrateOf } from '../../config/resolve-session.ts';
import type { GroupEventBody } from '../../journal/events.ts';
import { onceWritten, seconds } from '../../tree/tree-host.ts';
import { named } from '../../tree/tree-words.ts';
import type { GroupEngine } from '../group-engine.ts';
import { tryOut } from './delivery-trial.ts';

type Answer = Extract<GroupMachineEvent, { readonly type: `delivery.${string}` }>;

/** A session that has merged, of each repository: its project shows where that is on this machine. */
export function mergedIn(engine: Pick<GroupEngine, 'state' | 'findRun'>): Map<string, string> {
  const projects = new Map<string, string>();
  for (const [id, { projectPath, integrate, workspace }] of engine.state.sessions) {
    if (workspace.mode === 'shared' || integrate.mode !== 'merge') continue;
    const { order, isIntegrated } = engine.findRun(id)?.tree?.tree ?? {};
    // A repository that was cloned has no branch of the user's (`into_of_clone`).
    if (order && isIntegrated && projectPath !== undefined) projects.set(order.repository, projectPath);
  }
  return projects;
}

type Plan = Exclude<DeliveryPlan, { readonly kind: 'behind' }>;
type Moved = Extract<GroupEventBody, { readonly type: 'group_delivered' }>['repositories'][number];

/** How often a branch of the user's may move while what it had before is being checked. */
const MOST_JOINS = 5;

/**
 * Moves the user's branches.
 *
 * DELIVERY-1 with `scope: all`, no branch moves before every repository has been looked at and can take what it gets.
 * DELIVERY-2 each order is journalled before its branch moves.
 * DELIVERY-3 exactly one event answers each start, and then none of its processes is left.
 * DELIVERY-4 nothing gets into a branch of the user's that was not checked as it gets there, if it was to be checked.
 */
export class GroupDelivery {
  readonly #engine: GroupEngine;
  #running: AbortController | undefined;

  constructor(engine: GroupEngine) {
    this.#engine = engine;
  }

  start(): void {
    const running = new AbortController();
    this.#running = running;
    void this.#deliver(running.signal).then(answer => {
      this.#running = undefined;
      this.#engine.send(
        running.signal.aborted && answer.type !== 'delivery.done' ? { type: 'delivery.ended' } : answer,
      );
    });
  }

  cutOff(): void {
    this.#running?.abort();
  }

  async #deliver(signal: AbortSignal): Promise<Answer> {
    try {
      await Promise.resolve(); // not in the turn in which it was started
      const written = this.#engine.recorder.written();
      if (written) await onceWritten(written, signal);
      return await this.#carryOut(signal);
    } catch (reason) {
      if (!signal.aborted) this.#refuse(textOfThrown(reason));
      return { type: 'delivery.refused', reason: 'delivery_refused' };
    }
  }

  async #carryOut(signal: AbortSignal): Promise<Answer> {
    const { workspaces, groupId: group, clock, recorder, progress } = this.#engine;
    const { scope } = integrateOf(this.#engine.group.definition.config);
    const { into = '' } = this.#engine.state.roster;
    const ready: { site: Site; repository: string; order: DeliveryOrder }[] = [];
    const moved: Moved[] = [];
    let refused: 'conflict' | 'delivery_refused' | undefined;
    for (const [repository, project] of mergedIn(this.#engine)) {
      const site = { project, processes: `${group}:_delivery:1`, signal };
      const last = progress.fold.deliveries[repository];
      // One into another branch is over with the request for it.
      const before = last?.into === `refs/heads/${into}` ? last : undefined;
      if (before) await this.#again(site, before);
      const plan = await this.#plan(site, repository, { group, into, time: seconds(clock) });
      if (plan.kind === 'ready') ready.push({ site, repository, order: plan.order });
      else if (plan.kind !== 'done') {
        refused = plan.kind === 'conflict' ? 'conflict' : 'delivery_refused';
        this.#refuse(`${project}: ${whyNot(plan, into)}`);
      } else if (before) moved.push({ repository, into, from: before.from, to: before.to });
    }
    if (refused && (scope === 'all' || ready.length === 0))
      return { type: 'delivery.refused', reason: refused };
    for (const { site, repository, order } of ready) {
      const written = recorder.order({ type: '_delivering', repository, order });
      if (written) await onceWritten(written, signal);
      await workspaces.deliver(site, order).catch(reason => {
        throw partWay(reason, moved.length);
      });
      moved.push({ repository, into, from: order.from, to: order.to });
    }
    if (refused) return { type: 'delivery.refused', reason: refused };
    recorder.record({ type: 'group_delivered', repositories: moved });
    return { type: 'delivery.done' };
  }

  /** A delivery that was cut off is carried out to its end, unless the branch has moved since. */
  async #again(site: Site, order: DeliveryOrder): Promise<void> {
    try {
      await this.#engine.workspaces.deliver(site, order);
    } catch (reason) {
      if (!(reason instanceof WorkspaceError) || reason.code !== 'workspace_moved') throw reason;
    }
  }

  /** What the user's branch has got since is taken into the group's first, and checked there (DELIVERY-4). */
  async #plan(site: Site, repository: string, wish: DeliveryWish): Promise<Plan> {
    const { workspaces, groupId, recorder } = this.#engine;
    for (let times = 0; times < MOST_JOINS; times++) {
      const plan = await workspaces.planDelivery(site, wish);
      if (plan.kind !== 'behind') return plan;
      const { order } = plan;
      const objection = await tryOut(this.#engine, site, { repository, order });
      if (objection !== undefined) return { kind: 'refused', reason: objection, files: [] };
      const written = recorder.order({ type: '_joining', repository, order });
      if (written) await onceWritten(written, site.signal);
      await workspaces.advance(site, groupId, order);
    }
    return { kind: 'refused', reason: `${wish.into} moves on faster than it can be checked`, files: [] };
  }

  #refuse(message: string): void {
    this.#engine.recorder.record({ type: 'delivery_refused', message });
  }
}

/** @param moved how many branches have moved before it. */
const partWay = (reason: unknown, moved: number): unknown =>
  moved === 0
    ? new Error(`${saidOf(reason)}; no branch has moved: resume it to go on`)
    : new Error(
        `${saidOf(reason)}; of the branches, ${moved} had moved before: resume it to go on, or \`group integrate --undo\` takes them back`,
      );

const saidOf = (reason: unknown): string =>
  reason instanceof WorkspaceError && reason.hint !== undefined
    ? `${reason.message} (${reason.hint})`
    : textOfThrown(reason);

function whyNot(plan: Extract<Plan, { readonly kind: 'conflict' | 'refused' }>, into: string): string {
  if (plan.kind === 'conflict')
    return `what was merged conflicts with ${into} in ${named(plan.conflict.files)}`;
  return `${plan.reason}${plan.files.length > 0 ? `: ${named(plan.files)}` : ''}`;
}
