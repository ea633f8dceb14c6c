import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, listOf, sessionOf, textOf } from '../concern.ts';
import type { Run } from '../truth/runs.ts';
import type { SessionTruth } from '../truth/session-truth.ts';

/** How much later than it is due a timer may fire. */
const LATE_MS = 1_000;

/** I14, I10 and the permissions of §5: what an agent is told when it starts, and what it hears when it asks. */
export function conversations(court: Court): Concern {
  const { truth, runs } = court;
  interface Start {
    readonly resumed: boolean;
    readonly startedOver: boolean;
    readonly fresh: boolean;
    readonly conversation: string;
    readonly before: string | undefined;
  }
  const starts = new Map<string, Start>();
  let startedNow: Run[] = [];
  /** Requests by id: who asked, and what has been answered. */
  const asked = new Map<string, { readonly session: string; decision?: string }>();
  /** Requests that an agent has made, and those it has heard an answer to. */
  const made = new Set<string>();
  const heard = new Set<string>();
  const askedAt = new Map<string, number>();
  /** Where each session worked before an update. */
  let homes = new Map<string, string>();
  let heardNow: { readonly requestId: string; readonly decision: string }[] = [];

  function start(event: SeenEvent, session: SessionTruth): void {
    const conversation = textOf(event.agentSessionId);
    const resumed = event.type === 'session_resumed';
    const cannot = truth.graph.session(session.id)?.resumes === false;
    starts.set(`${session.id} ${event.attempt}`, {
      resumed,
      startedOver: event.startedOver === true || cannot,
      fresh: session.fresh,
      conversation,
      before: session.conversation,
    });
    if (resumed && session.conversation !== undefined && conversation !== session.conversation) {
      court.report(
        'I14',
        `${session.id} is resumed in ${conversation}, its conversation is ${session.conversation}`,
      );
    }
    if (resumed && session.fresh)
      court.report('§7 fresh', `${session.id} is resumed, and was retried afresh`);
    if (session.fresh && conversation === session.conversation) {
      court.report('§7 fresh', `${session.id} starts afresh in the conversation it had`);
    }
  }

  function began(run: Run): void {
    const journalled = starts.get(`${run.session} ${run.attempt}`);
    if (journalled === undefined) {
      court.report('I10', `attempt ${run.attempt} of ${run.session} runs, and the journal does not say so`);
      return;
    }
    if (journalled.conversation !== run.conversation) {
      court.report(
        'I14',
        `${run.session} runs in ${run.conversation}, the journal says ${journalled.conversation}`,
      );
    }
    if (journalled.resumed !== run.resumes) {
      court.report('I14', `${run.session} ${run.resumes ? 'goes on' : 'begins'}, the journal says otherwise`);
    }
    if (run.resumes || journalled.startedOver || journalled.fresh) return;
    const earlier = runs
      .of(run.session)
      .filter(other => other.id !== run.id && other.startedStep <= run.startedStep);
    const known = earlier.findLast(other => other.conversation === journalled.before);
    // A conversation that showed itself to an engine that died unheard may not have been written.
    const lost = known !== undefined && court.processes.get(known.pid)?.state !== 'alive';
    if (known?.spoke && !lost) {
      court.report('I14', `${run.session} starts over, and its conversation ${known.conversation} had begun`);
    }
  }

  /** Its events are written, and told, later than they happen. */
  let isSlow = false;

  /** §5: a person is told of what an agent asks, for as long as the definition says; nobody else lets it wait. */
  function waits(run: Run): void {
    const { onRequest, approvalMs } = truth.definition;
    if (run.urged || run.disturbed || court.processes.get(run.pid)?.state !== 'alive') return;
    for (const requestId of run.asking.keys()) {
      const since = court.at - (askedAt.get(requestId) ?? court.at);
      if (onRequest !== 'ask') {
        court.report('§5 permissions', `${run.session} waits for ${requestId}, by ${onRequest}`);
      } else if (!asked.has(requestId) && !isSlow) {
        court.report('§5 permissions', `${run.session} asks for ${requestId}, and no person is told`);
      } else if (since > approvalMs + LATE_MS) {
        court.report('§5 permissions', `${requestId} waits for an answer for ${since} ms`);
      }
    }
  }

  return {
    see(observation) {
      if (observation.kind === 'fault' && /to write/.test(observation.what)) isSlow = true;
      switch (observation.kind) {
        case 'agent.started': {
          const run = runs.all.get(observation.run);
          if (run !== undefined) startedNow.push(run);
          return;
        }
        case 'agent.asked':
          made.add(observation.requestId);
          askedAt.set(observation.requestId, observation.at);
          return;
        case 'agent.heard': {
          const { requestId, decision } = observation;
          if (!made.has(requestId))
            court.report('§5 permissions', `an answer to ${requestId}, which nobody asked`);
          if (heard.has(requestId)) court.report('§5 permissions', `${requestId} is answered twice`);
          heard.add(requestId);
          heardNow.push({ requestId, decision });
          return;
        }
      }
    },
    before(event) {
      if (event.type === 'group_updated')
        homes = new Map(truth.definition.sessions.map(({ id, project }) => [id, project]));
      const session = truth.sessions.get(sessionOf(event));
      if (session === undefined) return;
      const requestId = textOf(event.requestId);
      switch (event.type) {
        case 'session_started':
        case 'session_resumed':
          start(event, session);
          return;
        case 'approval_requested':
          if (truth.definition.onRequest !== 'ask') {
            court.report('§5 permissions', `${session.id} asks a person, by ${truth.definition.onRequest}`);
          }
          if (!made.has(requestId))
            court.report('§5 permissions', `${session.id} has not asked for ${requestId}`);
          asked.set(requestId, { session: session.id });
          return;
        case 'approval_answered': {
          const request = asked.get(requestId);
          if (request === undefined)
            court.report('§5 permissions', `${requestId} is answered, and was not published`);
          else if (request.decision !== undefined)
            court.report('§5 permissions', `${requestId} is answered twice`);
          else request.decision = textOf(event.decision);
          return;
        }
      }
    },
    after(event) {
      if (event.type !== 'group_updated') return;
      for (const { id, project } of truth.definition.sessions) {
        const moves = homes.has(id) && homes.get(id) !== project;
        if (moves && truth.sessions.get(id)?.conversation !== undefined && !listOf(event.fresh).includes(id))
          court.report('§7 fresh', `${id} has moved, and keeps the conversation that it had elsewhere`);
      }
    },
    step() {
      for (const run of startedNow) began(run);
      startedNow = [];
      if (truth.status === 'running' && !court.ownerless && !court.trouble.disk) {
        for (const run of runs.live.values()) waits(run);
      }
      for (const { requestId, decision } of heardNow) {
        const answer = asked.get(requestId)?.decision;
        if (decision === 'allow' && answer !== 'allow' && !court.trouble.disk) {
          court.report('§5 permissions', `${requestId} is allowed, and nobody has allowed it`);
        }
        if (answer === 'allow' && decision !== 'allow') {
          court.report('§5 permissions', `${requestId} was allowed, and its agent heard ${decision}`);
        }
      }
      heardNow = [];
    },
  };
}
