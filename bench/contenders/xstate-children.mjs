import { createActor, enqueueActions, sendTo, setup, spawnChild, stopChild, toPromise } from 'xstate';
import { countdown } from '../lib/graphs.mjs';

/** A group's machine that spawns one child for each session in play, and keeps the rest in counters. Nothing else. */
export function prepare({ dependencies, limit, task }) {
  const { roots, ended } = countdown(dependencies);
  const session = setup({
    actions: {
      work: ({ context, self }) => void task(context.index).then(() => self.send({ type: 'ended' })),
      tell: sendTo(
        ({ context }) => context.group,
        ({ context }) => ({ type: 'session.settled', index: context.index }),
      ),
    },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'working',
    states: { working: { entry: 'work', on: { ended: 'settled' } }, settled: { entry: 'tell' } },
  });
  const group = setup({
    actors: { session },
    actions: {
      admit: enqueueActions(({ context, enqueue, self }) => {
        while (context.live < limit && context.next < context.ready.length) {
          const index = context.ready[context.next++];
          context.live += 1;
          enqueue(spawnChild('session', { id: `s${index}`, input: { index, group: self } }));
        }
      }),
      settle: enqueueActions(({ context, event, enqueue }) => {
        enqueue(stopChild(`s${event.index}`));
        context.live -= 1;
        context.settled += 1;
        context.ready.push(...ended(event.index));
      }),
    },
    guards: { isOver: ({ context }) => context.settled === dependencies.length },
  }).createMachine({
    context: { ready: [...roots], next: 0, live: 0, settled: 0 },
    initial: 'running',
    states: {
      running: {
        entry: 'admit',
        on: { 'session.settled': { actions: ['settle', 'admit'] } },
        always: { guard: 'isOver', target: 'over' },
      },
      over: { type: 'final' },
    },
  });
  const actor = createActor(group);
  return {
    run() {
      const over = toPromise(actor);
      actor.start();
      return over;
    },
  };
}
