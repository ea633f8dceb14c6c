import { textOfThrown } from '../../errors.ts';
import { given } from '../../given.ts';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from '../../session/agent.ts';
import { problemOfReport } from '../../session/reports/read-report.ts';
import { problemOfAttempt } from '../../session/supervised-attempt.ts';

/** An attempt as its agent's reports tell of it, whatever the engine claims. */
export interface WatchedLife {
  readonly spec: AttemptSpec;
  /** Ends it for good: its engine has died. */
  readonly kill: () => void;
  costUsd: number;
}

/**
 * Stands between the agents of a group and its engine, and sees what really starts, spends and ends.
 *
 * ATTEMPT-WATCH-1 whatever breaks a rule of the agent port is noted with its session, and the engine gets it all the same.
 */
export class AttemptWatch {
  /** By session. */
  readonly live = new Map<string, WatchedLife>();
  /** Sessions in the order in which their attempts started. */
  readonly started: string[] = [];
  /** Rules that were broken. */
  readonly broken: string[] = [];
  /** USD that all attempts have reported; undefined once one has reported anything else than its own total. */
  spentUsd: number | undefined = 0;
  /** Called before each start; what it returns is a rule that the start breaks. */
  onStart: (spec: AttemptSpec) => string | undefined = () => undefined;

  /** The same agent, watched. */
  watched(agent: Agent): Agent {
    return {
      kind: agent.kind,
      capabilities: agent.capabilities,
      ...given({ optionsSchema: agent.optionsSchema }),
      ...(agent.check ? { check: agent.check.bind(agent) } : {}),
      start: (spec, sink) => this.#start(agent, spec, sink),
    };
  }

  #start(agent: Agent, spec: AttemptSpec, sink: (event: AgentEvent) => void): Attempt {
    const { sessionId: id } = spec;
    const breaks = (what: string) => void this.broken.push(`${what} (${id}, attempt ${spec.attempt})`);
    const before = this.onStart(spec);
    if (before !== undefined) breaks(before);
    if (this.live.has(id)) breaks('I1: a second attempt of the session starts while one is live');
    let inStart = true;
    let over = false;
    let ignored: string | undefined;
    let attempt: Attempt | undefined;
    const life: WatchedLife = { spec, kill: () => attempt?.kill(), costUsd: 0 };
    const leave = () => this.live.get(id) === life && this.live.delete(id);
    this.started.push(id);
    this.live.set(id, life);
    const watching = (event: AgentEvent): void => {
      const problem = problemOfReport(event);
      const type = event?.type;
      if (inStart) breaks(`AGENT-1: the agent emits ${type} before \`start\` has returned`);
      if (over) breaks(`AGENT-2: the agent emits ${type} after its end`);
      if (problem === undefined) this.#count(life, event);
      else breaks(`AGENT-2: what the agent emits is no report: ${problem}`);
      if (type === 'ended') {
        over = true;
        leave();
        if (ignored)
          breaks(`AGENT-3: the agent goes on after \`interrupt\`; it took \`${ignored}\` to end it`);
      }
      sink(event);
    };
    try {
      attempt = agent.start(spec, watching);
    } catch (thrown) {
      leave();
      breaks(`AGENT-4: \`start\` of the agent throws: ${textOfThrown(thrown)}`);
      throw thrown;
    }
    inStart = false;
    const problem = problemOfAttempt(attempt);
    if (problem !== undefined) {
      leave();
      breaks(`AGENT-1: \`start\` of the agent fails: ${problem}`);
      return attempt;
    }
    const { pid } = attempt;
    /** What the agent throws is noted, and thrown. */
    const asked = (verb: keyof Attempt, call: () => void): void => {
      try {
        call();
      } catch (thrown) {
        breaks(`AGENT-4: \`${verb}\` of the agent throws: ${textOfThrown(thrown)}`);
        throw thrown;
      }
    };
    const sending: Pick<Attempt, 'send'> = attempt.send
      ? { send: message => asked('send', () => attempt.send?.(message)) }
      : {};
    let interrupted = false;
    return {
      ...given({ pid }),
      ...sending,
      interrupt() {
        interrupted = true;
        asked('interrupt', () => attempt.interrupt());
      },
      terminate() {
        if (interrupted && !over) ignored ??= 'terminate';
        asked('terminate', () => attempt.terminate());
      },
      kill() {
        if (interrupted && !over) ignored = 'kill';
        asked('kill', () => attempt.kill());
      },
      answerPermission: (...answer) => asked('answerPermission', () => attempt.answerPermission(...answer)),
    };
  }

  #count(life: WatchedLife, event: AgentEvent): void {
    if (event.type === 'usage' || event.type === 'subagent_usage' || event.type === 'side_usage') {
      this.spentUsd = undefined;
    }
    if (event.type !== 'cost' || this.spentUsd === undefined) return;
    this.spentUsd = event.scope === 'process' ? this.spentUsd + event.costUsd - life.costUsd : undefined;
    life.costUsd = event.costUsd;
  }
}
