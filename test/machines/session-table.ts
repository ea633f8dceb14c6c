import type { SessionInput } from '../../machines/contract.ts';
import type { ErrorCode } from '../../machines/vocabulary.ts';
import { type Happening, START } from '../support/session-chart.ts';
import { type Row, treeWork } from './tree-table.ts';

/** The session table of design-docs/statecharts.md, with what the code adds to it on purpose. */

const error = (code: ErrorCode) => ({ code, message: code });
const failed = (code: ErrorCode = 'server_error'): Happening => ({
  type: 'agent.failed',
  error: error(code),
});
const loggedOut = failed('authentication_failed');
const timeout = (code: ErrorCode = 'idle_timeout'): Happening => ({ type: 'timeout', error: error(code) });
const capped: Happening = { type: 'agent.failed', error: error('session_budget'), cappedByGroup: true };
const done: Happening = { type: 'agent.done', denials: 0 };
const denied: Happening = { type: 'agent.done', denials: 1 };
const ended: Happening = { type: 'agent.ended' };
const unstarted: Happening = { type: 'agent.unstarted' };
const limited: Happening = { type: 'agent.limited', until: START + 3_600_000, message: 'limit' };
const asks = (requestId: string): Happening => ({ type: 'agent.approval', requestId, tool: 'Bash' });
const answers = (requestId: string): Happening => ({
  type: 'approval.answer',
  requestId,
  decision: 'allow',
  by: 'me',
});
const waits: Happening = { type: 'message.waits' };
const doneEarly: Happening = { type: 'agent.done', denials: 0, waiting: 1 };
const continues = ['announceGoingOn', 'show pending', 'session.yielded continue', 'session.ready'];
const placing: Happening = { type: 'agent.waits' };
const placed: Happening = { type: 'agent.placed' };
const lost: Happening = { type: 'agent.lost' };
const returned: Happening = { type: 'agent.lost', returned: true };
const withdrew = (requestId: string): Happening => ({ type: 'agent.withdrew', requestId });
const pause: Happening = { type: 'pause' };
const stop: Happening = { type: 'stop' };
const resume: Happening = { type: 'resume' };
const granted: Happening = { type: 'slot.granted' };

const retry = ['announceRetry', 'show retrying', 'session.yielded retry'];
const quota = ['announceLimit', 'show quota_wait', 'session.yielded quota'];
const settles = (status: string) => [`show ${status}`, `session.settled ${status}`];
const pauses = ['show paused', 'session.yielded pause'];
const unavailable = ['announceUnavailable', 'show paused', 'agent.unavailable', 'session.yielded pause'];
const queues = ['show pending', 'session.ready'];
const interrupts = ['show interrupting', 'ask'];
const once = { retry: { ...({} as SessionInput['retry']), maximumAttempts: 1, nonRetryableErrorTypes: [] } };

/** The states in which an attempt is live and nobody interrupts it. */
const working: readonly { readonly path: Happening[]; readonly leaves: readonly string[] }[] = [
  { path: [], leaves: [] },
  { path: [asks('1')], leaves: ['requestForgotten'] },
  { path: [asks('1'), answers('1')], leaves: [] },
  { path: [placing], leaves: [] },
  { path: [placing, placed], leaves: [] },
];

const whileWorking: Row[] = working.flatMap(({ path, leaves }): Row[] => [
  { path, event: done, to: 'completed', does: [...leaves, ...settles('completed')] },
  { path, event: doneEarly, to: 'queued', does: [...leaves, ...continues] },
  { path, event: denied, to: 'failed', does: [...leaves, ...settles('failed')] },
  {
    path,
    event: denied,
    to: 'completed',
    does: [...leaves, ...settles('completed')],
    input: { failOnDenial: false },
  },
  { path, event: limited, to: 'quotaWait', does: [...leaves, ...quota] },
  { path, event: failed(), to: 'retrying', does: [...leaves, ...retry] },
  { path, event: failed(), to: 'failed', does: [...leaves, ...settles('failed')], input: { failures: 2 } },
  { path, event: failed('max_turns'), to: 'failed', does: [...leaves, ...settles('failed')] },
  { path, event: failed('empty_result'), to: 'retrying', does: [...leaves, ...retry] },
  { path, event: failed('empty_result'), to: 'retrying', does: [...leaves, ...retry], input: once },
  {
    path,
    event: failed('empty_result'),
    to: 'failed',
    does: [...leaves, ...settles('failed')],
    input: { askedToGoOn: true },
  },
  { path, event: failed('billing_error'), to: 'paused', does: [...leaves, ...unavailable] },
  { path, event: loggedOut, to: 'paused', does: [...leaves, ...unavailable], input: { failures: 2 } },
  {
    path,
    event: loggedOut,
    to: 'failed',
    does: [...leaves, ...settles('failed')],
    input: { ownLogin: true },
  },
  { path, event: ended, to: 'retrying', does: [...leaves, ...retry] },
  { path, event: ended, to: 'failed', does: [...leaves, ...settles('failed')], input: once },
  { path, event: lost, to: 'retrying', does: [...leaves, ...retry] },
  { path, event: lost, to: 'retrying', does: [...leaves, ...retry], input: { ...once, losses: 2 } },
  { path, event: lost, to: 'retrying', does: [...leaves, ...retry], input: { losses: 3 } },
  { path, event: lost, to: 'failed', does: [...leaves, ...settles('failed')], input: { ...once, losses: 3 } },
  {
    path,
    event: returned,
    to: 'retrying',
    does: [...leaves, ...retry],
    input: { ...once, losses: 3 },
  },
  { path, event: capped, to: 'retrying', does: [...leaves, ...retry] },
  { path, event: capped, to: 'retrying', does: [...leaves, ...retry], input: { failures: 2 } },
  { path, event: pause, to: 'asking', does: [...leaves, ...interrupts] },
  { path, event: stop, to: 'asking', does: [...leaves, ...interrupts] },
  { path, event: timeout(), to: 'asking', does: [...leaves, ...interrupts] },
]);

