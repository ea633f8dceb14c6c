import type { Illegal } from '../illegal/illegal.ts';
import { branchOf, MAIN, MERGED, TreeScene } from './tree-scene.ts';

const one = (more: ConstructorParameters<typeof TreeScene>[0] = {}): TreeScene =>
  new TreeScene(more, ['a']).running();
const two = (): TreeScene => new TreeScene().running();
const saved = (scene: TreeScene = one()): TreeScene => scene.begin('a').ends('a').saved('a');

/** Branches that move when or where they must not. */
export const BRANCHES: readonly Illegal[] = [
  ['§5 tree', 'has gone, and nobody deletes', () => saved().ref(branchOf('a'), undefined).next()],
  [
    'I10',
    `${branchOf('a')} of r moves to result-a, which was not ordered`,
    () => one().begin('a').ends('a').commit('result-a', ['base'], {}).ref(branchOf('a'), 'result-a').next(),
  ],
  [
    'I10',
    "the group's branch in r moves to result-a, which was not ordered",
    () =>
      one().begin('a').ends('a').checked('a').commit('result-a', ['base'], {}).ref(MERGED, 'result-a').next(),
  ],
  [
    '§5 tree',
    'moves back, from result-a to result-b',
    () =>
      two()
        .merged('a')
        .begin('b')
        .ends('b')
        .saved('b')
        .checked('b')
        .merging('b')
        .ref(MERGED, 'result-b')
        .next(),
  ],
  [
    '§5 tree',
    'moves to result-a, which was not checked',
    () => saved().checked('a', { other: 'x' }).merging('a').ref(MERGED, 'result-a').next(),
  ],
  [
    '§5 tree',
    'b merges in r while a does',
    () => {
      const scene = two();
      for (const id of ['a', 'b']) scene.begin(id).ends(id).saved(id).checked(id).merging(id);
      return scene;
    },
  ],
  [
    '§5 tree',
    'a is integrated, and result-a is not merged',
    () => saved().checked('a').integrated('a').next(),
  ],
  [
    '§4 delivery',
    'main of r moves, and nobody has asked for that',
    () => one({ into: 'release' }).merged('a').delivering('result-a').ref(MAIN, 'result-a').next(),
  ],
  [
    'I10',
    'main of r moves to result-a, which was not ordered',
    () => one().merged('a').ref(MAIN, 'result-a').next(),
  ],
  [
    '§4 delivery',
    'main of r loses what it had at mine',
    () =>
      one()
        .merged('a')
        .commit('mine', ['base'], {})
        .ref(MAIN, 'mine', false)
        .delivering('result-a', 'mine')
        .ref(MAIN, 'result-a')
        .next(),
  ],
  [
    '§4 delivery',
    'main of r gets other, which was not merged',
    () => one().merged('a').commit('other', ['base'], {}).delivering('other').ref(MAIN, 'other').next(),
  ],
  [
    '§4 delivery',
    'group_completed, and what was asked for is not delivered',
    () =>
      one()
        .merged('a')
        .event('group_delivering', { into: 'other', requested: true })
        .next()
        .crash()
        .heir()
        .ask('resume')
        .event('group_resumed')
        .event('group_completed')
        .next(),
  ],
  [
    'I5',
    'completed, and main of r has not got what was merged',
    () => one().merged('a').event('group_completed').next(),
  ],
];

/** Two sessions in two repositories; what the first brings is where it was to go, or conflicts with what the user did. */
const apart = (scope: 'all' | 'each'): TreeScene => {
  const scene = new TreeScene({ scope }, ['a', 'b'], {}, { b: 'q' }).running();
  scene.merged('a').in('q').commit('base-q', [], {}).ref(MAIN, 'base-q', false);
  scene.merged('b', {}, ['base-q']).in('r').commit('mine', ['base'], {}).ref(MAIN, 'mine', false);
  return scene.event('group_delivering', { into: 'main' }).next();
};

/** Repositories that do not get their part, or get it too early. */
export const SCOPES: readonly Illegal[] = [
  [
    '§4 delivery',
    'q gets its part, and r cannot take its own',
    () =>
      apart('all')
        .record('_delivering', { repository: '/x/q', order: { into: MAIN, to: 'result-b' } })
        .next(),
  ],
  [
    '§4 delivery',
    'q does not get its part, and nothing is in its way',
    () => apart('each').event('group_pausing', { reason: 'conflict' }).next(),
  ],
];
