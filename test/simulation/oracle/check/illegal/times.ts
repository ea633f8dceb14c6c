import { definition, Scene, session } from '../scene.ts';
import type { Illegal } from './illegal.ts';

const watched = (): Scene =>
  new Scene(definition({ sessions: [session('a')], idleMs: 10_000, attemptMs: 60_000 })).running().start('a');

/** The watchdog asks its agent to end. */
const interrupted = (scene: Scene): Scene =>
  scene.see({ kind: 'agent.told', run: scene.runOf('a'), to: 'interrupt' }).agentEnd('a', 'interrupted');

const frozen = (ms: number): Scene =>
  watched()
    .next(1_000)
    .see({ kind: 'process.frozen', pid: 1 })
    .next(ms)
    .see({ kind: 'process.thawed', pid: 1 })
    .next();

/** §5, watchdog: a sign of life begins the silence anew, and a freeze is nobody's time. */
export const TIMES: readonly Illegal[] = [
  [
    '§5 watchdog',
    'a was idle too long after 2000 ms',
    () => interrupted(watched().next(8_000).spend('a', 0.1).next(2_000)).retrying('a', 'idle_timeout').next(),
  ],
  [
    '§5 watchdog',
    'a was idle too long after 0 ms',
    () => interrupted(frozen(3_600_000)).retrying('a', 'idle_timeout').next(),
  ],
  [
    '§5 watchdog',
    "a ran into its attempt's timeout after 7000 ms",
    () => interrupted(frozen(3_600_000)).failed('a', 'attempt_timeout').next(),
  ],
];
