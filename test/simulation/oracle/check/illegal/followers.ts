import type { Happening } from '../../../history.ts';
import type { Scene } from '../scene.ts';
import { type Illegal, running } from './illegal.ts';

const W = { pid: 1, watcher: 'w' } as const;

const follows = (fromSeq: number, slowly = false): Scene =>
  running().see({ kind: 'watch.began', ...W, fromSeq, slowly });
const ended = (
  scene: Scene,
  how: Omit<Extract<Happening, { kind: 'watch.ended' }>, 'kind' | 'pid' | 'watcher'>,
) => scene.see({ kind: 'watch.ended', ...W, ...how });
const completed = (scene: Scene): Scene => scene.start('a').done('a').event('group_completed');

/** http-api.md, Events: somebody who comes and goes. */
export const FOLLOWERS: readonly Illegal[] = [
  ['I11', 'w saw 1 after -1', () => follows(0).watch().next()],
  ['I11', 'w saw 1 after 1', () => follows(2).watch().next()],
  [
    'http events',
    'w is told of an error: owner_gone',
    () => ended(follows(1), { because: 'error', code: 'owner_gone' }).next(),
  ],
  [
    'http events',
    'w is told that there is no such group',
    () => ended(follows(1), { because: 'error', code: '{"code":"unknown_group"}' }).next(),
  ],
  [
    'http events',
    'w is told of the end after 2 of 5 events',
    () => ended(completed(follows(1).watch()).next(), { because: 'end', status: 'completed' }).next(),
  ],
  [
    'http events',
    'w is told that the group is stopped after group_completed',
    () => ended(completed(follows(1, true)).watch().next(), { because: 'end', status: 'stopped' }).next(),
  ],
  [
    'http events',
    'w leaves with 1 of 2 events',
    () => ended(follows(1).next(10_001), { because: 'left' }).next(),
  ],
];

/** What is in their way excuses them. */
export const EXCUSED: readonly (readonly [name: string, scene: () => Scene])[] = [
  [
    'somebody who follows the group and leaves too soon to see all',
    () => ended(follows(1).next(9_999), { because: 'left' }).next(),
  ],
  [
    'somebody who follows a group that is deleted',
    () => {
      const scene = follows(1).start('a').done('a').event('group_completed').next();
      const id = scene.request('delete');
      scene.answer(id).see({ kind: 'folder', there: false });
      return ended(scene, { because: 'error', code: '{"code":"unknown_group"}' }).next();
    },
  ],
  [
    'somebody who reads slowly, and leaves',
    () => ended(follows(1, true).next(20_000), { because: 'left' }).next(),
  ],
  [
    'somebody who leaves while the owner is frozen',
    () => {
      const scene = follows(1).see({ kind: 'process.frozen', pid: 1 }).next(20_000);
      return ended(scene, { because: 'left' }).next();
    },
  ],
  [
    'somebody who leaves soon after a crash',
    () => {
      const scene = follows(1).next(15_000).crash().next(5_000).heir();
      return ended(scene, { because: 'left' }).next();
    },
  ],
  [
    'somebody who leaves while the disk is slow',
    () => {
      const scene = follows(1).see({ kind: 'fault', what: 'the disk takes 50 ms to sync' }).next(20_000);
      return ended(scene, { because: 'left' }).next();
    },
  ],
];
