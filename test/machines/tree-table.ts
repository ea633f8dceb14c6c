import type { SessionInput, TreePlan } from '../../machines/contract.ts';
import type { ErrorCode } from '../../machines/vocabulary.ts';
import type { Happening } from '../support/session-chart.ts';

/** The part of the session's table that is about its tree, and a row of that table. */

export interface Row {
  readonly path: readonly Happening[];
  readonly event: Happening;
  readonly to: string;
  readonly does: readonly string[];
  readonly input?: Partial<SessionInput>;
}

const error = (code: ErrorCode) => ({ code, message: code });
const done: Happening = { type: 'agent.done', denials: 0 };
const pause: Happening = { type: 'pause' };
const stop: Happening = { type: 'stop' };
const resume: Happening = { type: 'resume' };
const granted: Happening = { type: 'slot.granted' };
const taken: Happening = { type: 'step.done' };
const differs: Happening = { type: 'step.done', differs: true };
const red: Happening = { type: 'step.red', error: error('verify_failed') };
const unresolved: Happening = { type: 'step.red', error: error('merge_conflict') };
const changed: Happening = { type: 'step.changed' };
const conflict: Happening = { type: 'step.conflict', error: error('merge_conflict') };
const moved: Happening = { type: 'step.moved' };
const broken = (code: ErrorCode): Happening => ({ type: 'step.failed', error: error(code) });
const cut: Happening = { type: 'step.ended' };
const turn: Happening = { type: 'merge.granted' };
const timeout: Happening = { type: 'timeout', error: error('idle_timeout') };

const PLAN: TreePlan = {
  own: true,
  verifies: true,
  integrates: true,
  verifiesMerge: true,
  resolves: true,
  corrections: { checks: 2, conflicts: 1 },
};
const RED_TWICE = { corrected: { checks: 2, conflicts: 0 } };
const CONFLICTED = { corrected: { checks: 0, conflicts: 1 } };
const plan = (changes: Partial<TreePlan> = {}, input: Partial<SessionInput> = {}): Partial<SessionInput> => ({
  ...input,
  tree: { ...PLAN, ...changes },
});

const settles = (status: string) => [`show ${status}`, `session.settled ${status}`];
const pauses = ['show paused', 'session.yielded pause'];
const corrects = ['announceRetry', 'show retrying', 'session.yielded retry'];
const blocks = ['announceBlocked', 'show paused', 'session.blocked', 'session.yielded pause'];
const ends = ['show interrupting', 'cutOff'];
const saves = ['show saving', 'step saving'];
const verifies = ['show verifying', 'step verifying'];
const wants = ['show integrating', 'merge.wanted'];

/** To each step. */
const toWork = [taken];
const toSaving = [...toWork, done];
const toVerifying = [...toSaving, taken];
const toWaiting = [...toVerifying, taken];
const toMerging = [...toWaiting, turn];
const toChecking = [...toMerging, differs];
const toAdvancing = [...toMerging, taken];

const straight: Row[] = [
  { path: [], event: taken, to: 'working', does: ['startAttempt'], input: plan() },
  { path: [], event: taken, to: 'preparing', does: ['show preparing'], input: plan({}, { prepared: false }) },
  { path: toWork, event: done, to: 'saving', does: saves, input: plan() },
  { path: toSaving, event: taken, to: 'verifying', does: verifies, input: plan() },
  { path: toVerifying, event: taken, to: 'waiting', does: wants, input: plan() },
  { path: toWaiting, event: turn, to: 'merging', does: ['step merging'], input: plan() },
  { path: toMerging, event: taken, to: 'advancing', does: ['step advancing'], input: plan() },
  { path: toMerging, event: differs, to: 'checking', does: ['step checking'], input: plan() },
  { path: toChecking, event: taken, to: 'advancing', does: ['step advancing'], input: plan() },
  { path: toAdvancing, event: taken, to: 'completed', does: settles('completed'), input: plan() },
  { path: toAdvancing, event: moved, to: 'waiting', does: ['merge.wanted'], input: plan() },
];

