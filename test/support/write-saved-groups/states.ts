import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionInput } from '../../../src/index.ts';
import type { Way } from '../saved-group-ways.ts';
import { HALF_DONE, program, QUICK, SLOW, type Steps, scripted } from './steps.ts';
import { kill, type Workplace } from './workplace.ts';

/** A state in which the last release leaves a group. */
export interface State {
  /** The group's slug is derived from it. */
  readonly name: string;
  write(work: Workplace, name: string, slug: string): Promise<void>;
  /** How it is continued. Default: `resume`, and in another copy `retry`. */
  readonly ways?: readonly Way[];
  readonly programs?: true;
}

const TWO = [scripted('library', QUICK), scripted('service', SLOW)];
const AND_ONE_AFTER = [...TWO, scripted('guide', QUICK, { dependsOn: ['service'] })];
export const EITHER: readonly Way[] = [{ verb: 'resume' }, { verb: 'retry' }];
const COMPLETED = 'session_completed';
/** Takes a while to be interrupted. */
const STUBBORN: SessionInput[] = [
  scripted('library', QUICK),
  {
    ...scripted('service', []),
    agent: { kind: 'scripted', ignoreInterrupt: true, steps: SLOW },
  },
];

export const STATES: readonly State[] = [
  {
    name: 'Created',
    write: async (work, name) =>
      void (await work.command(0, 'group', 'create', work.define(name, AND_ONE_AFTER))),
    ways: [...EITHER, { verb: 'run' }],
  },
  {
    name: 'Completed',
    write: (work, name) =>
      work.run(0, name, [
        scripted(
          'library',
          [{ write: 'made.txt', content: 'made\n' }, { output: { left: ['b'] } }, ...QUICK],
          {
            outputSchema: { type: 'object', required: ['left'] },
            config: { claudeMdTemplate: 'Write plainly.' },
          },
        ),
        scripted('service', [{ failure: 'invalid_request' }], { allowFailure: true }),
        {
          ...scripted('guide', [
            { text: 'In short.' },
            { result: 'A line of a long result.\n'.repeat(2_800) },
          ]),
          prompt: undefined,
          template: 'summary',
          inputs: { done: "{{ sessions.library.output.left[0] ?? 'nothing' }}" },
          dependsOn: ['library'],
        },
        {
          ...scripted('excuse', QUICK, { dependsOn: [{ session: 'library', when: 'failed' }] }),
          projectPath: '../projects/guide',
        },
      ]),
  },
  {
    name: 'Failed',
    write: (work, name) =>
      work.run(1, name, [
        scripted('library', QUICK),
        program('broken', 'echo looking; test -e mended && echo mended'),
        scripted('guide', QUICK, { dependsOn: ['broken'] }),
      ]),
    ways: [...EITHER, { verb: 'retry', mended: true }],
    programs: true,
  },
  {
    name: 'Retried',
    async write(work, name, slug) {
      const sessions = [
        program('mended', 'echo looking; test -e mended && echo mended'),
        scripted('guide', QUICK, { dependsOn: ['mended'] }),
      ];
      await work.run(1, name, sessions);
      writeFileSync(join(work.place.folder, 'projects', 'mended', 'mended'), '');
      await work.command(0, 'group', 'retry', slug);
    },
    programs: true,
  },
  {
    name: 'Stopped',
    async write(work, name, slug) {
      const run = await work.start(name, AND_ONE_AFTER, [COMPLETED, HALF_DONE]);
      await work.command(0, 'group', 'stop', slug);
      await run.ended;
    },
  },
  {
    name: 'Paused',
    async write(work, name, slug) {
      const run = await work.start(name, AND_ONE_AFTER, [COMPLETED, HALF_DONE]);
      await work.command(0, 'group', 'pause', slug);
      await run.ended;
    },
  },
  {
    name: 'Paused by its budget',
    write: (work, name) =>
      work.run(3, name, [scripted('library', [{ cost: 2 }, { delay: 1 }, { result: 'It was dear.' }])], {
        budget: { maxBudgetUsd: 1 },
      }),
    ways: [...EITHER, { verb: 'resume', maxBudgetUsd: 20 }],
  },
  {
    name: 'Paused by errors',
    write: (work, name) => {
      const broken = scripted('library', [{ failure: 'invalid_request', message: 'It is broken.' }]);
      const after = scripted('guide', QUICK, { dependsOn: [{ session: 'library', when: 'settled' }] });
      return work.run(3, name, [broken, after], { concurrency: { errorThreshold: 1 } });
    },
  },
  {
    name: 'Paused by a signal',
    async write(work, name) {
      const run = await work.start(name, AND_ONE_AFTER, [COMPLETED, HALF_DONE]);
      run.process.kill('SIGTERM');
      await run.ended;
    },
  },
  {
    name: 'Held',
    async write(work, name, slug) {
      const run = await work.start(name, TWO, [COMPLETED, HALF_DONE]);
      await work.command(0, 'session', 'pause', slug, 'service');
      await run.ended;
    },
    ways: [...EITHER, { verb: 'resume', letGo: 'service' }],
  },
  {
    name: 'Interrupted',
    async write(work, name) {
      const waits = program(
        'waiting',
        'echo waiting; until test -e mended; do sleep 0.05; done; echo mended',
      );
      await kill(await work.start(name, [scripted('library', QUICK), waits], [COMPLETED, '"text":"waiting']));
    },
    ways: [{ verb: 'resume', mended: true }, { verb: 'retry' }],
    programs: true,
  },
  {
    name: 'Interrupted while pausing',
    async write(work, name, slug) {
      const run = await work.start(name, STUBBORN, [COMPLETED, HALF_DONE]);
      await work.command(0, 'group', 'pause', slug, '--no-wait');
      await run.says('group_pausing');
      await kill(run);
    },
  },
  {
    name: 'Interrupted while stopping',
    async write(work, name, slug) {
      const run = await work.start(name, STUBBORN, [COMPLETED, HALF_DONE]);
      await work.command(0, 'group', 'stop', slug, '--no-wait');
      await run.says('group_stopping');
      await kill(run);
    },
  },
  {
    name: 'Interrupted while asking',
    async write(work, name, slug) {
      const asks = [{ text: 'May I?' }, { approval: 'Bash', input: { command: 'npm test' } }, ...QUICK];
      const run = await work.start(name, [scripted('library', asks)], []);
      await work.shows(slug, 'awaiting_approval');
      await kill(run);
    },
  },
  {
    name: 'Interrupted while waiting',
    async write(work, name, slug) {
      const overloaded: Steps = [{ failure: 'overloaded', attempts: 1 }, ...QUICK];
      const limited: Steps = [{ delay: 500 }, { limit: '2h', attempts: 1 }, ...QUICK];
      const sessions = [
        scripted('library', overloaded, { retry: { initialInterval: '5m' } }),
        scripted('service', limited),
      ];
      const run = await work.start(name, sessions, []);
      await work.shows(slug, 'retrying', 'quota_wait');
      await kill(run);
    },
  },
  {
    name: 'Torn',
    async write(work, name, slug) {
      await kill(await work.start(name, TWO, [COMPLETED, HALF_DONE]));
      const journal = join(work.place.dirOf(work.idOf(slug)), 'journal.ndjson');
      truncateSync(journal, statSync(journal).size - 40);
    },
  },
  {
    name: 'Snapshot and more',
    async write(work, name, slug) {
      const run = await work.start(name, AND_ONE_AFTER, [COMPLETED, HALF_DONE]);
      await work.command(0, 'group', 'pause', slug);
      await run.ended;
      const again = work.resume(slug);
      await again.says(HALF_DONE);
      await kill(again);
    },
  },
  {
    name: 'Revised',
    async write(work, name, slug) {
      const run = await work.start(name, AND_ONE_AFTER, [COMPLETED, HALF_DONE]);
      await work.command(0, 'group', 'pause', slug);
      await run.ended;
      // Without the session that was added.
      const changed = [...TWO, scripted('guide', [{ result: 'Another guide.' }], { dependsOn: ['library'] })];
      await work.command(0, ...addition(slug, 'one'));
      await work.command(
        0,
        'group',
        'update',
        slug,
        work.define(name, changed, { budget: { maxBudgetUsd: 5 } }),
      );
      await work.command(0, ...addition(slug, 'other'));
    },
  },
  {
    name: 'Reopened',
    async write(work, name, slug) {
      await work.run(0, name, [scripted('library', QUICK)]);
      await work.command(0, ...addition(slug, 'more'));
    },
  },
  {
    name: 'Archived',
    async write(work, name, slug) {
      await work.run(0, name, [scripted('library', QUICK)]);
      await work.command(0, 'group', 'archive', slug);
    },
  },
];

const addition = (slug: string, id: string): string[] => [
  ...['session', 'add', slug, '--id', id, '--prompt', 'Go on.', '--project', '../projects/guide'],
];

/** Slugs as derived from group names. */
export const slugOf = ({ name }: State): string => name.toLowerCase().replaceAll(' ', '-');
