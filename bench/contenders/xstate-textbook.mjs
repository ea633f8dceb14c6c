import { assign, createActor, enqueueActions, fromPromise, sendParent, setup, toPromise } from 'xstate';

/** As guides show it: an actor for each session from the start, and what is known of each in the parent's context. */
export function prepare({ dependencies, limit, task }) {
  const session = setup({ actors: { work: fromPromise(({ input }) => task(input)) } }).createMachine({
    context: ({ input }) => ({ index: input }),
    initial: 'waiting',
    states: {
      waiting: { on: { start: 'working' } },
      working: {
        invoke: {
          src: 'work',
          input: ({ context }) => context.index,
          onDone: {
            target: 'done',
            actions: sendParent(({ context }) => ({ type: 'session.done', index: context.index })),
          },
        },
      },
      done: { type: 'final' },
    },
  });
  const nextOf = ({ sessions }) =>
    sessions.find(
      ({ status, needed }) => status === 'waiting' && needed.every(one => sessions[one].status === 'done'),
    );
  const liveOf = ({ sessions }) => sessions.filter(({ status }) => status === 'working').length;
  const marked = (sessions, index, status) =>
    sessions.map((one, at) => (at === index ? { ...one, status } : one));
  const group = setup({
    actors: { session },
    guards: {
      canStart: ({ context }) => liveOf(context) < limit && nextOf(context) !== undefined,
      isOver: ({ context }) => context.sessions.every(({ status }) => status === 'done'),
    },
    actions: {
      startNext: enqueueActions(({ context, enqueue }) => {
        const { index, actor } = nextOf(context);
        enqueue.assign({ sessions: marked(context.sessions, index, 'working') });
        enqueue.sendTo(actor, { type: 'start' });
      }),
      markDone: assign({ sessions: ({ context, event }) => marked(context.sessions, event.index, 'done') }),
    },
  }).createMachine({
    context: ({ spawn }) => ({
      sessions: dependencies.map((needed, index) => {
        const actor = spawn('session', { id: `s${index}`, input: index });
        return { index, needed, status: 'waiting', actor };
      }),
    }),
    initial: 'running',
    states: {
      running: {
        always: [
          { guard: 'isOver', target: 'over' },
          { guard: 'canStart', actions: 'startNext', target: 'running' },
        ],
        on: { 'session.done': { actions: 'markDone' } },
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
