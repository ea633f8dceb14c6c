import { after, definition, session } from '../scene.ts';
import { created, type Illegal, running, updated } from './illegal.ts';

const grown = definition({ sessions: [session('a'), session('b')] });
const solo = definition({ sessions: [session('a')] });

/** §8 and §10: what joins a group, and what its dependencies have become. */
export const ANNOUNCEMENTS: readonly Illegal[] = [
  [
    '§10',
    'a is added, and is in the group',
    () =>
      created(solo)
        .ask('update')
        .event('group_updated', updated({ added: ['a'] }))
        .define(solo)
        .next(),
  ],
  [
    '§10',
    'a is announced, and no update has added it',
    () => created(solo).event('session_added', { sessionId: 'a' }).next(),
  ],
  [
    '§10',
    'the group has got b, and nobody is told',
    () =>
      created(solo)
        .ask('update')
        .event('group_updated', updated({ added: ['b'] }))
        .define(grown)
        .next(1_000)
        .next(),
  ],
  [
    '§8 recovery',
    'b starts, and was never told that a is resolved',
    () => running(definition()).start('a').next().done('a').start('b').next(),
  ],
  [
    '§8 recovery',
    'b is told again that a is resolved',
    () => {
      const told = { sessionId: 'b', dependency: 'a' };
      const scene = running(definition({ maxConcurrent: 1 }))
        .start('a')
        .next()
        .done('a');
      return scene.event('dependency_resolved', told).event('dependency_resolved', told).next();
    },
  ],
  [
    '§8 recovery',
    'c starts, and was never told that a, b is resolved',
    () => {
      const any = session('c', {
        trigger: 'any',
        dependsOn: [...after('x', 'a').dependsOn, ...after('x', 'b').dependsOn],
      });
      const scene = running(definition({ sessions: [session('a'), session('b'), any] }));
      return scene.start('a').next().done('a').start('c').next();
    },
  ],
];
