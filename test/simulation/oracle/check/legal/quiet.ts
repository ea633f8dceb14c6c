import { after, definition, Scene, session } from '../scene.ts';

const B_AFTER_A = { sessionId: 'b', dependency: 'a' };
const solo = definition({ sessions: [session('a')] });

/** A history that keeps all rules. */
export type Legal = readonly [name: string, scene: () => Scene];

/** On a machine on which all goes well. */
export const QUIET: readonly Legal[] = [
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
      scene.skipped('b', 'upstream_failed', ['a']).skipped('c', 'upstream_failed', ['b']);
      scene.event('dependency_resolved', { sessionId: 'd', dependency: 'a' }).start('d').next();
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
      scene.running().start('a').start('b').next().fail('a');
      scene.event('dependency_resolved', { sessionId: 'c', dependency: 'a' }).start('c').next();
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
      scene
        .pausing()
        .see({ kind: 'agent.told', run: 1, to: 'interrupt' })
        .next(100)
        .agentEnd('a', 'interrupted')
        .event('session_paused', { sessionId: 'a' });
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
    'a stop and a retry',
    () => {
      const scene = new Scene().running().start('a').next().ask('stop').stopping('b');
      scene.see({ kind: 'agent.told', run: 1, to: 'interrupt' }).next(10);
      scene.agentEnd('a', 'interrupted').event('session_stopped', { sessionId: 'a', costUsd: 0 });
      scene.event('group_stopped', { reason: 'manual' }).next().ask('stop', {}, 'already_stopped').next();
      scene
        .ask('retry')
        .event('group_retried', { sessions: ['a', 'b'] })
        .resume('a')
        .next();
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
];
