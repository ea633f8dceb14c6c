import { appendFileSync } from 'node:fs';
import { systemClock } from '../../src/sdk/clock.ts';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { GroupResult } from '../../src/sdk/group/progress/progress.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import type { GroupStore } from '../../src/sdk/group/store/store.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import type { Agent } from '../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../src/sdk/session/scripted/scripted.ts';

/** A group to create, or one whose engine has died. */
export type Order = { readonly definition: SessionGroupInput } | { readonly id: string };

/**
 * Runs the group to its end, or takes it over and continues it from its state. Scripted agents write into
 * `log` what programs write there themselves (logging-agent.sh).
 */
export async function runEngine(order: Order, store: GroupStore, log: string): Promise<GroupResult> {
  const options = { store, agents: { scripted: loggedAgent(log) } };
  const group = await ('id' in order
    ? openSessionGroup(order.id, options)
    : createSessionGroup(order.definition, options));
  const result = await goOn(group);
  await group.dispose();
  return result;
}

function goOn(group: GroupRunner): Promise<GroupResult> | GroupResult {
  const found = group.getResult();
  if (found.status === 'created') return group.run();
  return found.status === 'running' || found.status === 'paused' ? group.resume() : found;
}

function loggedAgent(log: string): Agent {
  const scripted = createScriptedAgent(systemClock);
  return {
    ...scripted,
    start(spec, sink) {
      appendFileSync(log, `start ${spec.sessionId} ${process.pid}\n`);
      return scripted.start(spec, event => {
        if (event.type === 'ended' && event.end.outcome !== 'interrupted') {
          appendFileSync(log, `end ${spec.sessionId} ${process.pid}\n`);
        }
        sink(event);
      });
    },
  };
}
