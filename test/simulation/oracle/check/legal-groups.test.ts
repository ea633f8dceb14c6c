import { describe, expect, test } from 'vitest';
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
];

describe('the oracle finds nothing in', () => {
  test.each(LEGAL)('%s', (_, scene) => {
    expect(scene().found).toEqual([]);
  });
});
