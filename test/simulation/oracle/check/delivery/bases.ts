import type { SimulatedDefinition } from '../../../history.ts';
import type { Illegal } from '../illegal/illegal.ts';
import type { Legal } from '../legal/quiet.ts';
import { TreeScene } from './tree-scene.ts';

const scene = (settings: Partial<SimulatedDefinition>, trigger: 'all' | 'any'): TreeScene =>
  new TreeScene({ integrate: 'branch' }, ['a', 'b'], { b: 'a' }, {}, settings, trigger).running();

const done = (to: TreeScene): TreeScene =>
  to.begin('a').ends('a').saved('a').checked('a').completed('a').next();
const making = (of: TreeScene): TreeScene =>
  of.picture('running', { a: { status: 'completed', attempts: 1 }, b: { status: 'preparing' } }).next();
/** The tree of b is ready, and without what a did. */
const ready = (of: TreeScene): TreeScene =>
  of
    .record('_workspace', { sessionId: 'b', order: { repository: '/x/r' } })
    .record('_workspace_ready', { sessionId: 'b', ready: { commit: 'base' } })
    .next();

/** Trees without what their sessions depend on. */
export const BASES: readonly Illegal[] = [
  ['§5 tree', 'the tree of b is without what a did', () => ready(done(scene({}, 'all')))],
  ['§5 tree', 'the tree of b is without what a did', () => ready(making(done(scene({}, 'any'))))],
];

/** Those of sessions that did not have to wait for it. */
export const EARLY: readonly Legal[] = [
  [
    'a tree of a session whose dependencies are ignored',
    () => ready(making(done(scene({ respectDependencies: false }, 'all')))),
  ],
  ['a tree that was begun before one of several dependencies was done', () => ready(done(scene({}, 'any')))],
];
