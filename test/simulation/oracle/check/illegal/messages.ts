import type { Scene } from '../scene.ts';
import { created, type Illegal, pair, running } from './illegal.ts';

const message = (messageId: string, sessionId = 'a') => ({
  sessionId,
  messageId,
  text: 'Go left.',
  by: 'api',
});
const fate = (messageId: string, sessionId = 'a') => ({ sessionId, messageId });
const took = (scene: Scene, messageId: string, session = 'a'): Scene =>
  scene.see({ kind: 'agent.took', run: scene.runOf(session), session, messageId });
const sent = (scene: Scene, ...ids: string[]): Scene => {
  for (const id of ids) scene.event('message_sent', message(id));
  return scene;
};

/** §7: messages of people. */
export const MESSAGES: readonly Illegal[] = [
  [
    '§7 messages',
    'a is handed m again, which the journal has as over',
    () => {
      const scene = took(sent(running().start('a').next(), 'm').next(), 'm').event(
        'message_delivered',
        fate('m'),
      );
      return took(scene.next(), 'm').next();
    },
  ],
  [
    '§7 messages',
    'message_delivered of m, which does not wait for a',
    () => running().start('a').next().event('message_delivered', fate('m')).next(),
  ],
  [
    '§7 messages',
    'n is delivered before m',
    () =>
      took(sent(running().start('a').next(), 'm', 'n'), 'n')
        .event('message_delivered', fate('n'))
        .next(),
  ],
  [
    '§7 messages',
    'm is delivered, and no agent has it',
    () => sent(running().start('a').next(), 'm').event('message_delivered', fate('m')).next(),
  ],
  [
    '§7 messages',
    'm is told as undelivered, and the agent of a has it',
    () =>
      took(sent(running().start('a').next(), 'm'), 'm')
        .event('message_undelivered', fate('m'))
        .next(),
  ],
  [
    '§7 messages',
    'a completes, and m had come meanwhile',
    () => sent(running().start('a').next(), 'm').event('message_undelivered', fate('m')).done('a').next(),
  ],
  [
    '§7 messages',
    'a message to a of a group that is stopping',
    () => sent(running().start('a').next().stopping(), 'm').next(),
  ],
  [
    '§7 messages',
    'a message to a, which has settled',
    () => sent(running(pair).start('a').start('b').next().done('a').next(), 'm').next(),
  ],
  [
    '§7 messages',
    '17 messages wait for a',
    () => sent(running().start('a').next(), ...Array.from({ length: 17 }, (_, index) => `m${index}`)).next(),
  ],
  [
    '§7 messages',
    'session_completed of a, and m waits',
    () => sent(running().start('a').next(), 'm').next().done('a').next(),
  ],
  [
    '§14',
    'a message to a is refused, and it could take one',
    () => running().start('a').next().ask('send', { session: 'a' }, 'message_refused').next(),
  ],
  [
    'I10',
    'an agent has the message m, and the journal does not',
    () => took(running().start('a').next(), 'm').next(),
  ],
  ['I15', 'no message is journalled', () => running().start('a').next().ask('send', { session: 'a' }).next()],
];

/** §7: holds before the start. */
export const HOLDS: readonly Illegal[] = [
  [
    '§7 holds',
    'session_paused of a, which has not started',
    () => created().next().event('session_paused', { sessionId: 'a' }).next(),
  ],
  [
    'I13',
    'a person holds it',
    () =>
      running(pair)
        .start('b')
        .next()
        .ask('pauseSession', { session: 'a' })
        .next()
        .picture('running', { a: { why: 'waiting to start (1 of 9 slots busy)' } })
        .next(),
  ],
];
