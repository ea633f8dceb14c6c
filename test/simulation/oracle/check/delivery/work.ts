import type { Illegal } from '../illegal/illegal.ts';
import { MERGED, TreeScene } from './tree-scene.ts';

const one = (more: ConstructorParameters<typeof TreeScene>[0] = {}): TreeScene =>
  new TreeScene(more, ['a']).running();
const done = (scene: TreeScene = one()): TreeScene => scene.begin('a').ends('a');
const told = (code: string) => ({ sessionId: 'a', attempt: 2, delayMs: 0, error: { code, message: 'no' } });
const conflicting = (authors: readonly string[] = ['b']): TreeScene =>
  new TreeScene()
    .running()
    .merged('b', { 'a.txt': 'by b' }, ['base'], 'a.txt')
    .begin('a')
    .ends('a')
    .saved('a')
    .checked('a')
    .conflict('a', 'result-a', 'result-b', authors);

/** Two that are to merge in one repository, as their owner shows them. */
const waiting = (why: string | undefined, other?: string, status = 'integrating'): TreeScene => {
  const scene = new TreeScene();
  scene.running();
  for (const id of ['a', 'b']) scene.begin(id).ends(id).saved(id).checked(id);
  const shown = (words: string | undefined, of: string) => ({
    ...{ status: of, attempts: 1 },
    ...(words === undefined ? {} : { why: words }),
  });
  return scene.picture('running', { a: shown(why, 'integrating'), b: shown(other, status) }).next();
};

/** Sessions that are completed too early, told too often, or lose what they did. */
export const WORK: readonly Illegal[] = [
  [
    '§5 tree',
    'a is saved without the conflict that it was to resolve',
    () =>
      conflicting()
        .event('session_retrying', told('merge_conflict'))
        .next()
        .resume('a')
        .next()
        .ends('a')
        .saved('a'),
  ],
  [
    '§5 tree',
    'a is saved without what it wrote in own.txt',
    () => one().begin('a').wrote('a').ends('a').saved('a'),
  ],
  [
    '§5 tree',
    'a is said to be in conflict, and is not',
    () => done().saved('a').conflict('a', 'result-a', 'base').next(),
  ],
  [
    '§5 tree',
    'an attempt of a ends, and own.txt is not saved anywhere else',
    () =>
      one()
        .begin('a')
        .wrote('a')
        .agentEnd('a', 'interrupted')
        .event('session_paused', { sessionId: 'a' })
        .next(),
  ],
  [
    '§5 tree',
    'a is told 2 times of what is wrong',
    () => {
      const scene = done()
        .saved('a')
        .checked('a', {}, 'red')
        .event('session_retrying', told('verify_failed'));
      scene.next().resume('a').next().ends('a').saved('a').checked('a', {}, 'red');
      return scene.event('session_retrying', { ...told('verify_failed'), attempt: 3 }).next();
    },
  ],
  [
    '§5 tree',
    'a is told that its checks fail, and they did not',
    () => done().saved('a').checked('a').event('session_retrying', told('verify_failed')).next(),
  ],
  [
    '§5 retries',
    'a is told of verify_failed after 1000 ms',
    () =>
      done()
        .saved('a')
        .checked('a', {}, 'red')
        .event('session_retrying', { ...told('verify_failed'), delayMs: 1_000 })
        .next(),
  ],
  [
    '§5 tree',
    'a fails by its checks, and could have been told 1 times more',
    () => done().saved('a').checked('a', {}, 'red').failed('a', 'verify_failed').next(),
  ],
  [
    '§5 tree',
    'a is completed, and was not saved',
    () => done().checked('a').integrated('a').completed('a').next(),
  ],
  [
    '§5 tree',
    'a is completed, and was not checked',
    () => done().saved('a').integrated('a').completed('a').next(),
  ],
  [
    '§5 tree',
    'a is completed, and was not merged',
    () => done().saved('a').checked('a').completed('a').next(),
  ],
  ['§5 tree', 'a is started again, and its agent was done', () => done().saved('a').resume('a').next()],
  [
    '§5 tree',
    'a is not as it was left, and nobody has meddled with it',
    () => {
      const message = 'cannot be merged without you: refs/heads/x was moved by another';
      return done().event('session_warning', { sessionId: 'a', message }).next();
    },
  ],
  ['§5 tree', 'what a wrote in own.txt is lost', () => one().begin('a').wrote('a').trees().over()],
  [
    '§4 pause',
    'paused as conflict, and nothing was in the way',
    () => done().event('group_pausing', { reason: 'conflict' }).next(),
  ],
  [
    'I13',
    'it has met no conflict',
    () =>
      done()
        .picture('running', { a: { why: 'conflict in a.txt' } })
        .next(),
  ],
  [
    'I13',
    'it is with b in a.txt',
    () =>
      conflicting()
        .picture('running', { a: { status: 'paused', attempts: 1, why: 'conflict with a in a.txt' } })
        .next(),
  ],
  ['§5 tree', 'a is said to be in conflict with c, which has not merged', () => conflicting(['c']).next()],
  ['§5 tree', 'a is in conflict with b, which is not said', () => conflicting([]).next()],
];

