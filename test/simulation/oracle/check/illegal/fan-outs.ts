import { after, definition, type Scene, session } from '../scene.ts';
import { created, type Illegal, running, updated } from './illegal.ts';

const audit = (...forEach: string[]) => session('audit', { forEach });
const group = (...values: string[]) =>
  definition({
    sessions: [audit(...values), { ...after('report', 'audit', 'settled'), reads: 'audit' }],
    errorThreshold: 9,
  });

/** What has become of `audit.web` and `audit.api`. */
const TOLD = '1 of 2 sessions completed.';
const WEB = '## audit.web (web): completed\n\ndone';
const API = '## audit.api (api): failed\n\nno';
const IDS = ['audit.web', 'audit.api'];

/** One of two has failed; who reads them is told this. */
const reading = (...prompt: string[]): Scene => {
  const scene = running({ ...group('web', 'api'), maxPerProject: 2 });
  scene.event('dependency_waiting', { sessionId: 'report', waitingFor: IDS });
  scene.start('audit.web').start('audit.api').next().done('audit.web').fail('audit.api');
  for (const dependency of IDS) scene.event('dependency_resolved', { sessionId: 'report', dependency });
  return scene
    .next()
    .start('report', { prompt: prompt.join('\n\n') })
    .next();
};

/** `web` has the id `audit.web`; `Web` comes, and is given the other one. */
const clashing = (of: string, shown: string): Scene => {
  const scene = created(group('web'));
  const id = scene.request('update', { change: { kind: 'values' } });
  scene.define(group('Web', 'web'));
  scene.event('group_updated', updated({ added: ['audit.web-1f'], changed: ['report'] }));
  scene.event('session_added', { sessionId: 'audit.web-1f' }).answer(id).next();
  const forEach = (value: string) => ({ forEach: { of, value } });
  const why = 'not started';
  const sessions = {
    'audit.web-1f': { why, ...forEach('Web') },
    'audit.web': { why, ...forEach(shown) },
    report: { why },
  };
  return scene.picture('created', sessions).next();
};

/** §3 and §9: fan-outs. */
export const FAN_OUTS: readonly Illegal[] = [
  ['§9', 'report is told "## audit.web (web): completed', () => reading(WEB, API)],
  ['§9', 'report is told nothing of audit.api, which is failed', () => reading(TOLD, WEB)],
  [
    '§9',
    'report is told completed of audit.api, which is failed',
    () => reading(TOLD, WEB, API.replace('failed', 'completed')),
  ],
  ['§9', 'report is told that audit.web is for api', () => reading(TOLD, WEB.replace('(web)', '(api)'), API)],
  [
    '§9',
    'report is told "no" by audit.web, which said done',
    () => reading(TOLD, WEB.replace('\ndone', '\nno'), API),
  ],
  ['§3 fan-outs', 'handle shows audit.web for Web, and it is for web', () => clashing('audit', 'Web')],
  ['§3 fan-outs', 'handle shows audit.web for web, and it is for web', () => clashing('tests', 'web')],
  [
    '§14',
    'retry of audit is refused as unknown',
    () =>
      reading(TOLD, WEB, API)
        .ask('retry', { sessions: ['audit'] }, 'unknown_session')
        .next(),
  ],
  [
    '§7 retry',
    'audit.api is not retried',
    () => {
      const scene = reading(TOLD, WEB, API)
        .done('report')
        .event('group_failed', { reason: 'session_failed' });
      const id = scene.next().request('retry', { sessions: ['audit'] });
      return scene.event('group_retried', { sessions: [] }).answer(id).next();
    },
  ],
  [
    '§14',
    'audit.web is running, and cannot be paused',
    () =>
      running({ ...group('web', 'api'), maxPerProject: 2 })
        .start('audit.web')
        .start('audit.api')
        .next()
        .ask('pauseSession', { session: 'audit' }, 'session_not_pausable')
        .next(),
  ],
];

/** What keeps the rules. */
export const FANNED_OUT: readonly (readonly [name: string, scene: () => Scene])[] = [
  [
    'a fan-out of which one fails, and that is read, held and retried by its name',
    () => {
      const scene = reading(TOLD, WEB, API).ask('pauseSession', { session: 'audit' }, 'session_not_pausable');
      scene.next().done('report').event('group_failed', { reason: 'session_failed' }).next();
      const id = scene.request('retry', { sessions: ['audit'] });
      scene
        .event('group_retried', { sessions: ['audit.api'] })
        .answer(id)
        .start('audit.api')
        .next();
      scene.ask('pauseSession', { session: 'audit' }).next();
      scene.agentEnd('audit.api', 'interrupted').event('session_paused', { sessionId: 'audit.api' });
      scene.pausing('sessions_paused').event('group_paused', { reason: 'sessions_paused' }).next();
      return scene.ask('resumeSession', { session: 'audit' }).next();
    },
  ],
  ['values with the same slug', () => clashing('audit', 'web')],
];
