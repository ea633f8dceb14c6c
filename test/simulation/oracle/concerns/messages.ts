import type { Observation, SeenEvent } from '../../history.ts';
import { type Concern, type Court, isStart, sessionOf, textOf } from '../concern.ts';

const MOST = 16;
const SETTLING = /^session_(completed|failed|stopped|skipped)$/;
const TAKES: ReadonlySet<string> = new Set(['created', 'running', 'pausing', 'paused']);

/** §7, messages: journalled first, in order, once per conversation, and never left behind by a session that settles. */
export function messages(court: Court): Concern {
  const { truth } = court;
  /** What waits, by session, oldest first. */
  const waiting = new Map<string, string[]>();
  const sent = new Set<string>();
  const taken = new Map<string, number>();
  /** Of those whose fate the journal has: since which step. */
  const decided = new Map<string, number>();
  const startedAt = new Map<string, number>();
  const sentAt = new Map<string, number>();
  /** Given up in this step, although it came since the last attempt began. */
  let late = new Map<string, string>();
  /** Could take one when they were asked, and have refused in this step. */
  const refused: string[] = [];
  const open = new Map<number, { readonly session: string; readonly couldTake: boolean }>();

  const waitingOf = (session: string): string[] => waiting.get(session) ?? [];
  const canTake = (id: string): boolean => {
    const session = truth.sessions.get(id);
    const agent = truth.graph.session(id)?.resumes !== false;
    return agent && session !== undefined && session.end === undefined && waitingOf(id).length < MOST - 1;
  };

  function take({ session, messageId }: Extract<Observation, { kind: 'agent.took' }>): void {
    taken.set(messageId, (taken.get(messageId) ?? 0) + 1);
    const since = decided.get(messageId);
    if (since !== undefined && since < court.step && !court.trouble.disk)
      court.report('§7 messages', `${session} is handed ${messageId} again, which the journal has as over`);
  }

  function decide(event: SeenEvent): void {
    const [session, id] = [sessionOf(event), textOf(event.messageId)];
    const queue = waitingOf(session);
    if (!queue.includes(id)) {
      court.report('§7 messages', `${event.type} of ${id}, which does not wait for ${session}`);
      return;
    }
    if (event.type === 'message_delivered') {
      if (queue[0] !== id) court.report('§7 messages', `${id} is delivered before ${queue[0]}`);
      if (!taken.has(id)) court.report('§7 messages', `${id} is delivered, and no agent has it`);
    }
    if (event.type === 'message_undelivered') {
      const crashed = [...court.processes.values()].some(({ state }) => state !== 'alive');
      if (taken.has(id) && !crashed && !court.trouble.disk)
        court.report('§7 messages', `${id} is told as undelivered, and the agent of ${session} has it`);
      if ((sentAt.get(id) ?? -1) > (startedAt.get(session) ?? -1) && truth.status === 'running')
        late.set(session, id);
    }
    waiting.set(
      session,
      queue.filter(other => other !== id),
    );
    decided.set(id, court.step);
  }

  return {
    see(observation) {
      if (observation.kind === 'agent.took') take(observation);
      else if (observation.kind === 'request' && observation.verb === 'send') {
        const session = textOf(observation.args.session);
        open.set(observation.id, { session, couldTake: canTake(session) });
      } else if (observation.kind === 'answer') {
        const asked = open.get(observation.id);
        open.delete(observation.id);
        if (asked?.couldTake === true && observation.code === 'message_refused') refused.push(asked.session);
      }
    },
    before(event) {
      const session = sessionOf(event);
      if (event.type === 'message_sent') {
        if (!TAKES.has(truth.status))
          court.report('§7 messages', `a message to ${session} of a group that is ${truth.status}`);
        if (truth.sessions.get(session)?.end !== undefined)
          court.report('§7 messages', `a message to ${session}, which has settled`);
        const queue = [...waitingOf(session), textOf(event.messageId)];
        if (queue.length > MOST) court.report('§7 messages', `${queue.length} messages wait for ${session}`);
        waiting.set(session, queue);
        sent.add(textOf(event.messageId));
        sentAt.set(textOf(event.messageId), event.seq);
      } else if (event.type === 'message_delivered' || event.type === 'message_undelivered') decide(event);
      else if (isStart(event)) startedAt.set(session, event.seq);
      else if (event.type === 'session_completed' && late.has(session))
        court.report('§7 messages', `${session} completes, and ${late.get(session)} had come meanwhile`);
      else if (SETTLING.test(event.type) && waitingOf(session).length > 0)
        court.report('§7 messages', `${event.type} of ${session}, and ${waitingOf(session).join()} waits`);
    },
    step() {
      late = new Map();
      for (const id of refused.splice(0))
        if (canTake(id) && !truth.definition.delivery && !court.trouble.disk)
          court.report('§14', `a message to ${id} is refused, and it could take one`);
      if (court.trouble.disk) return;
      for (const id of taken.keys())
        if (!sent.has(id)) court.report('I10', `an agent has the message ${id}, and the journal does not`);
    },
  };
}
