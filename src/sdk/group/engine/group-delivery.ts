import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import { textOfThrown } from '../../errors.ts';
import type { DeliveryOrder } from '../../workspace/orders.ts';
import type { Site } from '../../workspace/port.ts';
import { integrateOf } from '../config/resolve-session.ts';
import type { GroupEngine } from './group-engine.ts';

type Answer = Extract<GroupMachineEvent, { readonly type: `delivery.${string}` }>;

/** A session that has merged, of each repository: its project shows where that is on this machine. */
export function mergedIn(engine: Pick<GroupEngine, 'state' | 'findRun'>): Map<string, string> {
  const projects = new Map<string, string>();
  for (const [id, { projectPath, integrate, workspace }] of engine.state.sessions) {
    if (workspace.mode === 'shared' || integrate.mode !== 'merge') continue;
    const { order, isIntegrated } = engine.findRun(id)?.tree?.tree ?? {};
    if (order && isIntegrated) projects.set(order.repository, projectPath);
  }
  return projects;
}

/**
 * Moves the user's branches.
 *
 * DELIVERY-1 with `scope: all`, no branch moves before every repository has been looked at and can take what it gets.
 * DELIVERY-2 each order is journalled before its branch moves.
 * DELIVERY-3 exactly one event answers each start, and then none of its processes is left.
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
      return await this.#carryOut(signal);
    } catch (reason) {
      this.#refuse(textOfThrown(reason));
      return { type: 'delivery.refused', reason: 'delivery_refused' };
    }
  }

  async #carryOut(signal: AbortSignal): Promise<Answer> {
    const { workspaces, groupId: group, clock, recorder } = this.#engine;
    const { scope } = integrateOf(this.#engine.group.definition.config);
    const { into = '' } = this.#engine.state.roster;
    const time = Math.floor(clock.now() / 1_000);
    const ready: { site: Site; repository: string; order: DeliveryOrder }[] = [];
    let refused: 'conflict' | 'delivery_refused' | undefined;
    for (const [repository, project] of mergedIn(this.#engine)) {
      const site = { project, processes: `${group}:_delivery:1`, signal };
      const plan = await workspaces.planDelivery(site, { group, into, time });
      if (plan.kind === 'done') continue;
      if (plan.kind === 'ready') {
        ready.push({ site, repository, order: plan.order });
        continue;
      }
      refused = plan.kind === 'conflict' ? 'conflict' : 'delivery_refused';
      this.#refuse(`${project}: ${whyNot(plan, into)}`);
    }
    if (refused && (scope === 'all' || ready.length === 0))
      return { type: 'delivery.refused', reason: refused };
    const moved: { repository: string; into: string; from: string | null; to: string }[] = [];
    for (const { site, repository, order } of ready) {
      recorder.order({ type: '_delivering', repository, order });
      await workspaces.deliver(site, order);
      moved.push({ repository, into, from: order.from, to: order.to });
    }
    if (refused) return { type: 'delivery.refused', reason: refused };
    recorder.record({ type: 'group_delivered', repositories: moved });
    return { type: 'delivery.done' };
  }

  #refuse(message: string): void {
    this.#engine.recorder.record({ type: 'delivery_refused', message });
  }
}

function whyNot(
  plan: { readonly kind: string; readonly reason?: string; readonly files?: readonly string[] },
  into: string,
): string {
  if (plan.kind === 'behind') return `${into} has moved on since the sessions began`;
  if (plan.kind === 'conflict') return `what was merged conflicts with ${into}`;
  const files = plan.files ?? [];
  return `${plan.reason}${files.length > 0 ? `: ${files.slice(0, 10).join(', ')}` : ''}`;
}
