import { definition, Scene, session } from '../scene.ts';

/** A history that breaks one rule: the rule, words of what the oracle says of it, and what happens. */
export type Illegal = readonly [rule: string, says: string, scene: () => Scene];

export const solo = definition({ sessions: [session('a')] });
export const pair = definition({ sessions: [session('a'), session('b')] });
export const limited = definition({ sessions: [session('a')], limitMicroUsd: 1_000_000 });
export const created = (of = solo): Scene => new Scene(of).created();
export const running = (of = solo): Scene => new Scene(of).running();

/** One of the pair has the only slot. */
export const oneSlot = (): Scene => running({ ...pair, maxConcurrent: 1 }).start('a');
export const HOUR = 3_600_000;

/** The fields of a `group_updated`. */
export const updated = (more: object) => ({
  revision: 1,
  added: [],
  removed: [],
  changed: [],
  settings: [],
  fresh: [],
  ...more,
});
