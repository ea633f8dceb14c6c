import { definition, Scene, session } from '../scene.ts';
import type { Illegal } from './illegal.ts';

const solo = definition({ sessions: [session('a')] });
const running = (): Scene => new Scene(solo).running();
const gone = (scene: Scene): Scene => scene.see({ kind: 'folder', there: false });
const completed = (): Scene => running().start('a').done('a').event('group_completed').next();
const deleted = (): Scene => gone(completed().ask('delete', {}, undefined, 'manager')).next();

/** §4 deleted: what is left of a group that is gone. */
export const GONE: readonly Illegal[] = [
  ['§4 deleted', 'the group is gone, and nobody has deleted it', () => gone(completed()).next()],
  [
    '§4 deleted',
    'the group is gone, and nobody has deleted it',
    () => gone(completed().ask('delete', {}, 'owned_elsewhere', 'manager')).next(),
  ],
  [
    '§4 requests',
    'delete by manager is accepted in running',
    () => gone(running().next().ask('delete', {}, undefined, 'manager')).next(),
  ],
  [
    '§14',
    'delete by manager is refused with group_live',
    () => completed().ask('delete', {}, 'group_live', 'manager').next(),
  ],
  [
    'I15',
    'delete is accepted, and the group is there',
    () => completed().ask('delete', {}, undefined, 'manager').next(),
  ],
  ['§4 deleted', 'is there again', () => deleted().see({ kind: 'folder', there: true }).next()],
  [
    '§4 deleted',
    'handle shows a group that has been deleted',
    () =>
      deleted()
        .picture('completed', { a: { status: 'completed', attempts: 1 } })
        .next(),
  ],
  [
    '§4 deleted',
    'a group that is gone is listed',
    () => deleted().see({ kind: 'unknown', pid: 1, via: 'disk', listed: true }).next(),
  ],
  [
    '§4 deleted',
    'open is accepted for a group that is gone',
    () => deleted().ask('open', {}, undefined, 'manager').next(),
  ],
  ['I6', 'a starts in a group that is gone', () => deleted().agentStart('a').next()],
  [
    '§8 saved groups',
    'disk does not know a group that is there',
    () => completed().see({ kind: 'unknown', pid: 1, via: 'disk', listed: false }).next(),
  ],
  [
    'I7',
    'a is alive, and its group is gone',
    () =>
      gone(running().start('a').next().crash(false).heir().ask('delete', {}, undefined, 'manager')).next(),
  ],
];
