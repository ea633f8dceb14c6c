import { expect, test } from 'vitest';
import { definition, Scene, session } from './scene.ts';

test('the oracle finds nothing in owners that follow one another, and one that refuses meanwhile', () => {
  const scene = new Scene(definition({ sessions: [session('a')] })).created().watch().next();
  scene.ask('open', {}, 'owned_elsewhere').next();
  const leaves = scene.request('dispose');
  scene.heir().ask('open').next();
  scene.pid = 1;
  scene.answer(leaves).see({ kind: 'process.exited', pid: 1 }).next();
  const id = scene.heir().request('stop', {}, 'http');
  scene.see({ kind: 'answer', id, outcome: 'refused', code: 'not_in_this_state', status: 409 }).next();
  expect(scene.found).toEqual([]);
});
