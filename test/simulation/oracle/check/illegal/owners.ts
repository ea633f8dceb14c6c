import type { Verb } from '../../../history.ts';
import { definition, Scene, session } from '../scene.ts';
import type { Illegal } from './illegal.ts';

const made = (): Scene =>
  new Scene(definition({ sessions: [session('a')] })).event('group_created', { name: 'g' }).watch().next();

/** The answer to a request over HTTP. */
function overHttp(verb: Verb, status: number, code?: string, args = {}): Scene {
  const scene = made();
  const id = scene.request(verb, args, 'http');
  const answer =
    code === undefined ? { outcome: 'accepted' as const } : { outcome: 'refused' as const, code };
  return scene.see({ kind: 'answer', id, status, ...answer }).next();
}

/** A stream that a host has asked for. */
const watching = (fromSeq: number): Scene =>
  new Scene(definition({ sessions: [session('a')] }))
    .see({ kind: 'watch.began', pid: 1, watcher: 'w', fromSeq })
    .running()
    .watch();

/** I12 and http-api.md: who has the group, what an answer over HTTP says, and what a stream shows. */
export const OWNERS: readonly Illegal[] = [
  [
    'I12',
    'owned elsewhere, and there is nobody else',
    () =>
      made().ask('archive', {}, 'owned_elsewhere').crash().heir().ask('open', {}, 'owned_elsewhere').next(),
  ],
  ['I12', '2 opens the group, and 1 has it', () => made().heir().ask('open').next()],
  [
    'I12',
    '3 opens the group, and 2 has it',
    () => made().crash().heir().ask('open').heir().ask('open').next(),
  ],
  ['§14', 'answered with 200 , expected 202', () => overHttp('run', 200)],
  ['§14', 'answered with 202 , expected 200', () => overHttp('run', 202, undefined, { wait: true })],
  [
    '§14',
    'answered with 400 not_in_this_state, expected 409',
    () => overHttp('pause', 400, 'not_in_this_state'),
  ],
  [
    '§8 lost requests',
    'pause: its owner is gone, and the journal has it',
    () => {
      const scene = new Scene(definition({ sessions: [session('a')] })).running().start('a').next().heir();
      const id = scene.request('pause', {}, 'http');
      scene.pausing().see({ kind: 'process.crashed', pid: 1, reaped: true }).agentEnd('a', 'killed').next();
      return scene.answer(id, 'owner_gone', 'failed').next();
    },
  ],
  ['I11', 'w saw 1 after -1', () => watching(0).next()],
  [
    'I11',
    'w ends, and the group is running',
    () => watching(1).next().see({ kind: 'watch.ended', pid: 1, watcher: 'w' }).next(),
  ],
];
