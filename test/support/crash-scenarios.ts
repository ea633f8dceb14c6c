import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { type ConfigInput, definitionOf, delay, failing, type SessionInput, scripted } from './bench.ts';
import { type DagSession, needs } from './random-dag.ts';

/** What a person does in a group's first life: after so many milliseconds, or once the group rests. */
export interface Act {
  readonly at: number | 'rest';
  readonly does: (group: GroupRunner) => Promise<unknown>;
  /** The limit of which it brings, USD. */
  readonly limit?: number;
}

/** A small group that holds one thing worth dying in. */
export interface CrashScenario {
  readonly sessions: readonly SessionInput[];
  readonly config?: ConfigInput;
  readonly acts?: readonly Act[];
  /** How its sessions end, whatever happens, as long as somebody resumes it and retries what was stopped. */
  readonly ends: Readonly<Record<string, string>>;
}

/** A session that an update adds. */
export const EXTRA = scripted('extra', [{ cost: 0.05 }, delay(500)], { projectNumber: 20 });
/** Sessions that a person adds in the first life. */
const AFTER_A = scripted('after_a', [delay(500)], { projectNumber: 21, dependsOn: needs('a') });
const AFTER_C = scripted('after_c', [delay(500)], { projectNumber: 22, dependsOn: needs('c') });

/** All that may be added, for the oracle. */
export const ADDED: readonly DagSession[] = [EXTRA, AFTER_A, AFTER_C].map(({ id, dependsOn }) => ({
  ...{ id, trigger: 'all', priority: 0, estimate: undefined, allowFailure: false },
  dependsOn: dependsOn ? needs(id.slice(-1)) : [],
}));

export const withExtra = ({ sessions, config }: CrashScenario) =>
  definitionOf([...sessions.map((one, projectNumber) => ({ projectNumber, ...one })), EXTRA], config);

const working = (id: string, more: Partial<SessionInput> = {}) =>
  scripted(id, [{ cost: 0.05 }, delay(2_000), { cost: 0.05 }], more);
const after = (id: string, ...others: string[]) =>
  working(id, { dependsOn: others.flatMap(other => needs(other)) });
const on = (session: string, when: 'failed' | 'settled') => ({ dependsOn: [{ session, when }] });
const completed = (...ids: string[]) => Object.fromEntries(ids.map(id => [id, 'completed']));
const three = [working('a'), working('b'), after('c', 'a', 'b')];
const allDone = completed('a', 'b', 'c');
const two: ConfigInput = { concurrency: { maxConcurrent: 2 } };
const one: ConfigInput = { concurrency: { maxConcurrent: 1 } };
const quiet = { wait: false } as const;

