import type { Clock } from '../../../src/sdk/clock.ts';
import type { Agent, AttemptSpec } from '../../../src/sdk/session/agent.ts';
import type { ResolvedAgent } from '../../../src/sdk/session/agent-config.ts';
import { attemptSink } from '../../../src/sdk/session/attempt-sink.ts';

/** The specs of all attempts. */
export const given: AttemptSpec[] = [];
/** The agents of all checks. */
export const checked: (ResolvedAgent | undefined)[] = [];

/** The adapter of a new kind, the first of the files that one touches. It answers with the prompt. */
export function createStubAgent(clock: Clock): Agent {
  return {
    kind: 'stub',
    capabilities: { resume: false, usage: 'none', spends: false, approvals: false, cap: false },
    async check(options) {
      checked.push(options?.agent);
      return { ok: true, version: '1.2.3', path: '/opt/stub', warnings: [] };
    },
    start(spec, listener) {
      given.push(spec);
      const sink = attemptSink(listener, clock);
      sink.emit({ type: 'started', conversationId: spec.conversation.id });
      sink.end({ outcome: 'done', result: `answer to ${spec.prompt}`, denials: [] });
      const cut = (): void => sink.end({ outcome: 'interrupted' });
      return { interrupt: cut, terminate: cut, kill: cut, answerPermission() {} };
    },
  };
}
