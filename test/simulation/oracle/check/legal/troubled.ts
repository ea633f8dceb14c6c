import { definition, Scene, session } from '../scene.ts';
import type { Legal } from './quiet.ts';

const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
const B_AFTER_A = { sessionId: 'b', dependency: 'a' };
const HOUR = 3_600_000;
const solo = definition({ sessions: [session('a')] });
const limited = definition({ sessions: [session('a')], limitMicroUsd: 1_000_000, warningThreshold: 0.5 });

/** After limits, crashes, power cuts and set clocks. */
export const TROUBLED: readonly Legal[] = [
  [
    'a pause, a crash and a clock that is set, in which no time counts',
    () => {
      const scene = new Scene(solo)
        .running()
        .start('a')
        .next(1_000)
        .ask('pause')
        .paused('manual', 'a')
        .next(9_000);
      const paused = { a: { status: 'paused', attempts: 1, why: 'paused' } };
      scene.picture('paused', paused, { why: 'paused', elapsedMs: 1_000 }).setClock(-HOUR).next();
      scene.ask('resume').event('group_resumed').resume('a').next(1_000);
      const busy = { a: { status: 'running', attempts: 2, durationMs: 2_000 } };
      scene
        .picture('running', busy, { elapsedMs: 2_000 })
        .next()
        .crash()
        .agentEnd('a', 'killed')
        .next(HOUR)
        .heir();
      // By the times of its events, which the clock took back, it was live for a second.
      const waits = { a: { status: 'pending', attempts: 2, durationMs: 1_000, why: 'paused' } };
      scene
        .ask('resume')
        .event('group_resumed')
        .picture('running', waits, { elapsedMs: 1_000 }, 'disk')
        .resume('a');
      const ended = { sessionId: 'a', costUsd: 0, tokens: NO_TOKENS, durationMs: 6_000, result: '' };
      scene
        .next(5_000)
        .agentEnd('a')
        .event('session_completed', { ...ended, permissionDenials: [] });
      return scene.event('group_completed').over();
    },
  ],
  [
    'a usage limit with a reset time, and one that is too far away',
    () => {
      const scene = new Scene(solo).running().start('a').next();
      scene
        .limited('a', scene.at + 61_000, scene.at + 60_000)
        .next(61_000)
        .resume('a')
        .next();
      scene.pausing('quota').limited('a', scene.at + 3 * HOUR, scene.at + 3 * HOUR);
      return scene
        .event('group_paused', { reason: 'quota' })
        .event('session_paused', { sessionId: 'a' })
        .over();
    },
  ],
  [
    'a usage limit that has passed, and a clock that is set back',
    () => {
      const scene = new Scene(solo).running().start('a').next();
      scene
        .limited('a', scene.at + 61_000, scene.at + 60_000)
        .next(61_000)
        .resume('a')
        .next();
      scene.agentEnd('a', 'failed', { code: 'agent_error' }).retrying('a', 'agent_error', 1_000);
      scene.next().setClock(-HOUR).next(1_000).resume('a').next().done('a');
      return scene.event('group_completed').over();
    },
  ],
  [
    'agents of a dead engine without a reaper, until somebody takes over',
    () => new Scene(solo).running().start('a').next().crash(false).over(),
  ],
  [
    'a limit: the warning, the pause, a higher limit, the resume',
    () => {
      const scene = new Scene(limited).running().start('a', { capUsd: 1 }).next().spend('a', 0.6);
      scene.event('budget_warning', { usageUsd: 0.6, limitUsd: 1 }).next().spend('a', 1.1);
      scene.event('budget_exceeded', { usageUsd: 1.1, limitUsd: 1, action: 'pause' });
      scene.paused('budget_exceeded', 'a').next().ask('resume', {}, 'budget_exhausted').next();
      scene.ask('setMaxBudget', { usd: 3 }).event('budget_changed', { limitUsd: 3 }).next();
      scene.ask('resume').event('group_resumed').journalStart('a', {}, true);
      scene.agentStart('a', { resumes: true, capUsd: 1.9 }).next();
      return scene.done('a', 1.1).event('group_completed').over();
    },
  ],
  [
    'a group that is taken over for a request that it then refuses, and paused for that',
    () => {
      const scene = new Scene(solo).running().start('a').next().crash().next(1_900);
      scene.agentEnd('a', 'killed').next().heir().next(5);
      const asked = scene.request('retry', {}, 'http');
      scene.next().event('session_paused', { sessionId: 'a' }).event('group_paused', { reason: 'manual' });
      return scene.answer(asked, 'nothing_to_retry').next();
    },
  ],
  [
    'a crash, its reaper, a takeover',
    () => {
      const scene = new Scene().running().start('a').spend('a', 0.1).next().crash().next(1_900);
      scene
        .agentEnd('a', 'killed')
        .next()
        .heir()
        .ask('open')
        .next()
        .ask('run', {}, 'not_in_this_state')
        .next();
      scene.ask('resume').event('group_resumed').resume('a').next();
      return scene
        .done('a', 0.1)
        .event('dependency_resolved', B_AFTER_A)
        .start('b')
        .next()
        .done('b')
        .event('group_completed')
        .over();
    },
  ],
  [
    'a power cut that takes what was not synced',
    () => {
      const scene = new Scene().running().start('a').next().spend('a', 0.1).next();
      scene.see({ kind: 'fault', what: 'the power is cut' }).crash().agentEnd('a', 'killed');
      scene.lines.pop();
      scene.seq--;
      scene.next().heir().ask('open').next().ask('resume').event('group_resumed').resume('a').next();
      return scene
        .done('a')
        .event('dependency_resolved', B_AFTER_A)
        .start('b')
        .next()
        .done('b')
        .event('group_completed')
        .over();
    },
  ],
  [
    'a definition that grows',
    () => {
      const scene = new Scene(solo).running().start('a').done('a').event('group_completed').next();
      const id = scene.request('update', { change: { kind: 'add', session: { id: 'b' } } });
      const lists = { removed: [], changed: [], settings: [], fresh: [] };
      scene
        .event('group_updated', { revision: 1, added: ['b'], ...lists })
        .event('session_added', { sessionId: 'b' });
      scene.event('dependency_resolved', B_AFTER_A).event('group_paused', { reason: 'manual' });
      scene.answer(id).define(definition()).next();
      scene.ask('resume').event('group_resumed').start('b').next();
      return scene.done('b').event('group_completed').over();
    },
  ],
];
