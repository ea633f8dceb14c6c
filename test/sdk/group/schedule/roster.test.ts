import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryIds } from '../../../../src/sdk/group/schedule/retry-selection.ts';
import { dag, needs, plain } from '../../../support/random-dag.ts';
import { RosterModel, type RosterSetup } from '../../../support/roster-model.ts';
import { runs } from '../../../support/runs.ts';

const setups = fc.record({
  sessions: dag({ maxSessions: 20 }),
  maxConcurrent: fc.integer({ min: 1, max: 4 }),
  maxPerProject: fc.integer({ min: 1, max: 2 }),
  projects: fc.integer({ min: 1, max: 4 }),
  persistent: fc.boolean(),
});
const moves = fc.infiniteStream(fc.nat({ max: 1_000_000 }));

function step(model: RosterModel, pick: <T>(of: readonly T[]) => T | undefined): void {
  const live = pick(model.in('live'));
  const idle = pick(model.in('retry', 'quota', 'paused').filter(id => !model.held.has(id)));
  switch (pick(['settle', 'settle', 'settle', 'yield', 'go on', 'go on', 'hold', 'release', 'account'])) {
    case 'settle':
      if (live)
        model.settle(live, pick(['completed', 'completed', 'failed', 'stopped'] as const) ?? 'failed');
      break;
    case 'yield':
      if (live) model.yields(live, pick(['pause', 'retry', 'quota'] as const) ?? 'retry');
      break;
    case 'go on':
      if (idle) model.wantsOn(idle);
      break;
    case 'hold': {
      const ids = [...model.play.keys(), ...model.fresh].filter(other => model.roster.isPausable(other));
      const id = pick(ids.filter(other => model.play.get(other) !== 'paused'));
      if (!id) break;
      model.hold(id);
      if (!model.play.has(id)) break;
      if (pick([true, false])) model.admit(); // before its chart reports that it is paused
      model.yields(id, 'pause');
      break;
    }
    case 'release': {
      const id = pick([...model.held]);
      if (!id) break;
      expect(model.roster.isResumable(id)).toBe(true);
      const inPlay = model.play.has(id);
      model.release(id);
      if (inPlay) model.wantsOn(id);
      break;
    }
    case 'account':
      model.accountOpen = !model.accountOpen;
      model.reconsider();
      break;
  }
}

/** Lets every session continue and complete. */
function finish(model: RosterModel): void {
  model.accountOpen = true;
  model.reconsider();
  for (const id of [...model.held]) model.release(id);
  for (const id of model.in('paused', 'retry', 'quota')) model.wantsOn(id);
  for (let rounds = 0; model.roster.unsettled > 0; rounds++) {
    expect(rounds).toBeLessThan(200); // I13
    model.admit();
    for (const id of model.in('live')) model.settle(id, 'completed');
  }
}

describe('a roster', () => {
  test('keeps its invariants for slots, projects and reasons, whatever the sessions do (SLOTS-1 to SLOTS-3, I2–I5, I13)', () => {
    fc.assert(
      fc.property(setups, moves, (setup, stream) => {
        const model = new RosterModel(setup);
        const pick = <T>(of: readonly T[]) => of[(stream.next().value ?? 0) % Math.max(1, of.length)];
        for (let i = 0; i < 4 * setup.sessions.length && model.roster.unsettled > 0; i++) {
          model.admit();
          step(model, pick);
        }
        finish(model);
      }),
      { numRuns: runs(150) },
    );
  });

  test('can be retried until everything is completed, and only then reports completion (I5)', () => {
    fc.assert(
      fc.property(setups, moves, (setup, stream) => {
        const model = new RosterModel(setup);
        const pick = <T>(of: readonly T[]) => of[(stream.next().value ?? 0) % Math.max(1, of.length)];
        for (let round = 0; round < 3; round++) {
          for (let i = 0; i < setup.sessions.length && model.roster.unsettled > 0; i++) {
            model.admit();
            for (const id of model.in('live')) {
              model.settle(id, pick(['completed', 'failed', 'failed', 'stopped'] as const) ?? 'failed');
            }
          }
          if (model.roster.retryable(undefined)) model.retry();
        }
        finish(model);
        expect(model.roster.unsuccessful > 0).toBe(
          retryIds(model.roster.schedule, undefined).some(id => !model.oracle.session(id).allowFailure),
        );
      }),
      { numRuns: runs(100) },
    );
  });
});

