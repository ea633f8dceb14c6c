import { after, definition, type Scene, session } from '../scene.ts';
import { created, type Illegal, pair, running, updated } from './illegal.ts';

const grown = definition({ sessions: [session('a'), session('b')] });
const archived = (): Scene => created().ask('archive').event('group_archived').next();

/** §3, §4, §6 and §7: what requests may ask for, and bring about. */
export const OUTCOMES: readonly Illegal[] = [
  [
    '§4 archived',
    'an update by handle is accepted, and the group is archived',
    () =>
      archived()
        .ask('update', { change: { kind: 'add', session: { id: 'b' } } })
        .event('group_updated', updated({ added: ['b'] }))
        .event('session_added', { sessionId: 'b' })
        .define(grown)
        .next(),
  ],
  [
    '§4 archived',
    'update by handle is refused with archived, and the group is not',
    () => created().ask('update', {}, 'archived').next(),
  ],
  [
    '§6',
    'setMaxBudget by handle is accepted with a limit of -1',
    () => created().ask('setMaxBudget', { usd: -1 }).next(),
  ],
  [
    '§14',
    'an update by handle is refused with sessions_in_the_way, and nothing is in the way',
    () =>
      created()
        .ask('update', { change: { kind: 'remove', session: 'a' } }, 'sessions_in_the_way')
        .next(),
  ],
  [
    '§7 order',
    'pause is accepted as if stop had not been called before it',
    () => {
      const scene = running(pair).next();
      const [stop, pause] = [scene.request('stop'), scene.request('pause')];
      return scene.pausing().stopping('a', 'b').answer(pause).answer(stop).next();
    },
  ],
  [
    '§7 order',
    'pause is refused with not_in_this_state as if stop had been called before it',
    () => {
      const scene = running(pair).next();
      const [pause, stop] = [scene.request('pause'), scene.request('stop')];
      return scene.stopping('a', 'b').answer(pause, 'not_in_this_state').answer(stop).next();
    },
  ],
  [
    '§7 retry',
    'b is not retried',
    () =>
      running(pair)
        .start('a')
        .fail('a')
        .start('b')
        .fail('b')
        .event('group_failed', { reason: 'x' })
        .next()
        .ask('retry')
        .event('group_retried', { sessions: ['a'] })
        .next(),
  ],
  [
    '§7 retry',
    'c is not retried',
    () => {
      const chain = definition({ sessions: [session('a'), after('b', 'a'), after('c', 'b')] });
      const scene = running(chain).start('a').fail('a');
      scene.skipped('b', 'upstream_failed', ['a']).skipped('c', 'upstream_failed', ['b']);
      scene
        .event('group_failed', { reason: 'sessions_failed' })
        .next()
        .ask('retry', { sessions: ['a'] });
      return scene.event('group_retried', { sessions: ['a', 'b'] }).next();
    },
  ],
];
