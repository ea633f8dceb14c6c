import { describe, expect, test } from 'vitest';
import { after, definition, Scene, session } from './scene.ts';

const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
const HOUR = 3_600_000;
const solo = definition({ sessions: [session('a')] });
const limited = definition({ sessions: [session('a')], limitMicroUsd: 1_000_000, warningThreshold: 0.5 });

/** For each concern, a history that keeps its rules. */
const LEGAL: readonly (readonly [name: string, scene: () => Scene])[] = [
  [
    'a chain that completes',
    () => {
      const scene = new Scene().running().event('dependency_waiting', { sessionId: 'b', waitingFor: ['a'] });
      scene.start('a').watch().spend('a', 0.2);
      scene.picture('running', {
        a: { status: 'running', attempts: 1, costUsd: 0.2 },
        b: { why: 'waiting for a' },
      });
      scene.next(5_000).done('a', 0.2).event('dependency_resolved', { sessionId: 'b', dependency: 'a' });
      scene.start('b').next(1_000).done('b').event('group_completed').next();
      const ended = { status: 'completed', attempts: 1 };
      return scene.picture('completed', { a: { ...ended, costUsd: 0.2 }, b: ended }).over();
    },
  ],
  [
    'a failure that skips what follows, and what is not needed',
    () => {
      const sessions = [
        session('a'),
        after('b', 'a'),
        after('c', 'b'),
        after('d', 'a', 'failed'),
        after('e', 'd', 'failed'),
      ];
      const scene = new Scene(definition({ sessions, errorThreshold: 9 }))
        .running()
        .start('a')
        .next()
        .fail('a');
      scene.skipped('b', 'upstream_failed', ['a']).skipped('c', 'upstream_failed', ['b']).start('d').next();
      scene.done('d').skipped('e', 'not_needed', ['d']);
      return scene.event('group_failed', { reason: 'sessions_failed' }).over();
    },
  ],
  [
    'a login that is refused pauses its session, then the group',
    () => {
      const scene = new Scene().running().start('a').next();
      scene.agentEnd('a', 'failed', { code: 'billing_error' }).event('session_paused', { sessionId: 'a' });
      return scene.pausing('agent_unavailable').event('group_paused', { reason: 'agent_unavailable' }).over();
    },
  ],
  [
    'an any-trigger, and a failure that is allowed',
    () => {
      const any = session('c', {
        trigger: 'any',
        dependsOn: [
          { session: 'a', when: 'completed' },
          { session: 'b', when: 'completed' },
        ],
      });
      const scene = new Scene(
        definition({ sessions: [session('a', { allowFailure: true }), session('b'), any] }),
      );
      scene.running().start('a').start('b').next().fail('a').start('c').next();
      return scene.done('b').done('c').event('group_completed').over();
    },
  ],
  [
    'a pause and a resume of the same conversation, those in play first',
    () => {
      const scene = new Scene(
        definition({ maxConcurrent: 1, sessions: [session('b'), session('a', { priority: 1 })] }),
      );
      scene.running().start('a').spend('a', 0.1).next();
      const pause = scene.request('pause');
      scene.pausing().next(100).agentEnd('a', 'interrupted').event('session_paused', { sessionId: 'a' });
      scene.event('group_paused', { reason: 'manual' }).answer(pause).next();
      scene.picture(
        'paused',
        { b: { why: 'paused' }, a: { status: 'paused', attempts: 1, costUsd: 0.1, why: 'paused' } },
        { why: 'paused' },
      );
      scene.next().ask('pause', {}, 'already_paused').next();
      scene.ask('resume').event('group_resumed').resume('a').next().done('a', 0.1).start('b').next();
      return scene.done('b').event('group_completed').over();
    },
  ],
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
    'a stop and a retry',
    () => {
      const scene = new Scene().running().start('a').next().ask('stop').stopping('b').next(10);
      scene.agentEnd('a', 'interrupted').event('session_stopped', { sessionId: 'a', costUsd: 0 });
      scene.event('group_stopped', { reason: 'manual' }).next().ask('stop', {}, 'already_stopped').next();
      scene
        .ask('retry')
        .event('group_retried', { sessions: ['a', 'b'] })
        .resume('a')
        .next();
      return scene.done('a').start('b').next().done('b').event('group_completed').over();
    },
  ],
  [
    'retries with growing delays',
    () => {
      const scene = new Scene(
        definition({ sessions: [session('a')], retry: { ...solo.retry, maximumAttempts: 3 } }),
      );
      scene
        .running()
        .start('a')
        .next()
        .agentEnd('a', 'failed', { code: 'overloaded' })
        .retrying('a', 'overloaded');
      scene
        .picture('running', { a: { status: 'retrying', attempts: 1, why: 'retry 2 in 1s: overloaded' } })
        .next(1_000);
      scene
        .resume('a')
        .next()
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a', 'agent_error', 2_000);
      scene.next(2_000).resume('a').next().fail('a', 'agent_error');
      return scene.event('group_failed', { reason: 'sessions_failed' }).over();
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
    'a permission that a person grants',
    () => {
      const scene = new Scene(solo).running().start('a').see({ kind: 'agent.asked', run: 1, requestId: 'q' });
      scene.event('approval_requested', { sessionId: 'a', requestId: 'q', tool: 'Write' });
      scene
        .picture('running', { a: { status: 'awaiting_approval', attempts: 1, why: 'needs approval: Write' } })
        .next();
      scene.ask('answer', { requestId: 'q', decision: 'allow' });
      scene.event('approval_answered', { sessionId: 'a', requestId: 'q', decision: 'allow', by: 'api' });
      scene.see({ kind: 'agent.heard', run: 1, requestId: 'q', decision: 'allow' }).next();
      scene.ask('answer', { requestId: 'q', decision: 'allow' }, 'no_such_request').next();
      return scene.done('a').event('group_completed').over();
    },
  ],
  [
    'a hold that survives a pause',
    () => {
      const scene = new Scene(definition({ sessions: [session('a'), session('b')] }))
        .running()
        .start('a')
        .start('b');
      scene.next().ask('pauseSession', { session: 'a' }).agentEnd('a', 'interrupted');
      scene.event('session_paused', { sessionId: 'a' }).next().done('b').paused('sessions_paused').next();
      scene.ask('resume').event('group_resumed').pausing('sessions_paused');
      scene.event('group_paused', { reason: 'sessions_paused' }).next();
      scene
        .ask('resumeSession', { session: 'a' })
        .next()
        .ask('resume')
        .event('group_resumed')
        .resume('a')
        .next();
      return scene.done('a').event('group_completed').over();
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
      return scene.done('a', 0.1).start('b').next().done('b').event('group_completed').over();
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
      return scene.done('a').start('b').next().done('b').event('group_completed').over();
    },
  ],
  [
    'too many failures',
    () => {
      const scene = new Scene(
        definition({ errorThreshold: 1, sessions: [session('a'), session('b')], maxConcurrent: 1 }),
      );
      scene.running().start('a').next().fail('a').pausing('error_threshold');
      scene.event('group_paused', { reason: 'error_threshold' }).next().ask('resume').event('group_resumed');
      return scene.start('b').next().done('b').event('group_failed', { reason: 'sessions_failed' }).over();
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
      scene.event('group_paused', { reason: 'manual' }).answer(id).define(definition()).next();
      scene.ask('resume').event('group_resumed').start('b').next();
      return scene.done('b').event('group_completed').over();
    },
  ],
];

describe('the oracle finds nothing in', () => {
  test.each(LEGAL)('%s', (_, scene) => {
    expect(scene().found).toEqual([]);
  });
});
