import fc from 'fast-check';
import { type ConfigInput, delay, type SessionInput, type Step } from './bench.ts';
import { type DagOptions, type DagSession, dag } from './random-dag.ts';

export interface RandomGroup {
  readonly dag: readonly DagSession[];
  readonly sessions: readonly SessionInput[];
  readonly config: ConfigInput;
  readonly projects: number;
  readonly maxConcurrent: number;
  readonly maxPerProject: number;
}

const retryable = fc.constantFrom('agent_error', 'server_error', 'overloaded', 'process_lost');
const final = fc.constantFrom('max_turns', 'invalid_request', 'model_not_found');

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 50, 1_000, 30_000, 200_000).map(delay) },
  { weight: 3, arbitrary: fc.nat({ max: 900 }).map(cents => ({ cost: cents / 1_000 })) },
  { weight: 3, arbitrary: fc.nat({ max: 90_000 }).map(duration => ({ tool: 'Bash', duration })) },
  { weight: 2, arbitrary: fc.constant({ text: 'working' }) },
  { weight: 1, arbitrary: fc.constant({ tokens: { input: 10, output: 5 } }) },
  {
    weight: 1,
    arbitrary: fc.tuple(retryable, fc.integer({ min: 1, max: 4 })).map(([failure, attempts]) => ({
      failure,
      attempts,
    })),
  },
  { weight: 1, arbitrary: final.map(failure => ({ failure, attempts: 1 })) },
);
/** Rare enough that most groups get far. */
const rareStep: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step[]>(
    { limit: 600_000 },
    { limit: 'unknown', attempts: 2 },
    { limit: 60_000, attempts: 1 },
    { limit: 8 * 3_600_000 },
    { hang: true },
    { approval: 'Bash' },
    { denied: 'Write' },
    { failure: 'authentication_failed', attempts: 1 },
  ),
);

const script = fc
  .tuple(fc.array(step, { maxLength: 4 }), fc.option(rareStep, { freq: 25 }), fc.nat({ max: 4 }))
  .map(([steps, rare, at]) => (rare ? [...steps.slice(0, at), rare, ...steps.slice(at)] : steps));

const config = fc.record({
  maxConcurrent: fc.integer({ min: 1, max: 8 }),
  maxPerProject: fc.integer({ min: 1, max: 3 }),
  errorThreshold: fc.constantFrom(1, 3, 10, 1_000),
  pauseOnError: fc.boolean(),
  respectDependencies: fc.constantFrom(true, true, true, false),
  maxBudgetUsd: fc.constantFrom<(number | 'none')[]>('none', 'none', 0.5, 2, 20),
  onBudgetExceeded: fc.constantFrom('pause' as const, 'stop' as const, 'warn' as const),
  maximumAttempts: fc.integer({ min: 1, max: 3 }),
  projects: fc.integer({ min: 1, max: 5 }),
});

/** A group that uses everything a definition allows, played by scripted agents. */
export function randomGroup(options: DagOptions): fc.Arbitrary<RandomGroup> {
  return fc
    .tuple(
      dag(options),
      fc.array(fc.record({ steps: script, project: fc.nat({ max: 100 }), ownBudget: fc.nat({ max: 20 }) }), {
        minLength: 1,
        maxLength: 60,
        size: 'max',
      }),
      config,
    )
    .map(([sessions, plays, chosen]) => {
      const {
        projects,
        maxConcurrent,
        maxPerProject,
        maximumAttempts,
        maxBudgetUsd,
        onBudgetExceeded,
        ...rest
      } = chosen;
      const written = sessions.map((session, index) => {
        const { steps = [], project = 0, ownBudget = 1 } = plays[index % plays.length] ?? {};
        return {
          ...session,
          dependsOn: [...session.dependsOn],
          prompt: 'go',
          projectNumber: project % projects,
          agent: { kind: 'scripted' as const, steps: steps as never },
          ...(ownBudget === 0 ? { maxBudgetUsd: 0.5 } : {}),
        };
      });
      return {
        dag: rest.respectDependencies ? sessions : sessions.map(session => ({ ...session, dependsOn: [] })),
        sessions: written,
        projects,
        maxConcurrent,
        maxPerProject,
        config: {
          concurrency: { maxConcurrent, maxPerProject, ...rest },
          budget: { maxBudgetUsd, onBudgetExceeded },
          retry: { maximumAttempts },
          timeouts: { idle: '10m', attempt: '1h' },
        },
      };
    });
}
