import { expect, test } from 'vitest';
import type { GroupDetail, ProgressUpdate, SessionProgress } from '../../src/serve/api-types.ts';
import { GroupModel } from '../../src/serve/page/model/group-model.ts';
import { GROUP_VERBS, refusal } from '../../src/serve/page/model/verbs.ts';

/** What the page knows of a group whose process is suspended. */

const asks = {
  ...{ id: 'a', projectPath: '/a', status: 'awaiting_approval', costUsd: 0, estimated: false, tokens: 0 },
  ...{ attempts: 1, messageCount: 0, why: { kind: 'approval', requestId: 'r', tool: 'Bash' } },
} as unknown as SessionProgress;
const owner = { pid: 7, host: 'here', alive: true };
const totals = { groupId: 'g', name: 'G', status: 'running', totalSessions: 1, waiting: 1 };
const update = (session: object, told: object): ProgressUpdate =>
  ({ ...totals, full: true, revision: 0, owner, sessions: [{ ...asks, ...session }], ...told }) as never;

function shown(): GroupModel {
  const approvals = [{ sessionId: 'a', requestId: 'r', tool: 'Bash', input: {} }];
  const progress = { ...totals, sessions: [asks] };
  const detail = {
    id: 'g',
    name: 'G',
    status: 'running',
    progress,
    owner,
    approvals,
    attempts: [],
    results: {},
    said: {},
  };
  return new GroupModel(detail as unknown as GroupDetail);
}
const open = (model: GroupModel) => [...model.approvals.keys()];

test('what it asks for is still open once it goes on', () => {
  const model = shown();
  model.progress(update({}, { owner: { ...owner, suspended: true } }));
  expect(model.sessions.get('a')?.status).toBe('suspended');
  expect(model.takeChanges().approvals).toBe(true);
  model.progress(update({}, {}));
  expect(model.sessions.get('a')?.status).toBe('awaiting_approval');
  expect(open(model)).toEqual(['r']);
});

test.each([
  ['was answered meanwhile', { status: 'running', why: undefined }, {}],
  ['dies meanwhile', {}, { status: 'interrupted', owner: { ...owner, alive: false } }],
])('what it asks for is closed if it %s', (_, session, told) => {
  const model = shown();
  model.progress(update({}, { owner: { ...owner, suspended: true } }));
  model.progress(update(session, told));
  expect(open(model)).toEqual([]);
});

test('no action applies until it goes on', () => {
  const model = shown();
  expect(refusal('pause', model)).toBeUndefined();
  model.progress(update({}, { owner: { ...owner, suspended: true } }));
  for (const verb of GROUP_VERBS) expect(refusal(verb, model)).toBe('It is suspended');
});