const shorter: Row[] = [
  { path: toSaving, event: taken, to: 'waiting', does: wants, input: plan({ verifies: false }) },
  {
    path: toVerifying,
    event: taken,
    to: 'completed',
    does: settles('completed'),
    input: plan({ integrates: false }),
  },
  {
    path: toSaving,
    event: taken,
    to: 'completed',
    does: settles('completed'),
    input: plan({ verifies: false, integrates: false }),
  },
  {
    path: toMerging,
    event: differs,
    to: 'advancing',
    does: ['step advancing'],
    input: plan({ verifiesMerge: false }),
  },
  { path: [], event: done, to: 'verifying', does: verifies, input: plan({ own: false, integrates: false }) },
  {
    path: [done],
    event: taken,
    to: 'completed',
    does: settles('completed'),
    input: plan({ own: false, integrates: false }),
  },
];

const wrong: Row[] = [
  { path: toSaving, event: red, to: 'retrying', does: corrects, input: plan() },
  { path: toVerifying, event: red, to: 'retrying', does: corrects, input: plan() },
  { path: toChecking, event: red, to: 'retrying', does: corrects, input: plan() },
  { path: toMerging, event: conflict, to: 'retrying', does: corrects, input: plan({}, RED_TWICE) },
  { path: toChecking, event: red, to: 'retrying', does: corrects, input: plan({}, CONFLICTED) },
  { path: toSaving, event: unresolved, to: 'retrying', does: corrects, input: plan({}, RED_TWICE) },
  { path: toSaving, event: unresolved, to: 'failed', does: settles('failed'), input: plan({}, CONFLICTED) },
  { path: toSaving, event: red, to: 'failed', does: settles('failed'), input: plan({}, RED_TWICE) },
  { path: toVerifying, event: red, to: 'failed', does: settles('failed'), input: plan({}, RED_TWICE) },
  { path: toChecking, event: red, to: 'failed', does: settles('failed'), input: plan({}, RED_TWICE) },
  { path: toMerging, event: conflict, to: 'paused', does: blocks, input: plan({}, CONFLICTED) },
  { path: toMerging, event: conflict, to: 'paused', does: blocks, input: plan({ resolves: false }) },
  // The same conversation goes on, past the queue.
  {
    path: [...toVerifying, red, 'deadline'],
    event: granted,
    to: 'settingUp',
    does: ['show preparing', 'step settingUp'],
    input: plan(),
  },
  { path: toVerifying, event: changed, to: 'saving', does: saves, input: plan() },
  { path: toChecking, event: changed, to: 'saving', does: saves, input: plan() },
  {
    path: [...toVerifying, changed, taken],
    event: changed,
    to: 'failed',
    does: settles('failed'),
    input: plan(),
  },
  {
    path: [...toChecking, changed, taken, taken, turn, differs],
    event: changed,
    to: 'failed',
    does: settles('failed'),
    input: plan(),
  },
];

const steps: readonly (readonly Happening[])[] = [
  [],
  toSaving,
  toVerifying,
  toMerging,
  toChecking,
  toAdvancing,
];
const NAMES = ['settingUp', 'saving', 'verifying', 'merging', 'checking', 'advancing'];
const failures: Row[] = steps.flatMap((path): Row[] => [
  { path, event: broken('workspace_failed'), to: 'retrying', does: corrects, input: plan() },
  {
    path,
    event: broken('workspace_failed'),
    to: 'failed',
    does: settles('failed'),
    input: plan({}, { failures: 2 }),
  },
  { path, event: broken('workspace_moved'), to: 'paused', does: blocks, input: plan() },
  { path, event: broken('workspace_incomplete'), to: 'failed', does: settles('failed'), input: plan() },
  { path, event: timeout, to: NAMES[steps.indexOf(path)] ?? '', does: [], input: plan() },
]);

/** Where the step is taken again: no attempt is counted. */
const again: Row[] = [
  {
    path: [...toSaving, broken('workspace_failed'), 'deadline'],
    event: granted,
    to: 'saving',
    does: saves,
    input: plan(),
  },
  {
    path: [...toVerifying, pause, cut, resume],
    event: granted,
    to: 'verifying',
    does: verifies,
    input: plan(),
  },
  { path: [...toWaiting, pause, resume], event: granted, to: 'waiting', does: wants, input: plan() },
  { path: [...toChecking, pause, cut, resume], event: granted, to: 'waiting', does: wants, input: plan() },
  { path: [], event: taken, to: 'verifying', does: verifies, input: plan({}, { step: 'saving' }) },
  { path: [], event: taken, to: 'waiting', does: wants, input: plan({}, { step: 'verifying' }) },
  { path: [], event: turn, to: 'merging', does: ['step merging'], input: plan({}, { step: 'integrating' }) },
];

