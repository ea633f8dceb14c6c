import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { ownSlug } from '../support/bench.ts';
import {
  type ControlWorld,
  checkAtRest,
  checkFold,
  checkReasons,
  createControlWorld,
  request,
  turns,
} from '../support/control-world.ts';
import { runs } from '../support/runs.ts';

/*
 * More, and others: SEQUENCES=20000 SEED=1 npx vitest run test/properties/control.test.ts
 */

const folder = mkdtempSync(join(tmpdir(), 'control-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const step = fc.oneof(
  fc.constant({ text: 'word' }),
  fc.record({ delay: fc.constantFrom(1_000, 30_000) }),
  fc.record({ tool: fc.constant('Bash'), duration: fc.constantFrom(0, 5_000) }),
  fc.record({ cost: fc.constantFrom(0.05, 0.4) }),
  fc.constant({ tokens: { input: 10, output: 5 } }),
  fc.record({
    failure: fc.constantFrom('agent_error', 'overloaded', 'invalid_request', 'authentication_failed'),
    attempts: fc.constantFrom(1, 2),
  }),
  fc.record({ limit: fc.constantFrom('10m', 'unknown', '8h'), attempts: fc.constant(1) }),
  fc.record({ approval: fc.constant('Write') }),
  fc.constant({ denied: 'Bash' }),
  fc.constant({ hang: true as const }),
);

const session = fc.record({
  steps: fc.array(step, { maxLength: 5 }),
  ignoreInterrupt: fc.boolean(),
  dependsOn: fc.array(fc.record({ on: fc.nat(5), when: fc.constantFrom('completed', 'failed', 'settled') }), {
    maxLength: 2,
  }),
  trigger: fc.constantFrom('all', 'any'),
  allowFailure: fc.boolean(),
  project: fc.nat(1),
});

const control = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance'),
      ms: fc.constantFrom(0, 1, 900, 6_000, 40_000, 700_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'run' }) },
  { weight: 2, arbitrary: fc.constant({ do: 'pause' }) },
  { weight: 2, arbitrary: fc.constant({ do: 'resume' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('raise'), usd: fc.constantFrom(0.1, 1, 5) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'stop' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retry'), fresh: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pauseSession'), session: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resumeSession'), session: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('answer'), session: fc.nat(5), allow: fc.boolean() }) },
);

const group = fc.record({
  sessions: fc.array(session, { minLength: 1, maxLength: 5 }),
  maxConcurrent: fc.integer({ min: 1, max: 3 }),
  errorThreshold: fc.integer({ min: 1, max: 3 }),
  pauseOnError: fc.boolean(),
  maxBudgetUsd: fc.constantFrom(0.3, 1, 'none' as const),
  onBudgetExceeded: fc.constantFrom('pause', 'stop', 'warn'),
  attended: fc.boolean(),
});

type Group = typeof group extends fc.Arbitrary<infer T> ? T : never;
type Control = {
  readonly do: string;
  readonly ms?: number;
  readonly usd?: number;
  readonly fresh?: boolean;
  readonly session?: number;
  readonly allow?: boolean;
};

async function play(shape: Group, controls: readonly Control[]): Promise<void> {
  const clock = new SimulatedClock();
  const world = createControlWorld(clock, shape.maxConcurrent);
  const handle = await createSessionGroup(
    {
      version: 1,
      name: 'random',
      slug: ownSlug(),
      config: {
        budget: { maxBudgetUsd: shape.maxBudgetUsd, onBudgetExceeded: shape.onBudgetExceeded as 'pause' },
        concurrency: {
          maxConcurrent: shape.maxConcurrent,
          errorThreshold: shape.errorThreshold,
          pauseOnError: shape.pauseOnError,
        },
        timeouts: { attempt: '1h', idle: '1m' },
      },
      sessions: shape.sessions.map((one, index) => ({
        id: `s${index}`,
        projectPath: folder,
        prompt: 'go',
        agent: { kind: 'scripted', steps: one.steps as [], ignoreInterrupt: one.ignoreInterrupt },
        dependsOn: one.dependsOn
          .filter((edge, at, all) => edge.on < index && all.findIndex(other => other.on === edge.on) === at)
          .map(edge => ({ session: `s${edge.on}`, when: edge.when as 'completed' })),
        trigger: one.trigger as 'all',
        allowFailure: one.allowFailure,
      })),
    },
    { ...world.options, attended: shape.attended },
  );
  world.watch(handle);
  try {
    for (const control of controls) {
      await apply(world, control);
      await checkReasons(world);
    }
    await drain(world);
  } finally {
    const disposed = handle.dispose();
    for (let i = 0; i < 200; i++) {
      await turns();
      if (!clock.step()) break;
    }
    await disposed;
  }
  expect(clock.pending).toBe(0);
  expect(world.live.size).toBe(0);
}

async function apply(world: ControlWorld, control: Control): Promise<void> {
  const { handle } = world;
  const id = `s${control.session ?? 0}`;
  const known = handle.getProgress().sessions.some(one => one.id === id);
  switch (control.do) {
    case 'advance':
      world.clock.advance(control.ms ?? 0);
      break;
    case 'run':
      await request(world, 'run', () => handle.run());
      break;
    case 'pause':
      await request(world, 'pause', () => handle.pause());
      break;
    case 'resume':
      await request(world, 'resume', () => handle.resume());
      break;
    case 'raise':
      await request(world, 'raise', () => handle.setMaxBudget(control.usd ?? 1));
      break;
    case 'stop':
      await request(world, 'stop', () => handle.stop());
      break;
    case 'retry':
      await request(world, 'retry', () => handle.retry({ fresh: control.fresh ?? false }));
      break;
    case 'pauseSession':
      if (known) await request(world, 'session', () => handle.pauseSession(id));
      break;
    case 'resumeSession':
      if (known) await request(world, 'session', () => handle.resumeSession(id));
      break;
    case 'answer': {
      const why = known ? handle.why(id) : undefined;
      const requestId = why?.kind === 'approval' ? why.requestId : 'none';
      await request(world, 'answer', () => handle.answer(requestId, control.allow ? 'allow' : 'deny'));
      break;
    }
  }
  await turns();
  world.check();
}

/** Lets the group come to whatever it can come to by itself. */
async function drain(world: ControlWorld): Promise<void> {
  for (let i = 0; i < 4_000; i++) {
    await turns();
    world.check();
    if (!world.clock.step()) break;
  }
  await turns();
  world.check();
  checkAtRest(world);
  await checkFold(world.handle, world.options.store);
  await checkReasons(world);
}

test('control requests in any order, against agents of any kind, keep the invariants (I1–I9, I11, I13–I15)', async () => {
  await fc.assert(
    fc.asyncProperty(group, fc.array(control as fc.Arbitrary<Control>, { maxLength: 14 }), play),
    {
      numRuns: Number(process.env.SEQUENCES ?? runs(1_000)),
      ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}),
    },
  );
}, 900_000);
