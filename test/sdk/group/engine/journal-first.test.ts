import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { systemClock } from '../../../../src/sdk/clock.ts';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import type { Agent } from '../../../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../../../src/sdk/session/scripted/scripted.ts';

it('an attempt is in the journal before its agent starts, also when resumed (I10)', async () => {
  const scripted = createScriptedAgent(systemClock);
  const journalled: string[] = [];
  const started: string[] = [];
  const agent: Agent = {
    ...scripted,
    start(spec, sink) {
      const name = `${spec.sessionId} ${spec.attempt}`;
      expect(journalled).toContain(name);
      started.push(name);
      return scripted.start(spec, sink);
    },
  };
  const steps = [{ failure: 'overloaded', attempts: 1 }, { result: 'done' }] as const;
  const session = (id: string): SessionGroupInput['sessions'][number] => ({
    id,
    projectPath: '.',
    prompt: 'x',
    agent: { kind: 'scripted', steps: [...steps] },
    retry: { initialInterval: 1 },
  });
  const group = await createSessionGroup(
    { version: 1, name: 'first', sessions: [session('a'), { ...session('b'), dependsOn: ['a'] }] },
    { baseDir: tmpdir(), agents: { scripted: agent }, projects: memoryProjectGate() },
  );
  // Subscribers only see events that are already in the journal.
  group.events$.subscribe(event => {
    if (event.type !== 'session_started' && event.type !== 'session_resumed') return;
    journalled.push(`${event.sessionId} ${event.attempt}`);
  });
  expect(await group.run()).toMatchObject({ status: 'completed' });
  await group.dispose();
  expect(started).toEqual(['a 1', 'a 2', 'b 1', 'b 2']);
});