const one = (changes: Partial<RosterSetup> & Pick<RosterSetup, 'sessions'>) =>
  new RosterModel({ maxConcurrent: 1, maxPerProject: 1, projects: 10, ...changes });

describe('a session that is held', () => {
  test('is not admitted before its chart reports that it is paused', () => {
    const model = one({ sessions: [plain('s0'), plain('s1')] });
    model.admit();
    model.yields('s0', 'retry');
    expect(model.admit()).toEqual(['s1']);
    model.wantsOn('s0');
    model.hold('s0');
    model.settle('s1', 'completed');
    expect(model.admit()).toEqual([]);
    model.yields('s0', 'pause');
    expect(model.roster.onlyHeldLeft).toBe(true);
    expect(model.roster.pausedNotHeld()).toEqual([]);
    model.release('s0');
    expect(model.roster.pausedNotHeld()).toEqual(['s0']);
  });
});

describe('sessions of a dead engine', () => {
  const recovered = () => {
    const model = one({ sessions: [plain('s0'), plain('s1'), plain('s2')], maxConcurrent: 1 });
    model.roster.restore({
      settled: new Map(),
      inPlay: new Map([
        ['s0', { held: false }],
        ['s1', { held: false }],
        ['s2', { held: true }],
      ]),
      held: [],
      resolved: new Map(),
      errors: 0,
      reason: undefined,
      delivery: { delivered: false, into: undefined, before: undefined },
    });
    return model.roster;
  };

  test('are queued once, however often the group is resumed (I1)', () => {
    const roster = recovered();
    roster.requeueActorless();
    expect(roster.ready).toBe(2);
    roster.admit();
    expect(roster.admitted).toEqual({ id: 's0', fresh: true });
    roster.requeueActorless();
    expect(roster.ready).toBe(1);
    roster.settle('s0', 'completed');
    roster.admit();
    expect(roster.admitted).toEqual({ id: 's1', fresh: true });
    expect(roster.ready).toBe(0);
  });

  test('are paused with their group, and queued again in the order that they had', () => {
    const roster = recovered();
    roster.requeueActorless();
    roster.takeNotes();
    roster.pauseActorless();
    expect(roster.ready).toBe(0);
    expect(roster.takeNotes().map(({ type, index }) => `${type} ${index}`)).toEqual([
      'paused 0',
      'paused 1',
      'paused 2',
    ]);
    roster.requeueActorless();
    expect(roster.takeNotes().map(({ type, index }) => `${type} ${index}`)).toEqual([
      'queued 0',
      'queued 1',
      'paused 2',
    ]);
    roster.admit();
    expect(roster.admitted).toEqual({ id: 's0', fresh: true });
  });

  test('are stopped without an actor, held ones included', () => {
    const roster = recovered();
    roster.settleActorless();
    expect([roster.unsettled, roster.inPlay, roster.unsuccessful]).toEqual([0, 0, 3]);
  });
});

describe('a retry', () => {
  test('makes a session blocked by its project wait for the retried one first (I2)', () => {
    const rescue = { session: 's0', when: 'failed' as const };
    const model = one({
      sessions: [plain('s0'), plain('s1'), plain('s2', { dependsOn: [rescue] })],
      projects: 1,
    });
    model.admit();
    model.settle('s0', 'failed');
    model.admit();
    expect(model.roster.waitOf('s2')).toBe('slot');
    model.retry(['s0']);
    expect(model.roster.waitOf('s2')).toBe('dependency');
  });

  test('of a session includes the sessions skipped because of it, and no others', () => {
    const model = one({
      sessions: [plain('s0'), plain('s1', { dependsOn: needs('s0') }), plain('s2')],
    });
    model.admit();
    model.settle('s0', 'failed');
    model.admit();
    model.settle('s2', 'failed');
    expect(retryIds(model.roster.schedule, ['s0'])).toEqual(['s0', 's1']);
    expect(model.roster.retryable(['s1', 'nobody'])).toBe(true);
    expect(model.roster.retryable(['nobody'])).toBe(false);
  });
});
