import { definition, Scene, session } from '../scene.ts';
import type { Illegal } from './illegal.ts';

const pair = definition({ sessions: [session('a'), session('b')] });

/** Two sessions that may run at once; the manager lets so many run in all groups. */
export const sharing = (slots: number): Scene =>
  new Scene(pair).see({ kind: 'process.started', pid: 1, slots }).running();

const beside = (scene: Scene): Scene => scene.see({ kind: 'neighbour.started', pid: scene.pid, run: 100 });
const RUNNING = { a: { status: 'running', attempts: 1 } };

/** I3, I7 and I13 across the groups of a manager. */
export const SHARED: readonly Illegal[] = [
  ['I3', 'b starts as number 2 of its manager, and 1 may run', () => sharing(1).start('a').start('b').next()],
  [
    'I3',
    'a session of the neighbour starts as number 2 of its manager',
    () => beside(sharing(1).start('a')).next(),
  ],
  ['I7', 'a session of the neighbour is alive at rest', () => beside(sharing(2)).over()],
  [
    'I7',
    "a session of the neighbour lives more than two seconds after its engine's death",
    () => beside(sharing(2)).crash().next(3_000).next(),
  ],
  [
    'I13',
    'the neighbour is running, and nothing is going to happen',
    () => {
      const scene = sharing(1)
        .start('a')
        .next()
        .done('a')
        .start('b')
        .next()
        .done('b')
        .event('group_completed');
      return scene.see({ kind: 'neighbour.seen', pid: 1, holding: 0, running: true }).over();
    },
  ],
  [
    'I13',
    'says of b "waiting for a slot (2 of 2 busy)", and 1 are busy',
    () =>
      sharing(2)
        .start('a')
        .next()
        .picture('running', { ...RUNNING, b: { why: 'waiting for a slot (2 of 2 busy)' } })
        .next(),
  ],
];