/** The ladder of an interruption, by what it is for. */
const ladder = (first: Happening): Happening[][] => [[first], [first, 'grace'], [first, 'grace', 'grace']];
const RUNGS = ['asking', 'terminating', 'killing'];

const interrupted: Row[] = [
  ...[pause, stop, timeout()].flatMap(first =>
    ladder(first).flatMap((path, rung): Row[] => [
      { path, event: done, to: 'completed', does: settles('completed') },
      { path, event: denied, to: 'failed', does: settles('failed') },
      {
        path,
        event: denied,
        to: 'completed',
        does: settles('completed'),
        input: { failOnDenial: false },
      },
      {
        path,
        event: 'grace',
        to: RUNGS[rung + 1] ?? 'killing',
        does: [rung === 0 ? 'terminate' : 'kill'],
      },
      { path, event: timeout('attempt_timeout'), to: RUNGS[rung] ?? '', does: [] },
    ]),
  ),
  ...ladder(stop).flatMap((path, rung): Row[] => [
    ...[ended, lost, returned, failed(), failed('max_turns'), loggedOut, limited, capped, unstarted].map(
      (event): Row => ({ path, event, to: 'stopped', does: settles('stopped') }),
    ),
    { path, event: pause, to: RUNGS[rung] ?? '', does: [] },
  ]),
  ...ladder(pause).flatMap((path, rung): Row[] => [
    { path, event: ended, to: 'paused', does: pauses },
    { path, event: lost, to: 'paused', does: pauses },
    { path, event: returned, to: 'paused', does: pauses },
    { path, event: placed, to: RUNGS[rung] ?? '', does: [] },
    { path, event: failed(), to: 'paused', does: pauses },
    { path, event: doneEarly, to: 'paused', does: pauses },
    { path, event: failed('max_turns'), to: 'failed', does: settles('failed') },
    { path, event: loggedOut, to: 'paused', does: unavailable },
    { path, event: loggedOut, to: 'failed', does: settles('failed'), input: { ownLogin: true } },
    { path, event: limited, to: 'paused', does: ['announceLimit', ...pauses] },
    { path, event: capped, to: 'paused', does: pauses },
    { path, event: unstarted, to: 'paused', does: pauses },
    { path: [...path, stop], event: ended, to: 'stopped', does: settles('stopped') },
    { path, event: stop, to: RUNGS[rung] ?? '', does: [] },
  ]),
  ...ladder(timeout()).flatMap((path, rung): Row[] => [
    { path, event: ended, to: 'retrying', does: retry },
    { path, event: lost, to: 'retrying', does: retry },
    { path, event: lost, to: 'failed', does: settles('failed'), input: { failures: 2 } },
    { path, event: doneEarly, to: 'queued', does: continues },
    { path, event: failed('max_turns'), to: 'retrying', does: retry },
    { path, event: loggedOut, to: 'retrying', does: retry },
    { path, event: limited, to: 'quotaWait', does: quota },
    { path, event: ended, to: 'failed', does: settles('failed'), input: { failures: 2 } },
    { path: [...path, pause], event: ended, to: 'paused', does: pauses },
    { path: [...path, stop], event: ended, to: 'stopped', does: settles('stopped') },
    { path, event: pause, to: RUNGS[rung] ?? '', does: [] },
  ]),
  ...ladder(timeout('attempt_timeout')).flatMap((path): Row[] =>
    [ended, failed(), capped].map(event => ({ path, event, to: 'failed', does: settles('failed') })),
  ),
];

