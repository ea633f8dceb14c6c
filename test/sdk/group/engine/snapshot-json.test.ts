import { expect, test } from 'vitest';
import type { ActorRefLike, AnyActorRef } from 'xstate';
import { bench, delay, scripted } from '../../../support/bench.ts';

/** The snapshots of a running group and of every actor in it, as a host would log them. */
async function snapshotsOf(sessions: number) {
  const actors = new Set<ActorRefLike>();
  const parts = Array.from({ length: sessions }, (_, index) => ({
    ...scripted(`s${index}`, [{ text: 'THE-ANSWER' }, { approval: 'Bash', input: { command: 'THE-INPUT' } }]),
    prompt: 'THE-PROMPT',
    description: 'THE-DESCRIPTION',
    env: { NAME: 'THE-ENVIRONMENT' },
  }));
  const waits = { ...scripted('waits', [delay(1)], { dependsOn: ['s0'] }), prompt: 'THE-PROMPT' };
  const { group, pass, until } = await bench([...parts, waits], {
    attended: true,
    inspect: event => actors.add(event.actorRef),
  });
  void group.run().catch(() => {});
  await pass(100);
  expect(group.getProgress().waiting).toBe(Math.min(sessions, 3));
  const others = [...actors] as AnyActorRef[];
  const shown = [group.getSnapshot(), group.actor?.getSnapshot(), group.actor?.getPersistedSnapshot()];
  const text = JSON.stringify([...shown, ...others.map(actor => actor.getSnapshot?.())]);
  const own = JSON.stringify(group.getSnapshot());
  await until(group.dispose());
  return { text, own, actors: actors.size };
}

test('what a snapshot of a group prints has no texts of its definition, and is no longer in a large group', async () => {
  const [small, large] = [await snapshotsOf(3), await snapshotsOf(60)];
  expect(small.actors).toBeGreaterThanOrEqual(4); // the sessions' actors are looked at, too
  expect(small.own).toContain('"live":3');
  for (const { text } of [small, large]) expect(text).not.toMatch(/THE-/);
  expect(large.own.length - small.own.length).toBeLessThan(20);
});
