import fc from 'fast-check';
import type { GraphSession } from '../../src/sdk/group/dependency-graph.ts';

export type DagSession = GraphSession;

export interface DagOptions {
  readonly minSessions?: number;
  readonly maxSessions?: number;
  /** How close the number comes to that. */
  readonly size?: fc.SizeForArbitrary;
  /** Share of sessions with an estimate: 0 none, 1 all, else some. Default: some. */
  readonly estimates?: 'none' | 'all' | 'some';
}

const session = fc.record({
  edges: fc.uniqueArray(
    fc.record({
      back: fc.integer({ min: 1, max: 12 }),
      when: fc.constantFrom(
        'completed' as const,
        'completed' as const,
        'failed' as const,
        'settled' as const,
      ),
    }),
    { maxLength: 4, selector: edge => edge.back },
  ),
  trigger: fc.constantFrom('all' as const, 'all' as const, 'any' as const),
  priority: fc.constantFrom(0, 0, 0, 1, -1),
  estimate: fc.constantFrom(1_000, 60_000, 600_000, 3_600_000),
  estimated: fc.boolean(),
  allowFailure: fc.constantFrom(false, false, true),
  /** Its position in the definition. */
  place: fc.nat({ max: 1_000 }),
});

/** Sessions with random edges and no cycle, defined in an order other than that of the edges. */
export function dag({
  minSessions = 1,
  maxSessions = 60,
  size = 'medium',
  estimates = 'some',
}: DagOptions = {}): fc.Arbitrary<DagSession[]> {
  return fc.array(session, { minLength: minSessions, maxLength: maxSessions, size }).map(drafts =>
    drafts
      .map((draft, index) => ({
        place: draft.place,
        session: {
          id: `s${index}`,
          dependsOn: draft.edges
            .filter(edge => index - edge.back >= 0)
            .map(edge => ({ session: `s${index - edge.back}`, when: edge.when })),
          trigger: draft.trigger,
          priority: draft.priority,
          allowFailure: draft.allowFailure,
          ...(estimates === 'all' || (estimates === 'some' && draft.estimated)
            ? { estimate: draft.estimate }
            : {}),
        },
      }))
      .sort((a, b) => a.place - b.place)
      .map(({ session: ready }) => ready),
  );
}

/** A session with only an id, and the given changes. */
export function plain(id: string, changes: Partial<DagSession> = {}): DagSession {
  return { id, dependsOn: [], trigger: 'all', priority: 0, allowFailure: false, ...changes };
}

export const needs = (...ids: string[]): DagSession['dependsOn'] =>
  ids.map(session => ({ session, when: 'completed' as const }));
