import { definition, type Scene, session } from '../scene.ts';
import { type Illegal, pair, running, solo, updated } from './illegal.ts';

/** The failed one of the pair has been retried in a new conversation. */
const afresh = (): Scene =>
  running(pair)
    .start('a')
    .fail('a')
    .start('b')
    .done('b')
    .event('group_failed', { reason: 'sessions_failed' })
    .next()
    .ask('retry', { fresh: true })
    .event('group_retried', { sessions: ['a'], fresh: true });

const answered = (decision: string) => ({ sessionId: 'a', requestId: 'q', decision, by: 'someone' });

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
  ['§7 fresh', 'a is resumed, and was retried afresh', () => afresh().resume('a').next()],
  ['§7 fresh', 'a starts afresh in the conversation it had', () => afresh().start('a').next()],
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
  [
    '§5 permissions',
    'a waits for q, by deny',
    () =>
      running({ ...solo, onRequest: 'deny' })
        .start('a')
        .see({ kind: 'agent.asked', run: 1, requestId: 'q' })
        .next(),
  ],
  [
    '§5 permissions',
    'a asks for q, and no person is told',
    () => running().start('a').see({ kind: 'agent.asked', run: 1, requestId: 'q' }).next(),
  ],
  [
    '§5 permissions',
    'q waits for an answer for 1900000 ms',
    () => asking().next(1_900_000).spend('a', 0).next(),
  ],
  [
    '§7 fresh',
    'a has moved, and keeps the conversation that it had elsewhere',
    () => {
      const scene = running().start('a').fail('a').event('group_failed', { reason: 'x' }).next();
      const id = scene.request('update', { change: { kind: 'change', session: 'a' } });
      const moved = definition({ sessions: [session('a', { project: 'elsewhere' })] });
      return scene
        .event('group_updated', updated({ changed: ['a'] }))
        .answer(id)
        .define(moved)
        .next();
    },
  ],
  [
    'I15',
    'resume by handle is accepted, and the limit that it brings is not set',
    () =>
      running()
        .start('a')
        .next()
        .paused('manual', 'a')
        .next()
        .ask('resume', { usd: 7 })
        .event('group_resumed')
        .next(),
  ],
];

function asking(): Scene {
  const scene = running().start('a').see({ kind: 'agent.asked', run: 1, requestId: 'q' });
  return scene.event('approval_requested', { sessionId: 'a', requestId: 'q', tool: 'Write' }).next();
}
