import { after, definition, Scene, session } from './scene.ts';

/** A history that breaks one rule: the rule, words of what the oracle says of it, and what happens. */
export type Illegal = readonly [rule: string, says: string, scene: () => Scene];

const solo = definition({ sessions: [session('a')] });
const pair = definition({ sessions: [session('a'), session('b')] });
const inOneProject = definition({
  sessions: [session('a', { project: 'p' }), session('b', { project: 'p' })],
});
const limited = definition({ sessions: [session('a')], limitMicroUsd: 1_000_000 });
const running = (of = solo): Scene => new Scene(of).running();
const HOUR = 3_600_000;

/** I1, I3, I6, I7, I12: what lives at one time. */
export const LIVE: readonly Illegal[] = [
  ['I1', 'a runs twice at once', () => running().start('a').agentStart('a').next()],
  ['I12', 'a starts in 2, and 1 runs b', () => running(pair).start('b').next().heir().start('a').next()],
  [
    'I7',
    'of a dead engine is alive',
    () => running(pair).start('b').next().crash(false).heir().start('a').next(),
  ],
  [
    'I6',
    'starts in a process that is frozen',
    () => running().see({ kind: 'process.frozen', pid: 1 }).start('a').next(),
  ],
  [
    'I3',
    'starts as number 2, and 1 may run',
    () =>
      running({ ...pair, maxConcurrent: 1 })
        .start('a')
        .start('b')
        .next(),
  ],
  ['I3', 'number 2 in p, and 1 may run there', () => running(inOneProject).start('a').start('b').next()],
  ['I7', 'a has settled, and a run of it is alive', () => running().start('a').next().completed('a').next()],
  [
    'I6',
    'a starts in a group that is created',
    () => new Scene(solo).created().next().agentStart('a').next(),
  ],
  [
    'I7',
    "outlives its engine's exit",
    () => running().start('a').next().see({ kind: 'process.exited', pid: 1 }).next(1).heir().next(),
  ],
  ['I7', 'more than two seconds after', () => running().start('a').next().crash().next(2_001).heir().next()],
  [
    'I7',
    'a is alive in a group that is paused',
    () => running().start('a').next().pausing().event('group_paused', { reason: 'manual' }).next(),
  ],
  [
    'I7',
    'paused, and a is alive',
    () => running().start('a').next().pausing().event('group_paused', { reason: 'manual' }).next(),
  ],
  [
    'I7',
    'a is paused, and a run of it is alive',
    () => running().start('a').next().pausing().event('session_paused', { sessionId: 'a' }).next(),
  ],
  ['I7', 'a is alive at rest', () => running().start('a').over()],
  [
    'I7',
    'a is alive at rest',
    () => running().start('a').next().crash(false).next().heir().ask('open', {}, undefined, 'manager').over(),
  ],
  [
    'I7',
    'group_completed, and runs are alive',
    () =>
      running(pair)
        .start('a')
        .next()
        .done('a')
        .start('b')
        .next()
        .completed('b')
        .event('group_completed')
        .next(),
  ],
];

