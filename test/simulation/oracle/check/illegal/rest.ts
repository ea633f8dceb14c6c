import { definition, Scene } from '../scene.ts';
import { type Illegal, running, solo } from './illegal.ts';

/** I13: at rest. */
export const REST: readonly Illegal[] = [
  ['I13', '2 timers are left at rest', () => new Scene(solo).created().over(2)],
  ['I13', 'never judged: b', () => running(definition()).start('a').fail('a').over()],
  ['I13', 'everything has settled, and the group is running', () => running().start('a').done('a').over()],
  [
    'I13',
    '1 sessions have not settled, and the group is completed',
    () => running().event('group_completed').over(),
  ],
  ['I13', 'the group is running, and nothing is going to happen', () => running().over()],
  [
    '§7 holds',
    'a is held, and never pauses',
    () => running().start('a').next().ask('pauseSession', { session: 'a' }).over(),
  ],
];
