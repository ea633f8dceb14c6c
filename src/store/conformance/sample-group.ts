import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import type { NewGroup } from '../../sdk/group/store/store.ts';
import { SessionGroupDefinition } from '../../sdk/group/types.ts';

/** The definition of the groups in the cases. */
export const definition = SessionGroupDefinition.parse({
  version: 1,
  name: 'Demo',
  description: 'Two sessions',
  sessions: [
    { id: 'first', projectPath: '/projects/one', prompt: 'Do it.' },
    { id: 'second', projectPath: '/projects/two', prompt: 'Go on.', dependsOn: ['first'], estimate: '5m' },
  ],
});

/** With one more session. */
export const larger = SessionGroupDefinition.parse({
  ...definition,
  sessions: [...definition.sessions, { id: 'third', projectPath: '/projects/three', prompt: 'And on.' }],
});

export const newGroup = ({ slug = 'demo', hour = 4 } = {}): NewGroup => ({
  slug,
  createdAt: Date.UTC(2031, 1, 3, hour, 5, 6),
  definition,
});

/** A journal's first record. */
export const head = (groupId: string): [GroupEvent] => [
  { type: 'group_created', seq: 0, time: '2031-02-03T04:05:06.000Z', groupId, name: 'Demo' },
];

/** The record that puts a revision into effect. */
export const updated = (groupId: string, seq: number, revision: number): [GroupEvent] => [
  {
    type: 'group_updated',
    ...{ seq, time: '2031-02-03T04:05:08.000Z', groupId, revision },
    ...{ added: ['third'], removed: [], changed: [], settings: [], fresh: [] },
  },
];

/** A journal of six records, four of them events; one contains text that is hard to encode in one line. */
export function history(groupId: string): JournalRecord[] {
  const event = (seq: number) => ({ seq, time: '2031-02-03T04:05:07.000Z', groupId });
  return [
    ...head(groupId),
    { type: 'group_started', ...event(1), sessionCount: 2, maxConcurrent: 3 },
    { type: '_status', sessionId: 'first', status: 'preparing' },
    {
      type: 'session_message',
      ...event(2),
      sessionId: 'first',
      role: 'assistant',
      text: 'größer\n"é" 🙂 \u2028',
    },
    { type: '_held', sessionId: 'second', held: true },
    { type: 'group_paused', ...event(3), reason: 'manual' },
  ];
}