export const CRASH_SCENARIOS: Readonly<Record<string, CrashScenario>> = {
  'a skip cascade': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, delay(500), failing()]),
      after('b', 'a'),
      after('c', 'b'),
      after('d', 'c'),
      working('rescue', on('a', 'failed')),
      working('unneeded', on('rescue', 'failed')),
      after('last', 'unneeded'),
      working('other'),
    ],
    config: two,
    ends: {
      ...{ a: 'failed', b: 'skipped', c: 'skipped', d: 'skipped', rescue: 'completed' },
      ...{ unneeded: 'skipped', last: 'skipped', other: 'completed' },
    },
  },
  'skips of what is not needed': {
    sessions: [working('a'), working('rescue', on('a', 'failed')), after('b', 'rescue'), after('c', 'b')],
    ends: { a: 'completed', rescue: 'skipped', b: 'skipped', c: 'skipped' },
  },
  'a pause': {
    sessions: three,
    config: one,
    acts: [
      { at: 1_000, does: group => group.pause(quiet) },
      { at: 'rest', does: group => group.resume(quiet) },
    ],
    ends: allDone,
  },
  'a pause while a session fails': {
    sessions: [
      {
        ...working('a'),
        agent: { kind: 'scripted', steps: [delay(1_500), failing()], ignoreInterrupt: true },
      },
      after('b', 'a'),
      after('c', 'b'),
      working('d'),
    ] as readonly SessionInput[],
    config: two,
    acts: [{ at: 1_000, does: group => group.pause(quiet) }],
    ends: { a: 'failed', b: 'skipped', c: 'skipped', d: 'completed' },
  },
  'a stop': {
    sessions: [...three, after('d', 'c')],
    config: two,
    acts: [{ at: 1_000, does: group => group.stop(quiet) }],
    ends: { ...allDone, d: 'completed' },
  },
  'a stop, and a retry': {
    sessions: [...three, after('d', 'c')],
    config: two,
    acts: [
      { at: 3_000, does: group => group.stop(quiet) },
      { at: 'rest', does: group => group.retry(quiet) },
    ],
    ends: { ...allDone, d: 'completed' },
  },
  'a retry of a paused group': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, failing('max_turns', 1), delay(10)]),
      after('b', 'a'),
      working('c'),
    ],
    acts: [
      { at: 1_000, does: group => group.pause(quiet) },
      { at: 'rest', does: group => group.retry(quiet) },
      { at: 'rest', does: group => group.resume(quiet) },
    ],
    ends: { a: '*', b: '*', c: 'completed' },
  },
  'a retry of a session and of one behind it': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, failing('max_turns', 1), delay(500)], { allowFailure: true }),
      scripted('b', [{ cost: 0.05 }, delay(500), failing('max_turns', 1)], { dependsOn: needs('a') }),
    ],
    acts: [{ at: 'rest', does: group => group.retry(quiet) }],
    ends: { a: '*', b: '*' },
  },
  'retries after failures': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, failing('overloaded', 2), { cost: 0.05 }]),
      scripted('b', [{ cost: 0.05 }, delay(100), failing('server_error')], { allowFailure: true }),
      after('c', 'a', 'b'),
    ],
    config: { ...two, retry: { maximumAttempts: 3 } },
    ends: { a: 'completed', b: 'failed', c: 'completed' },
  },
  'an error threshold': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, failing()]),
      scripted('b', [{ cost: 0.05 }, delay(100), failing()]),
      after('c', 'b'),
      working('d'),
    ],
    config: { concurrency: { maxConcurrent: 1, errorThreshold: 2 } },
    ends: { a: 'failed', b: 'failed', c: 'skipped', d: 'completed' },
  },
  'a redefinition': {
    sessions: three,
    config: one,
    acts: [
      { at: 1_000, does: group => group.updateSession('c', { prompt: 'go on' }) },
      { at: 1_500, does: group => group.addSession(sessionOf(AFTER_C)) },
    ],
    ends: allDone,
  },
  'a redefinition of a settled group': {
    sessions: [scripted('a', [{ cost: 0.05 }, failing()]), after('b', 'a')],
    acts: [
      { at: 'rest', does: group => group.addSession(sessionOf(AFTER_A)) },
      { at: 'rest', does: group => group.resume(quiet) },
    ],
    ends: { a: 'failed', b: 'skipped', after_a: 'skipped' },
  },
  'a redefinition of a paused group': {
    sessions: [scripted('a', [{ cost: 0.05 }, failing()]), after('b', 'a'), working('c')],
    config: two,
    acts: [
      { at: 1_000, does: group => group.pause(quiet) },
      { at: 'rest', does: group => group.addSession(sessionOf(AFTER_A)) },
      { at: 'rest', does: group => group.resume(quiet) },
    ],
    ends: { a: 'failed', b: 'skipped', c: 'completed', after_a: 'skipped' },
  },
  'a preparation': {
    sessions: three.map(session => ({ ...session, prompt: 'in {{ session.projectPath }}' })),
    config: two,
    acts: [
      { at: 1_000, does: group => group.pauseSession('a') },
      { at: 'rest', does: group => group.resumeSession('a') },
      { at: 'rest', does: group => group.resume(quiet) },
    ],
    ends: allDone,
  },
  'a quota wait': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, delay(500), { limit: 600_000 }, { cost: 0.05 }]),
      working('b'),
      after('c', 'a'),
    ],
    config: two,
    ends: allDone,
  },
  'a quota that is reset too late': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, delay(500), { limit: 8 * 3_600_000 }, { cost: 0.05 }]),
      working('b'),
      after('c', 'a'),
    ],
    config: one,
    ends: allDone,
  },
  'an approval': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, { approval: 'Bash' }, delay(500)]),
      working('b'),
      after('c', 'a'),
    ],
    config: two,
    ends: allDone,
  },
  'a hold': {
    sessions: three,
    config: two,
    acts: [
      { at: 1_000, does: group => group.pauseSession('a') },
      { at: 1_500, does: group => group.resumeSession('a') },
      { at: 2_000, does: group => group.pauseSession('a') },
      { at: 'rest', does: group => group.resumeSession('a') },
      { at: 'rest', does: group => group.resume(quiet) },
    ],
    ends: allDone,
  },
  'a hold, a stop and a retry': {
    sessions: three,
    config: two,
    acts: [
      { at: 1_000, does: group => group.pauseSession('a') },
      { at: 1_500, does: group => group.stop(quiet) },
      { at: 'rest', does: group => group.retry(quiet) },
    ],
    ends: allDone,
  },
  'a budget pause': {
    sessions: three,
    config: { ...two, budget: { maxBudgetUsd: 0.12 } },
    acts: [{ at: 'rest', does: group => group.resume({ maxBudgetUsd: 10, wait: false }), limit: 10 }],
    ends: allDone,
  },
  'an expired login': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, delay(500), failing('authentication_failed', 1), { cost: 0.05 }]),
      working('b'),
      after('c', 'a'),
    ],
    config: two,
    ends: allDone,
  },
  'an empty result': {
    sessions: [
      scripted('a', [{ cost: 0.05 }, failing('empty_result', 1), delay(500)]),
      working('b'),
      after('c', 'a'),
    ],
    config: { ...two, retry: { maximumAttempts: 1 } },
    ends: allDone,
  },
};

function sessionOf(session: SessionInput) {
  const [input] = definitionOf([session]).sessions;
  if (!input) throw new Error('it has no session');
  return input;
}
