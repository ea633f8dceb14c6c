import { describe, expect, test } from 'vitest';
import { sharing } from './illegal/shared.ts';
import { definition, Scene, session } from './scene.ts';

const solo = definition({ sessions: [session('a')] });

/** What happens to whole groups, and keeps the rules. */
const LEGAL: readonly (readonly [name: string, scene: () => Scene])[] = [
  [
    'a group that is deleted where its engine has died, by a process that dies in it',
    () => {
      const scene = new Scene(solo).running().start('a').next().ask('delete', {}, 'group_live', 'manager');
      scene.next().crash(false).heir().next();
      scene.request('delete', {}, 'http');
      scene.agentEnd('a', 'killed').see({ kind: 'folder', there: false }).crash().next().heir();
      scene.see({ kind: 'unknown', pid: scene.pid, via: 'disk', listed: false });
      return scene.ask('open', {}, 'unknown_group', 'manager').over();
    },
  ],
  [
    'a session that waits for a slot that another group holds, and gets it',
    () => {
      const scene = sharing(2).see({ kind: 'neighbour.started', pid: 1, run: 100 }).start('a');
      scene.see({ kind: 'neighbour.seen', pid: 1, holding: 1, running: true });
      const waits = { why: 'waiting for a slot (2 of 2 busy)' };
      scene.picture('running', { a: { status: 'running', attempts: 1 }, b: waits }).next();
      scene
        .see({ kind: 'neighbour.ended', run: 100 })
        .see({ kind: 'neighbour.seen', pid: 1, holding: 0, running: false });
      scene.start('b').next();
      return scene.done('a').done('b').event('group_completed').over();
    },
  ],
];

describe('the oracle finds nothing in', () => {
  test.each(LEGAL)('%s', (_, scene) => {
    expect(scene().found).toEqual([]);
  });
});
