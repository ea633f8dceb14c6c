import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, fieldOf, isStart, micro, sessionOf, textOf } from '../concern.ts';
import type { Run } from '../truth/runs.ts';
import type { SessionTruth } from '../truth/session-truth.ts';

/** Amounts are rounded to micro-dollars at the boundaries. */
const ROUNDING = 2;

/** I8, I9 and §6, from the events' figures and what the agents say they have spent and told. */
export function money(court: Court): Concern {
  const { truth, runs } = court;
  let warned: number | undefined;
  let announced = false;
  /** What was left for each attempt when its start was journalled. */
  const left = new Map<
    string,
    { readonly group: number | undefined; readonly session: number | undefined }
  >();
  let startedNow: Run[] = [];
  /** What each session had cost when its last attempt started. */
  const before = new Map<string, number>();
  /** Of each session, the most that its ended runs may have cost: what was told. */
  const settledAt = new Map<string, number>();
  /** Runs of which some records were lost: that is said to whoever let the group go. */
  const lost = new Set<Run>();

  function started(event: SeenEvent, session: SessionTruth): void {
    const own = truth.graph.session(session.id)?.limitMicroUsd;
    const warn = truth.definition.onBudgetExceeded === 'warn'; // ASSUMPTIONS.warnCap
    before.set(session.id, session.microUsd);
    left.set(`${session.id} ${event.attempt}`, {
      group: truth.limit === undefined || warn ? undefined : truth.limit - truth.total,
      session: own === undefined ? undefined : own - session.microUsd,
    });
  }

  /** What sessions may have cost beyond their figures: a reconciled one came last, or ASSUMPTIONS.spendAhead. */
  function unsettled(): number {
    let sum = 0;
    for (const { id, microUsd, reconciledTo } of truth.sessions.values()) {
      const told = runs.of(id).reduce((all, run) => all + run.told, 0);
      sum += Math.max(0, (reconciledTo ?? microUsd) - microUsd, told - microUsd);
    }
    return sum;
  }

  /** An agent that cannot resume a conversation is a plain command, which cannot be capped either. */
  const canCap = (id: string): boolean => truth.graph.session(id)?.resumes !== false;

  function capped(run: Run): void {
    const room = left.get(`${run.session} ${run.attempt}`);
    if (room === undefined) return; // I10 says so
    const { group, session } = room;
    const most = Math.min(group ?? Number.POSITIVE_INFINITY, session ?? Number.POSITIVE_INFINITY);
    if (run.capMicro === undefined) {
      if (group !== undefined && canCap(run.session))
        court.report('I9', `${run.session} starts without a cap, ${group} are left`);
      return;
    }
    // ASSUMPTIONS.spentSession: a cap is never less than the smallest amount.
    if (run.capMicro > Math.max(most, 0) + ROUNDING) {
      court.report('I9', `${run.session} may spend ${run.capMicro}, and ${most} are left`);
    } else if (run.capMicro < most - unsettled() - ROUNDING) {
      court.report('§6', `${run.session} may spend no more than ${run.capMicro}, and ${most} are left`);
    }
  }

  function cost(event: SeenEvent, session: SessionTruth): void {
    const figure = micro(event.costUsd);
    const settled = settledAt.get(session.id);
    if (settled !== undefined && figure < settled - ROUNDING) {
      court.report('I8', `${session.id} cost ${settled} when it ended, and costs ${figure}`);
    }
    let told = 0;
    let spent = 0;
    for (const run of runs.of(session.id)) {
      told += run.told;
      spent += run.spent;
    }
    // What the ledger has is what it was told; never more than was spent.
    if (figure > spent + ROUNDING * (runs.of(session.id).length + 1)) {
      court.report('I8', `${session.id} costs ${figure}, and its agents have spent ${spent}`);
    }
    if (/^session_(completed|failed|stopped)$/.test(event.type)) {
      settledAt.set(session.id, figure);
      exact(session, figure, told);
    }
  }

  /** A cap that stood for the group's limit is none of its own: such an attempt yields. */
  function spentOwn(event: SeenEvent, { id }: SessionTruth): void {
    if (textOf(fieldOf(event.error, 'code')) !== 'session_budget') return;
    const own = truth.graph.session(id)?.limitMicroUsd;
    if (own !== undefined && micro(event.costUsd) >= own - ROUNDING) return;
    court.report('§6', `${id} fails at ${micro(event.costUsd)} of ${own ?? 'no limit'} of its own`);
  }

  /** Nothing that an agent told is lost, unless it or its engine died (ASSUMPTIONS.lostSpend); what was written never is. */
  function exact({ id, attempts }: SessionTruth, figure: number, told: number): void {
    const all = runs.of(id);
    const last = all.at(-1);
    let least = told;
    if (!all.every(heard)) {
      if (last === undefined || last.attempt !== attempts || !heard(last)) return;
      least = (before.get(id) ?? 0) + last.told;
    }
    if (figure < least - ROUNDING * (all.length + 1)) {
      court.report('I8', `${id} costs ${figure}, and its agents have told of ${least}`);
    }
  }

  const heard = (run: Run): boolean =>
    !lost.has(run) && court.processes.get(run.pid)?.state === 'alive' && run.end?.outcome !== 'killed';

  function spent(): number {
    let all = 0;
    for (const run of runs.all.values()) all += run.spent;
    return all;
  }

  function budgetEvent(event: SeenEvent): void {
    if (event.sessionId !== undefined) return;
    const usage = micro(event.usageUsd);
    // Usage is journalled once per reply: the announcement may be ahead of it, never of what was spent.
    if (usage < truth.total - ROUNDING || usage > spent() + ROUNDING * (runs.all.size + 1)) {
      court.report('§6', `${event.type} at ${usage}, spent are ${spent()}, journalled ${truth.total}`);
    }
    const { limit } = truth;
    if (limit === undefined) {
      court.report('§6', `${event.type} without a limit`);
      return;
    }
    if (event.type === 'budget_exceeded') {
      announced = true;
      if (usage < limit) court.report('§6', `budget_exceeded at ${usage} of ${limit}`);
      return;
    }
    if (warned === limit) court.report('§6', `budget_warning comes twice for ${limit}`);
    warned = limit;
    if (usage < limit * truth.definition.warningThreshold - ROUNDING) {
      court.report('§6', `budget_warning at ${usage} of ${limit}`);
    }
  }

  return {
    see(observation) {
      if (observation.kind === 'answer' && observation.code === 'records_lost')
        for (const run of runs.all.values()) lost.add(run);
      if (observation.kind !== 'agent.started') return;
      const run = runs.all.get(observation.run);
      if (run !== undefined) startedNow.push(run);
    },
    before(event) {
      const session = truth.sessions.get(sessionOf(event));
      if (session !== undefined) {
        if (isStart(event)) started(event, session);
        else if (event.type === 'session_failed') spentOwn(event, session);
        if (typeof event.costUsd === 'number' && event.type !== 'cost_reconciled') cost(event, session);
      }
      if (event.type === 'budget_warning' || event.type === 'budget_exceeded') budgetEvent(event);
      if (event.type === 'budget_changed' || event.limitUsd !== undefined) {
        if (event.type === 'budget_changed' || event.type === 'group_updated') {
          warned = undefined; // ASSUMPTIONS.limitsPerChange
          announced = false;
        }
      }
    },
    step() {
      for (const run of startedNow) capped(run);
      startedNow = [];
      const { limit, total, definition } = truth;
      if (limit === undefined || truth.status !== 'running' || court.trouble.disk || court.ownerless) return;
      if (truth.unsettled === 0) return;
      const warn = definition.onBudgetExceeded === 'warn';
      if (total >= limit && !warn) court.report('I9', `still running at ${total} of ${limit}`);
      if (total >= limit && warn && !announced)
        court.report('§6', `no budget_exceeded at ${total} of ${limit}`);
      const near = total >= limit * definition.warningThreshold && total < limit;
      if (near && warned !== limit && total > limit * definition.warningThreshold + ROUNDING) {
        court.report('§6', `no budget_warning at ${total} of ${limit}`);
      }
    },
  };
}