/** Long steps are cut off. */
const long: readonly (readonly Happening[])[] = [[], toVerifying, toChecking];
const cutOff: Row[] = long.flatMap((path): Row[] => [
  { path, event: pause, to: 'ending', does: ends, input: plan() },
  { path, event: stop, to: 'ending', does: ends, input: plan() },
  ...[cut, taken, red, broken('setup_failed')].flatMap((event): Row[] => [
    { path: [...path, pause], event, to: 'paused', does: pauses, input: plan() },
    { path: [...path, stop], event, to: 'stopped', does: settles('stopped'), input: plan() },
    { path: [...path, pause, stop], event, to: 'stopped', does: settles('stopped'), input: plan() },
    { path: [...path, stop, pause], event, to: 'stopped', does: settles('stopped'), input: plan() },
  ]),
]);

/** Short ones are taken to their end first. */
const short: Row[] = [toSaving, toMerging, toAdvancing].flatMap((path, at): Row[] => {
  const to = ['saving', 'merging', 'advancing'][at] ?? '';
  return [
    { path, event: pause, to, does: [], input: plan() },
    { path, event: stop, to, does: [], input: plan() },
    { path: [...path, pause], event: broken('workspace_failed'), to: 'paused', does: pauses, input: plan() },
    {
      path: [...path, stop],
      event: broken('workspace_failed'),
      to: 'stopped',
      does: settles('stopped'),
      input: plan(),
    },
    {
      path: [...path, stop, pause],
      event: broken('workspace_failed'),
      to: 'stopped',
      does: settles('stopped'),
      input: plan(),
    },
  ];
});
const noted: Row[] = [
  { path: [...toSaving, pause], event: taken, to: 'paused', does: pauses, input: plan() },
  { path: [...toSaving, stop], event: taken, to: 'stopped', does: settles('stopped'), input: plan() },
  { path: [...toSaving, pause], event: red, to: 'paused', does: pauses, input: plan() },
  { path: [...toSaving, stop], event: red, to: 'stopped', does: settles('stopped'), input: plan() },
  { path: [...toMerging, pause], event: taken, to: 'paused', does: pauses, input: plan() },
  { path: [...toMerging, stop], event: differs, to: 'stopped', does: settles('stopped'), input: plan() },
  { path: [...toMerging, pause], event: conflict, to: 'paused', does: pauses, input: plan() },
  { path: [...toMerging, stop], event: conflict, to: 'stopped', does: settles('stopped'), input: plan() },
  { path: [...toAdvancing, pause], event: taken, to: 'completed', does: settles('completed'), input: plan() },
  { path: [...toAdvancing, stop], event: taken, to: 'completed', does: settles('completed'), input: plan() },
  { path: [...toAdvancing, pause], event: moved, to: 'paused', does: pauses, input: plan() },
  { path: [...toAdvancing, stop], event: moved, to: 'stopped', does: settles('stopped'), input: plan() },
  { path: toWaiting, event: pause, to: 'paused', does: pauses, input: plan() },
  { path: toWaiting, event: stop, to: 'stopped', does: settles('stopped'), input: plan() },
];

/** It was done while it was being interrupted. */
const interrupted: Row[] = [
  { path: [...toWork, pause], event: done, to: 'saving', does: saves, input: plan() },
  { path: [...toWork, pause, done], event: taken, to: 'paused', does: pauses, input: plan() },
  {
    path: [...toWork, pause, done, taken, resume],
    event: granted,
    to: 'verifying',
    does: verifies,
    input: plan(),
  },
  { path: [...toWork, stop, done], event: taken, to: 'stopped', does: settles('stopped'), input: plan() },
  { path: [pause], event: done, to: 'paused', does: pauses, input: plan({ own: false, integrates: false }) },
  {
    path: [stop],
    event: done,
    to: 'stopped',
    does: settles('stopped'),
    input: plan({ own: false, integrates: false }),
  },
  {
    path: [pause, done, resume],
    event: granted,
    to: 'verifying',
    does: verifies,
    input: plan({ own: false, integrates: false }),
  },
];

export const treeWork: readonly Row[] = [
  ...straight,
  ...shorter,
  ...wrong,
  ...failures,
  ...again,
  ...cutOff,
  ...short,
  ...noted,
  ...interrupted,
];
