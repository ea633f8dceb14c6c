import { afterAwake, type Clock } from '../../clock.ts';
import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptMessage, AttemptSpec } from '../agent.ts';
import { isOfKind } from '../agent-config.ts';
import { AGENT_KINDS } from '../agent-kinds.ts';
import { sampleOutput } from './sample-output.ts';
import type { ScriptedStep } from './script.ts';
import {
  advance,
  countBefore,
  newConversation,
  type ScriptedConversation,
  startOver,
} from './scripted-conversation.ts';
import { MICRO, playStep, SCRIPTED_MODEL } from './scripted-step.ts';

/**
 * An agent that plays a script: in process, deterministic, using only the injected clock; an attempt whose steps take
 * no time costs one timer. For tests, simulations and trying out a definition.
 *
 * Only `cost` steps cost money, reported as the conversation's total over all its attempts; `usage` events carry a
 * cost of 0, so nothing is counted twice. Conversations live as long as the agent: one that is resumed in another
 * process plays its script from the beginning, except that the attempts before count for `attempts` of its steps.
 */
export function createScriptedAgent(clock: Clock): Agent {
  const conversations = new Map<string, ScriptedConversation>();
  return {
    kind: 'scripted',
    capabilities: AGENT_KINDS.scripted.capabilities,
    start(spec, sink) {
      const { id, resume } = spec.conversation;
      const known = resume ? conversations.get(id) : undefined;
      const conversation = known ?? newConversation(id);
      conversations.set(id, conversation);
      if (!known && resume) countBefore(conversation, stepsOf(spec), spec.attempt);
      return startAttempt(spec, conversation, sink, clock);
    },
  };
}

function startAttempt(
  spec: AttemptSpec,
  conversation: ScriptedConversation,
  sink: (event: AgentEvent) => void,
  clock: Clock,
): Attempt {
  const { agent } = spec;
  const steps = stepsOf(spec);
  const budgetMicroUsd = (spec.maxBudgetUsd ?? Number.POSITIVE_INFINITY) * MICRO;
  const costBefore = conversation.costMicroUsd;
  /** True from the first effective interrupt, terminate or kill, or from the end: only `ended` may follow. */
  let over = false;
  let openRequest: string | undefined;
  const messages: AttemptMessage[] = [];
  let cancelWait: () => void = () => {};

  const emit = (events: readonly AgentEvent[]): void => {
    for (const event of events) if (!over) sink(event);
  };

  const end = (how: AttemptEnd): void => {
    if (over) return;
    over = true;
    sink({ type: 'ended', end: how });
  };

  /** An event's listener may interrupt the attempt, so `over` is checked after each event. */
  const play = (): void => {
    while (!over) {
      takeMessages();
      if (over) return;
      const step = steps[conversation.step];
      if (!step) {
        const { result, lastText, output, denials } = conversation;
        const given = output === undefined ? {} : { output };
        end({ outcome: 'done', result: result ?? lastText, ...given, denials: [...denials] });
        return;
      }
      const played = playStep(step, conversation, { now: clock.now(), cwd: spec.cwd });
      // Before the event: an attempt interrupted there continues with the next step.
      if (played.kind === 'next') advance(conversation);
      if (played.kind === 'ask') openRequest = played.requestId;
      emit(played.events);
      if (conversation.costMicroUsd - costBefore > budgetMicroUsd) {
        const message = `spent more than ${spec.maxBudgetUsd} USD in this attempt`;
        end({ outcome: 'failed', code: 'session_budget', message });
      }
      if (played.kind === 'end') end(played.end);
      if (played.kind === 'ask' || played.kind === 'hang') return;
      if (played.kind === 'wait') {
        if (played.ms > 0 && !over) {
          wait(played.ms, () => {
            advance(conversation);
            emit(played.after);
            play();
          });
          return;
        }
        if (!over) advance(conversation);
        emit(played.after);
      }
    }
  };

  /** Between two steps. A conversation takes a message once. */
  const takeMessages = (): void => {
    for (const { id } of messages.splice(0)) {
      conversation.messages.add(id);
      emit([{ type: 'message_delivered', id }]);
    }
  };

  /** While the process can run. What remains when it is interrupted is kept for the next attempt. */
  const wait = (ms: number, then: () => void): void => {
    const cancel = afterAwake(
      clock,
      () => {
        cancelWait = () => {};
        then();
      },
      ms,
    );
    cancelWait = () => {
      conversation.leftMs = cancel();
    };
  };

  const later = (action: () => void): void => {
    const timer = clock.setTimeout(() => {
      cancelWait = () => {};
      action();
    }, 0);
    cancelWait = () => clock.clearTimeout(timer);
  };

  const cut = (): void => {
    if (over) return;
    over = true;
    cancelWait();
    clock.setTimeout(() => sink({ type: 'ended', end: { outcome: 'interrupted' } }), 0);
  };

  later(() => {
    if (!isOfKind(agent, 'scripted')) {
      end({ outcome: 'failed', code: 'invalid_request', message: `not a scripted agent: ${agent.kind}` });
      return;
    }
    if (conversation.step >= steps.length) startOver(conversation);
    emit([{ type: 'started', conversationId: conversation.id, model: spec.model ?? SCRIPTED_MODEL }]);
    play();
  });

  return {
    interrupt() {
      if (!isOfKind(agent, 'scripted') || !agent.ignoreInterrupt) cut();
    },
    terminate: cut,
    kill: cut,
    answerPermission(requestId, decision) {
      const step = steps[conversation.step];
      if (over || requestId !== openRequest || !step || !('approval' in step)) return;
      openRequest = undefined;
      if (decision === 'deny') conversation.denials.push({ tool: step.approval, toolUseId: requestId });
      advance(conversation);
      later(play);
    },
    send(message) {
      if (!over) messages.push(message);
    },
  };
}

const stepsOf = (spec: AttemptSpec): readonly ScriptedStep[] =>
  isOfKind(spec.agent, 'scripted') ? (spec.agent.steps ?? defaultSteps(spec)) : [];

function defaultSteps({ originalPrompt, outputSchema }: AttemptSpec): ScriptedStep[] {
  const [firstLine = ''] = originalPrompt.trimStart().split('\n');
  const output = outputSchema && sampleOutput(outputSchema);
  return [
    { text: `Working on: ${firstLine}` },
    { tool: 'Work', duration: 1_000, isError: false },
    { tokens: { input: 1_000, output: 200 } },
    { cost: 0.01 },
    ...(output ? [{ output }] : []),
    { text: 'Done.' },
  ];
}
