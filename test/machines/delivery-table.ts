import type { GroupMachineEvent } from '../../machines/contract.ts';
import type { SettledGroup } from '../../machines/vocabulary.ts';
import type { ExploredSetup } from '../support/explored-group.ts';
import {
  asked,
  child,
  exceeded,
  failed,
  type GroupRow,
  integrate,
  PATHS,
  pause,
  resume,
  stop,
} from './group-table.ts';

/** What the table says of deliveries: in the order of its lines. */

const INTO = { delivers: 'into' } as const;
const ASKED = { delivers: 'asked' } as const;
const done: GroupMachineEvent = { type: 'delivery.done' };
const ended: GroupMachineEvent = { type: 'delivery.ended' };
const conflict: GroupMachineEvent = { type: 'delivery.refused', reason: 'conflict' };
const into: GroupMachineEvent = { type: 'integrate', into: 'release' };
/** Of which one has failed, or which was stopped, or which has nothing left to deliver by itself. */
const SETTLED = ['completed', 'failed', 'stopped'] as const;
const REST = '#quota: group.left';

export const DELIVERY_ROWS: readonly GroupRow[] = [
  {
    name: 'once all have completed, the group delivers',
    path: [...PATHS.running, child('a', 'complete')],
    event: { type: 'session.settled', id: 'b', outcome: 'completed' },
    to: 'delivering',
    does: ['journalNotes', 'group_delivering', 'startDelivery'],
    setup: { delivers: 'into' },
  },
  {
    name: 'one that has failed does not',
    path: [...PATHS.running, child('a', 'complete')],
    event: failed('b'),
    to: 'failed',
    does: ['journalNotes', 'group_failed', '#quota: group.left'],
    setup: { delivers: 'into' },
  },
  {
    name: 'what is delivered completes the group',
    path: PATHS.delivering,
    event: { type: 'delivery.done' },
    to: 'completed',
    does: ['group_completed', '#quota: group.left'],
    setup: { delivers: 'into' },
  },
  {
    name: 'what is refused pauses it',
    path: PATHS.delivering,
    event: { type: 'delivery.refused', reason: 'conflict' },
    to: 'paused',
    does: ['group_pausing', 'journalNotes', 'group_paused', '#quota: group.left'],
    setup: { delivers: 'into' },
  },
  {
    name: 'a spent budget does not keep it from delivering',
    path: PATHS.delivering,
    event: exceeded,
    to: 'delivering',
    does: [],
    setup: { delivers: 'into', onBudget: 'stop' },
  },
  ...(
    [
      [pause, { type: 'delivery.ended' }, 'paused', 'group_paused'],
      [pause, { type: 'delivery.refused', reason: 'delivery_refused' }, 'paused', 'group_paused'],
      [pause, { type: 'delivery.done' }, 'completed', 'group_completed'],
      [stop, { type: 'delivery.ended' }, 'stopped', 'group_stopped'],
    ] as const
  ).map(
    ([request, event, to, said]): GroupRow => ({
      name: `a ${request.type} waits until the delivery has ended: ${event.type}`,
      path: [...PATHS.delivering, asked(request)],
      event,
      to,
      does: [said, '#quota: group.left'],
      setup: { delivers: 'into' },
    }),
  ),
  {
    name: 'a resume delivers again',
    path: [...PATHS.delivering, asked({ type: 'delivery.refused', reason: 'conflict' })],
    event: resume,
    to: 'delivering',
    does: [
      'accept',
      'group_resumed',
      'journalNotes',
      '#quota: group.running',
      'group_delivering',
      'startDelivery',
    ],
    setup: { delivers: 'into' },
  },

  ...SETTLED.flatMap((state): GroupRow[] => [
    {
      name: `a request delivers what has been merged in a group that has ${state}`,
      path: PATHS[state],
      event: into,
      to: 'delivering',
      does: ['accept', 'group_delivering', 'startDelivery'],
      setup: ASKED,
    },
    {
      name: `and needs a branch: ${state}`,
      path: PATHS[state],
      event: integrate,
      to: state,
      does: ['branch_required'],
      setup: ASKED,
    },
    ...[done, conflict].map(event => ({
      name: `after ${event.type} it is ${state} again`,
      path: [...PATHS[state], asked(into)],
      event,
      to: state,
      does: [`group_${state}`, REST],
      setup: ASKED,
    })),
    ...[pause, stop].flatMap(request => [
      {
        name: `a ${request.type} cuts that off: ${state}`,
        path: [...PATHS[state], asked(into)],
        event: request,
        to: 'delivering' as const,
        does: ['accept', 'endDelivery'],
        setup: ASKED,
      },
      {
        name: `after that ${request.type} it is ${state} again`,
        path: [...PATHS[state], asked(into), asked(request)],
        event: ended,
        to: state,
        does: [`group_${state}`, REST],
        setup: ASKED,
      },
    ]),
  ]),
  {
    name: 'one that has failed goes where the definition says, when it is asked to',
    path: PATHS.failed,
    event: integrate,
    to: 'delivering',
    does: ['accept', 'group_delivering', 'startDelivery'],
    setup: INTO,
  },
  {
    name: 'a retry after a delivery that was refused does not try that again',
    path: [...PATHS.failed, asked(into), asked(conflict), asked({ type: 'retry' })],
    event: failed('a'),
    to: 'failed',
    does: ['journalNotes', 'group_failed', REST],
    setup: ASKED,
  },
  ...(['conflict', 'delivery_refused'] as const).map(
    (reason): GroupRow => ({
      name: `a paused one whose sessions have all completed is asked again after ${reason}`,
      path: [...PATHS.delivering, asked({ type: 'delivery.refused', reason })],
      event: into,
      to: 'delivering',
      does: ['accept', 'group_delivering', 'startDelivery'],
      setup: INTO,
    }),
  ),
  ...(
    [
      [done, 'completed', ['group_completed', REST]],
      [conflict, 'paused', ['group_pausing', 'journalNotes', 'group_paused', REST]],
    ] as const
  ).map(
    ([event, to, does]): GroupRow => ({
      name: `by ${event.type} it is ${to}`,
      path: [...PATHS.delivering, asked(conflict), asked(into)],
      event,
      to,
      does,
      setup: INTO,
    }),
  ),
  ...(
    [
      [
        resume,
        'failed',
        'release',
        'delivering',
        [
          'accept',
          'takeOver',
          'group_resumed',
          'journalNotes',
          '#quota: group.running',
          'group_delivering',
          'startDelivery',
        ],
      ],
      [
        resume,
        'failed',
        undefined,
        'failed',
        [
          'accept',
          'takeOver',
          'group_resumed',
          'journalNotes',
          '#quota: group.running',
          'group_failed',
          REST,
        ],
      ],
      [
        resume,
        'stopped',
        undefined,
        'stopped',
        [
          'accept',
          'takeOver',
          'group_resumed',
          'journalNotes',
          '#quota: group.running',
          'group_stopped',
          REST,
        ],
      ],
      [pause, 'failed', 'release', 'failed', ['accept', 'takeOver', 'journalNotes', 'group_failed', REST]],
      [
        stop,
        'completed',
        'release',
        'completed',
        ['accept', 'takeOver', 'journalNotes', 'group_completed', REST],
      ],
    ] as const
  ).map(
    ([event, status, branch, to, does]): GroupRow => ({
      name: `an engine that died while a group that had ${status} delivered ${branch ?? 'and had delivered'}: ${event.type}`,
      path: [],
      event,
      to,
      does,
      setup: { ...ASKED, restored: died(status, branch) },
    }),
  ),
];

/** As a journal leaves a settled group that was asked to deliver; without a branch it had been. */
function died(status: SettledGroup, into: string | undefined): NonNullable<ExploredSetup['restored']> {
  const outcome = status === 'completed' ? status : 'failed';
  const settled = new Map(['a', 'b'].map(id => [id, { outcome, reason: undefined }] as const));
  return {
    status: 'delivering',
    settled,
    delivery: { delivered: into === undefined, into, before: { status, reason: 'error_threshold' } },
  };
}