/** I2, I4, I9 and §5, at starts and skips. */
export const STARTS: readonly Illegal[] = [
  [
    'I4',
    'a starts, and has settled as completed',
    () => running(pair).start('a').done('a').next().start('a').next(),
  ],
  ['I6', 'a starts in a group that is pausing', () => running().pausing().start('a').next()],
  ['I2', 'b starts, and its trigger is not satisfied', () => running(definition()).start('b').next()],
  [
    'I9',
    'a starts at 1000000 of 1000000',
    () =>
      running({ ...limited, sessions: [session('a'), session('b')] })
        .start('b', { capUsd: 1 })
        .spend('b', 1)
        .done('b', 1)
        .start('a')
        .next(),
  ],
  [
    '§7 holds',
    'a starts, and a person holds it',
    () =>
      running()
        .start('a')
        .next()
        .ask('pauseSession', { session: 'a' })
        .next()
        .agentEnd('a', 'interrupted')
        .event('session_paused', { sessionId: 'a' })
        .next()
        .resume('a')
        .next(),
  ],
  [
    '§5 retries',
    'ms before its retry is due',
    () =>
      running()
        .start('a')
        .next()
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a')
        .next(500)
        .resume('a')
        .next(),
  ],
  [
    '§5 quota',
    'ms before its account opens',
    () => {
      const scene = running().start('a').next();
      return scene
        .limited('a', scene.at + HOUR, scene.at + HOUR)
        .next(1_000)
        .resume('a')
        .next();
    },
  ],
  [
    '§5 order',
    'b starts before a',
    () =>
      running(definition({ maxConcurrent: 1, sessions: [session('a', { priority: 1 }), session('b')] }))
        .start('b')
        .next(),
  ],
  [
    '§5 order',
    'b starts before a',
    () =>
      running(definition({ maxConcurrent: 1, sessions: [session('a'), session('b')] }))
        .start('b')
        .next(),
  ],
  [
    '§5 order',
    'b starts before a',
    () =>
      running(
        definition({
          maxConcurrent: 1,
          sessions: [session('b'), session('a', { estimateMs: 9 }), after('c', 'a')],
        }),
      )
        .start('b')
        .next(),
  ],
  [
    '§5 those in play first',
    'b starts before a',
    () =>
      running({ ...pair, maxConcurrent: 1 })
        .start('a')
        .next()
        .ask('pause')
        .paused('manual', 'a')
        .next()
        .ask('resume')
        .event('group_resumed')
        .start('b')
        .next(),
  ],
  [
    '§5 skips',
    'a is skipped, and is in play',
    () => running().start('a').next().skipped('a', 'not_needed', ['b']).next(),
  ],
  [
    '§4 stop',
    'b is skipped by a stop of a running group',
    () => running(definition()).skipped('b', 'group_stopped', []).next(),
  ],
  [
    '§5 skips',
    'b is skipped by a stop because of a',
    () =>
      running(definition())
        .ask('stop')
        .event('group_stopping', { reason: 'manual' })
        .skipped('b', 'group_stopped', ['a'])
        .next(),
  ],
  [
    '§5 skips',
    'its dependencies had decided it',
    () => running(definition()).start('a').fail('a').ask('stop').stopping('b').next(),
  ],
  [
    '§5 skips',
    'b is skipped as not_needed, and could still start',
    () => running(definition()).skipped('b', 'not_needed', ['a']).next(),
  ],
  [
    '§5 skips',
    'b is skipped as not_needed, expected upstream_failed',
    () => running(definition()).start('a').fail('a').skipped('b', 'not_needed', ['a']).next(),
  ],
  [
    '§5 because',
    'b is skipped because of [c], violated are [a]',
    () =>
      running(definition({ sessions: [session('a'), after('b', 'a'), session('c')] }))
        .start('a')
        .fail('a')
        .skipped('b', 'upstream_failed', ['c'])
        .next(),
  ],
  [
    '§5 cascade',
    'session_started comes before the skip of b',
    () =>
      running(definition({ sessions: [session('a'), after('b', 'a'), session('c')] }))
        .start('a')
        .fail('a')
        .start('c')
        .next(),
  ],
  [
    '§5 cascade',
    'group_paused comes before the skip of b',
    () =>
      running(definition())
        .start('a')
        .next()
        .ask('pause')
        .pausing()
        .fail('a')
        .event('group_paused', { reason: 'manual' })
        .next(),
  ],
  [
    '§5 triggers',
    'b is told that a is resolved',
    () => running(definition()).event('dependency_resolved', { sessionId: 'b', dependency: 'a' }).next(),
  ],
];

/** I8, I9 and §6. */
export const MONEY: readonly Illegal[] = [
  ['I9', 'a starts without a cap, 1000000 are left', () => running(limited).start('a').next()],
  [
    'I9',
    'a may spend 2000000, and 1000000 are left',
    () => running(limited).start('a', { capUsd: 2 }).next(),
  ],
  [
    'I9',
    'a may spend 600000, and 500000 are left',
    () =>
      running(definition({ sessions: [session('a', { limitMicroUsd: 500_000 })] }))
        .start('a', { capUsd: 0.6 })
        .next(),
  ],
  [
    'I8',
    'a cost 1000000 when it ended, and costs 500000',
    () => running(pair).start('a').spend('a', 1).done('a', 1).next().progress('a', 0.5).next(),
  ],
  [
    'I8',
    'a costs 2000000, and its agents have spent 1000000',
    () => running().start('a').spend('a', 1).next().progress('a', 2).next(),
  ],
  [
    'I8',
    'a costs 0, and its agents have told of 1000000',
    () => running().start('a').spend('a', 1).next().done('a', 0).next(),
  ],
  [
    '§6',
    'budget_exceeded at 2000000, spent are 1000000',
    () =>
      running(limited)
        .start('a', { capUsd: 1 })
        .spend('a', 1)
        .event('budget_exceeded', { usageUsd: 2, limitUsd: 1, action: 'pause' })
        .next(),
  ],
  [
    '§6',
    'budget_warning without a limit',
    () => running().event('budget_warning', { usageUsd: 0, limitUsd: 1 }).next(),
  ],
  [
    '§6',
    'budget_exceeded at 500000 of 1000000',
    () =>
      running(limited)
        .start('a', { capUsd: 1 })
        .spend('a', 0.5)
        .event('budget_exceeded', { usageUsd: 0.5, limitUsd: 1, action: 'pause' })
        .next(),
  ],
  [
    '§6',
    'budget_warning comes twice for 1000000',
    () =>
      running({ ...limited, warningThreshold: 0.5 })
        .start('a', { capUsd: 1 })
        .spend('a', 0.5)
        .event('budget_warning', { usageUsd: 0.5, limitUsd: 1 })
        .event('budget_warning', { usageUsd: 0.5, limitUsd: 1 })
        .next(),
  ],
  [
    '§6',
    'budget_warning at 100000 of 1000000',
    () =>
      running({ ...limited, warningThreshold: 0.5 })
        .start('a', { capUsd: 1 })
        .spend('a', 0.1)
        .event('budget_warning', { usageUsd: 0.1, limitUsd: 1 })
        .next(),
  ],
  [
    'I9',
    'still running at 1000000 of 1000000',
    () => running(limited).start('a', { capUsd: 1 }).spend('a', 1).next(),
  ],
  [
    '§6',
    'no budget_exceeded at 1000000 of 1000000',
    () =>
      running({ ...limited, onBudgetExceeded: 'warn' })
        .start('a')
        .spend('a', 1)
        .next(),
  ],
  [
    '§6',
    'no budget_warning at 800000 of 1000000',
    () =>
      running({ ...limited, warningThreshold: 0.5 })
        .start('a', { capUsd: 1 })
        .spend('a', 0.8)
        .next(),
  ],
  [
    '§6 pause',
    'paused over its budget at 0 of 1000000',
    () => running(limited).pausing('budget_exceeded').next(),
  ],
];