const toQueued: Happening[] = [failed(), 'deadline'];
const waiting: Row[] = [
  ...[failed(), limited].flatMap((first): Row[] => [
    { path: [first], event: 'deadline', to: 'queued', does: queues },
    { path: [first], event: pause, to: 'paused', does: pauses },
    { path: [first], event: stop, to: 'stopped', does: settles('stopped') },
    {
      path: [first],
      event: granted,
      to: first === limited ? 'quotaWait' : 'retrying',
      does: ['session.yielded pause'], // a late slot goes back
    },
  ]),
  { path: toQueued, event: granted, to: 'working', does: ['startAttempt'] },
  { path: toQueued, event: pause, to: 'paused', does: pauses },
  { path: toQueued, event: stop, to: 'stopped', does: settles('stopped') },
  { path: [...toQueued, pause], event: resume, to: 'queued', does: queues },
  { path: [...toQueued, pause], event: stop, to: 'stopped', does: settles('stopped') },
  { path: [...toQueued, pause], event: granted, to: 'paused', does: ['session.yielded pause'] },
];

const approvals: Row[] = [
  { path: [], event: waits, to: 'working', does: ['handMessages'] },
  { path: [asks('1')], event: waits, to: 'awaitingApproval', does: ['handMessages'] },
  { path: [], event: asks('1'), to: 'awaitingApproval', does: ['show awaiting_approval', 'requestNoted'] },
  {
    path: [asks('1')],
    event: answers('1'),
    to: 'answered',
    does: ['requestForgotten', 'answer', 'show running'],
  },
  { path: [asks('1')], event: answers('2'), to: 'awaitingApproval', does: [] },
  {
    path: [asks('1')],
    event: asks('2'),
    to: 'awaitingApproval',
    does: ['requestForgotten', 'show awaiting_approval', 'requestNoted'],
  },
  { path: [asks('1')], event: withdrew('1'), to: 'answered', does: ['requestForgotten', 'show running'] },
  { path: [asks('1')], event: withdrew('2'), to: 'awaitingApproval', does: [] },
  {
    path: [asks('1'), answers('1')],
    event: asks('2'),
    to: 'awaitingApproval',
    does: ['show awaiting_approval', 'requestNoted'],
  },
];

const adopted = { adopted: true };
/** Carried out elsewhere. */
const elsewhere: Row[] = [
  { path: [], event: placing, to: 'placing', does: ['show placing'] },
  { path: [placing], event: placed, to: 'placed', does: ['show running'] },
  { path: [], event: placed, to: 'placed', does: ['show running'] },
  { path: [], event: waits, to: 'adopted', does: ['handMessages'], input: adopted },
  { path: [], event: placing, to: 'placing', does: ['show placing'], input: adopted },
  { path: [], event: done, to: 'completed', does: settles('completed'), input: adopted },
  { path: [], event: lost, to: 'retrying', does: retry, input: adopted },
  { path: [], event: pause, to: 'asking', does: interrupts, input: adopted },
  { path: [lost, 'deadline'], event: granted, to: 'working', does: ['startAttempt'], input: adopted },
];

const unprepared = { prepared: false };
/** The journal could not take its start. */
const unannounced: Row[] = [
  { path: [], event: unstarted, to: 'paused', does: pauses },
  { path: [asks('1')], event: unstarted, to: 'awaitingApproval', does: [] }, // it has started
];

const preparing: Row[] = [
  { path: [], event: 'prepared', to: 'working', does: ['startAttempt'], input: unprepared },
  { path: [], event: 'unprepared', to: 'failed', does: settles('failed'), input: unprepared },
  { path: [], event: timeout(), to: 'failed', does: settles('failed'), input: unprepared },
  { path: [], event: pause, to: 'paused', does: pauses, input: unprepared },
  { path: [], event: stop, to: 'stopped', does: settles('stopped'), input: unprepared },
];

/** What a state does not list is ignored, and a settled session stays settled (I4). */
const ALL: readonly Happening[] = [
  pause,
  stop,
  resume,
  timeout(),
  done,
  ended,
  lost,
  placed,
  failed(),
  limited,
  capped,
  unstarted,
  asks('9'),
  withdrew('9'),
  answers('9'),
];
const settled: Row[] = [done, failed('max_turns')].flatMap((first, at) =>
  ALL.map(event => ({ path: [first], event, to: at === 0 ? 'completed' : 'failed', does: [] })),
);
const ignored: Row[] = [
  ...[resume, answers('9'), withdrew('9')].map(event => ({ path: [], event, to: 'working', does: [] })),
  ...[done, ended, failed(), limited, timeout(), resume].map(event => ({
    path: [failed()],
    event,
    to: 'retrying',
    does: [],
  })),
  ...[done, ended, failed(), timeout(), pause].map(event => ({
    path: [...toQueued, pause],
    event,
    to: 'paused',
    does: [],
  })),
];

export const ROWS: readonly Row[] = [
  ...treeWork,
  ...preparing,
  ...unannounced,
  ...whileWorking,
  ...interrupted,
  ...waiting,
  ...approvals,
  ...elsewhere,
  ...settled,
  ...ignored,
];
