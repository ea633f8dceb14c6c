import type { Random } from '../random.ts';
import type { Oddity, PlannedEnd, PlannedRun, PlannedStep } from './plan.ts';

const RETRYABLE = [
  'agent_error',
  'server_error',
  'overloaded',
  'rate_limited',
  'process_lost',
  'output_invalid',
] as const;
const FINAL = [
  'model_not_found',
  'invalid_request',
  'max_turns',
  'prompt_too_long',
  'permission_denied',
] as const;
const UNAVAILABLE = ['authentication_failed', 'billing_error'] as const;

/** How much goes wrong in the whole run: in most, something; in some, nothing. */
export interface Mood {
  readonly failures: number;
  readonly oddities: number;
  readonly rules: readonly Oddity[];
}

export function makeMood(random: Random): Mood {
  return {
    failures: random.pick([0, 0.1, 0.3, 0.6]),
    oddities: random.pick([0, 0, 0, 0.1, 0.3]),
    rules: [
      'ends twice',
      'speaks after its end',
      'emits inside start',
      'ends inside start',
      'throws in start',
    ],
  };
}

/** The runs of one session's agent. */
export function makeRuns(random: Random, mood: Mood): PlannedRun[] {
  const runs: PlannedRun[] = [];
  const count = random.int(0, 3);
  const scope = random.pick<PlannedRun['scope']>(['process', 'conversation']);
  for (let run = 0; run <= count; run += 1) runs.push(makeRun(random.of(run), mood, scope));
  return runs;
}

function makeRun(random: Random, mood: Mood, scope: PlannedRun['scope']): PlannedRun {
  const steps = random.weigh([
    [3, 0],
    [4, 1],
    [4, 2],
    [2, 4],
    [1, 8],
  ]);
  const odd = random.chance(mood.oddities) ? mood.rules[random.int(0, mood.rules.length - 1)] : undefined;
  return {
    startMs: random.pick([0, 0, 1, 200, 3_000]),
    steps: Array.from({ length: steps }, (_, step) => makeStep(random.of('step', step))),
    end: makeEnd(random.of('end'), mood),
    ignores: random.weigh([
      [8, 0],
      [1, 1],
      [1, 2],
    ]),
    stopMs: random.pick([0, 1, 300, 4_000]),
    scope,
    ...(random.chance(0.1) ? { finishes: true } : {}),
    ...(random.chance(0.3) ? { tellsAtStop: true } : {}),
    ...(odd === undefined ? {} : { odd }),
  };
}

function makeStep(random: Random): PlannedStep {
  const after = random.pick([0, 0, 1, 100, 1_000, 4_000, 30_000, 120_000]);
  return random.weigh<PlannedStep>([
    [
      10,
      {
        after,
        does: 'spend',
        microUsd: random.pick([1, 999, 50_000, 120_000, 400_000]),
        report: random.pick(['usage', 'usage', 'interim', 'total', 'total', 'none']),
        ...(random.chance(0.2) ? { again: random.int(1, 2) } : {}),
      },
    ],
    [3, { after, does: random.pick(['say', 'tool', 'activity', 'retry by itself']) }],
    [1, { after, does: 'absurd' }],
    [2, { after, does: 'ask', ...(random.chance(0.3) ? { withdraws: random.pick([0, 500, 20_000]) } : {}) }],
  ]);
}

function makeEnd(random: Random, { failures }: Mood): PlannedEnd {
  if (!random.chance(failures)) {
    return { is: 'done', ...(random.chance(0.05) ? { denials: random.int(1, 2) } : {}) };
  }
  return random.weigh<PlannedEnd>([
    [8, { is: 'failed', code: random.pick(RETRYABLE) }],
    [4, { is: 'failed', code: random.pick(FINAL) }],
    [0.5, { is: 'failed', code: random.pick(UNAVAILABLE) }],
    [
      3,
      {
        is: 'limited',
        ...(random.chance(0.7) ? { forMs: random.pick([0, 10_000, 600_000, 30_000_000]) } : {}),
      },
    ],
    [2, { is: 'hang' }],
  ]);
}