/** I14, §5 permissions and I10 for starts. */
export const CONVERSATIONS: readonly Illegal[] = [
  [
    'I14',
    'a is resumed in other, its conversation is c-a',
    () =>
      running()
        .start('a')
        .next()
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a')
        .next(1_000)
        .journalStart('a', { agentSessionId: 'other' }, true)
        .next(),
  ],
  [
    '§7 fresh',
    'a is resumed, and was retried afresh',
    () =>
      running(pair)
        .start('a')
        .fail('a')
        .start('b')
        .done('b')
        .event('group_failed', { reason: 'sessions_failed' })
        .next()
        .ask('retry', { fresh: true })
        .event('group_retried', { sessions: ['a'], fresh: true })
        .resume('a')
        .next(),
  ],
  [
    '§7 fresh',
    'a starts afresh in the conversation it had',
    () =>
      running(pair)
        .start('a')
        .fail('a')
        .start('b')
        .done('b')
        .event('group_failed', { reason: 'sessions_failed' })
        .next()
        .ask('retry', { fresh: true })
        .event('group_retried', { sessions: ['a'], fresh: true })
        .start('a')
        .next(),
  ],
  ['I10', 'attempt 1 of a runs, and the journal does not say so', () => running().agentStart('a').next()],
  [
    'I14',
    'a runs in other, the journal says c-a',
    () => running().journalStart('a').agentStart('a', { conversation: 'other' }).next(),
  ],
  [
    'I14',
    'a goes on, the journal says otherwise',
    () => running().journalStart('a').agentStart('a', { resumes: true }).next(),
  ],
  [
    'I14',
    'a starts over, and its conversation c-a had begun',
    () =>
      running()
        .start('a')
        .spend('a', 1)
        .next()
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a')
        .next(1_000)
        .journalStart('a', { agentSessionId: 'new' })
        .agentStart('a', { conversation: 'new' })
        .next(),
  ],
  ['I14', 'a is resumed, and has never started', () => running().resume('a').next()],
  [
    '§5 permissions',
    'an answer to q, which nobody asked',
    () => running().start('a').see({ kind: 'agent.heard', run: 1, requestId: 'q', decision: 'deny' }).next(),
  ],
  [
    '§5 permissions',
    'q is answered twice',
    () =>
      asking()
        .see({ kind: 'agent.heard', run: 1, requestId: 'q', decision: 'deny' })
        .see({ kind: 'agent.heard', run: 1, requestId: 'q', decision: 'deny' })
        .next(),
  ],
  [
    '§5 permissions',
    'q is answered twice',
    () =>
      asking()
        .event('approval_answered', answered('deny'))
        .event('approval_answered', answered('deny'))
        .next(),
  ],
  [
    '§5 permissions',
    'a asks a person, by deny',
    () =>
      running({ ...solo, onRequest: 'deny' })
        .start('a')
        .see({ kind: 'agent.asked', run: 1, requestId: 'q' })
        .event('approval_requested', { sessionId: 'a', requestId: 'q', tool: 'Write' })
        .next(),
  ],
  [
    '§5 permissions',
    'a has not asked for q',
    () =>
      running()
        .start('a')
        .event('approval_requested', { sessionId: 'a', requestId: 'q', tool: 'Write' })
        .next(),
  ],
  [
    '§5 permissions',
    'q is answered, and was not published',
    () => running().start('a').event('approval_answered', answered('deny')).next(),
  ],
  [
    '§5 permissions',
    'q is allowed, and nobody has allowed it',
    () => asking().see({ kind: 'agent.heard', run: 1, requestId: 'q', decision: 'allow' }).next(),
  ],
  [
    '§5 permissions',
    'q was allowed, and its agent heard deny',
    () =>
      asking()
        .ask('answer', { requestId: 'q' })
        .event('approval_answered', answered('allow'))
        .see({ kind: 'agent.heard', run: 1, requestId: 'q', decision: 'deny' })
        .next(),
  ],
];

const answered = (decision: string) => ({ sessionId: 'a', requestId: 'q', decision, by: 'someone' });
function asking(): Scene {
  const scene = running().start('a').see({ kind: 'agent.asked', run: 1, requestId: 'q' });
  return scene.event('approval_requested', { sessionId: 'a', requestId: 'q', tool: 'Write' }).next();
}