/** What is said of those that wait to merge. */
export const TURNS: readonly Illegal[] = [
  ['I13', 'that is itself', () => waiting('waiting for the merge of a in r')],
  [
    'I13',
    'b waits itself',
    () => waiting('waiting for the merge of b in r', 'waiting for the merge of a in r'),
  ],
  ['I13', 'its repository is r', () => waiting('waiting for the merge of b in other')],
  ['I13', 'c is in another repository', () => waiting('waiting for the merge of c in r')],
  ['I13', 'b is pending', () => waiting('waiting for the merge of b in r', undefined, 'pending')],
  ['I13', 'handle shows that a and b merge in r at once', () => waiting(undefined)],
];

/** Trees that go, or stay. */
export const TREES: readonly Illegal[] = [
  [
    '§5 tree',
    'the tree of a goes, and is to be kept',
    () => one().merged('a').record('_releasing', { sessionId: 'a' }).next(),
  ],
  [
    '§5 tree',
    'the tree of a goes, and is not merged',
    () =>
      done(one({ keep: 'until_merged' }))
        .record('_releasing', { sessionId: 'a' })
        .next(),
  ],
  ['§5 tree', 'the tree of a has gone, and is to be kept', () => one().merged('a').trees().over()],
  [
    '§5 tree',
    'the tree of a is still there, and is merged',
    () => one({ keep: 'until_merged' }).merged('a').trees({ a: {} }).over(),
  ],
];

/** Commands of the project that run where or when they must not. */
export const COMMANDS: readonly Illegal[] = [
  [
    'I7',
    'a command of a starts, and one of a dead engine runs',
    () => {
      const scene = done();
      scene.command('a');
      scene.next().crash().heir().command('a');
      return scene.next();
    },
  ],
  [
    '§5 tree',
    'two commands of a run at once',
    () => {
      const scene = done();
      scene.command('a');
      scene.command('a');
      return scene.next();
    },
  ],
  [
    '§5 tree',
    'a command of a runs while its agent works',
    () => {
      const scene = one().begin('a');
      scene.command('a');
      return scene.next();
    },
  ],
  [
    '§5 tree',
    'a starts while a command runs in its tree',
    () => {
      const scene = done();
      scene.command('a');
      return scene.resume('a').next();
    },
  ],
  [
    'I7',
    'a command of a runs in a group that is paused',
    () => {
      const scene = done();
      scene.command('a');
      return scene.paused('manual').next();
    },
  ],
  [
    'I7',
    'a command of a runs at rest',
    () => {
      const scene = done();
      scene.command('a');
      return scene.over();
    },
  ],
  [
    'I15',
    'nothing is delivered',
    () => one().merged('a').event('group_failed', { reason: 'x' }).ask('integrate').next(),
  ],
];

/** A history that keeps all rules. */
export const DELIVERS = (): TreeScene => {
  const scene = new TreeScene({ verifyMerge: true }, ['a']).running().begin('a').wrote('a').ends('a');
  const files = { 'own.txt': 'by a' };
  scene
    .saved('a', files)
    .checked('a', files)
    .merging('a')
    .ref(MERGED, 'result-a')
    .integrated('a')
    .completed('a');
  scene.next().delivering('result-a').ref('refs/heads/main', 'result-a').delivered().event('group_completed');
  return scene.trees({ a: files }).over();
};
