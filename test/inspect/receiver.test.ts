import { createInspector as createTheirInspector, createWebSocketReceiver } from '@statelyai/inspect';
import { afterEach, describe, expect, test } from 'vitest';
import { createActor, createMachine, type InspectionEvent, setup } from 'xstate';
import type { ChartName } from '../../src/inspect/chart-names.ts';
import { CHARTS } from '../../src/inspect/charts.ts';
import { describeChart } from '../../src/inspect/describe-chart.ts';
import { createInspector } from '../../src/inspect/inspector.ts';
import { createGroupMachine, createSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { stateOf } from '../support/state-of.ts';

/** A message of the Stately Inspector's protocol. */
interface Message {
  readonly type: string;
  readonly name?: string;
  readonly sessionId: string;
  readonly rootId: string;
  readonly parentId?: string;
  readonly sourceId?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string; readonly id?: string };
  readonly snapshot?: { readonly status: string; readonly value?: never };
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const definition = (
  name: string,
  sessions: Readonly<Record<string, readonly string[]>>,
): SessionGroupInput => ({
  version: 1,
  name,
  sessions: Object.entries(sessions).map(([id, dependsOn]) => ({
    id,
    projectPath: '.',
    // What depends on another session's result is rendered by an actor of its own.
    prompt: ['Work.', ...dependsOn.map(other => `{{ sessions.${other}.result }}`)].join(' '),
    dependsOn: [...dependsOn],
    agent: { kind: 'scripted', steps: [{ text: 'x' }] },
  })),
});

/** The receiver of `@statelyai/inspect`, connected to our relay; and what its own inspector would have sent. */
async function watched() {
  const inspector = await createInspector();
  open.push(inspector);
  const received: Message[] = [];
  const waiting = new Set<() => void>();
  createWebSocketReceiver({ server: inspector.socketUrl }).subscribe(message => {
    received.push(message as Message);
    for (const look of waiting) look();
  });
  const until = (wanted: (message: Message) => boolean) =>
    new Promise<void>(resolve => {
      const look = () => received.some(wanted) && waiting.delete(look) && resolve();
      waiting.add(look);
      look();
    });
  const sent: Message[] = [];
  const { inspect: theirs } = createTheirInspector({ send: message => void sent.push(message as Message) });
  const inspect = (event: InspectionEvent) => {
    inspector.inspect(event);
    if ('next' in theirs) theirs.next?.(event);
  };
  // The receiver does not say when it is connected: it is once it has received this actor.
  const probe = createActor(createMachine({ id: 'probe' }), { inspect: inspector.inspect }).start();
  await until(({ name }) => name === 'probe');
  probe.stop();
  await until(({ snapshot }) => snapshot?.status === 'stopped');
  received.length = 0;
  return { inspector, received, sent, until, inspect };
}

/** Two groups of their own, and a machine of the host's that invokes two more. */
async function fourGroups(inspect: (event: InspectionEvent) => void) {
  const options = { projects: memoryProjectGate(), env: {} };
  const one = await createSessionGroup(definition('one', { a: [], b: ['a'] }), { ...options, inspect });
  const two = await createSessionGroup(definition('two', { a: [], c: [] }), { ...options, inspect });
  const [three, four] = await Promise.all([
    createGroupMachine(definition('three', { d: [] }), options),
    createGroupMachine(definition('four', { d: [] }), options),
  ]);
  const host = setup({ actors: { three: three.machine, four: four.machine } }).createMachine({
    id: 'release',
    type: 'parallel',
    states: {
      first: { invoke: { src: 'three', input: ({ self }) => three.input(self) } },
      second: { invoke: { src: 'four', id: 'mine', input: ({ self }) => four.input(self) } },
    },
  });
  const parent = createActor(host, { inspect }).start();
  const groups = [one, two, three.group, four.group];
  open.push({ close: () => Promise.all(groups.map(group => group.dispose())) });
  const results = await Promise.all(groups.map(group => group.run()));
  expect(results.map(({ status }) => status)).toEqual(Array(4).fill('completed'));
  return { ids: groups.map(({ id }) => id), parent, groups };
}

const isActor = ({ type }: Message) => type === '@xstate.actor';

describe("@statelyai/inspect's own receiver", () => {
  test('sees every actor of two groups and of a machine that runs two more, with its name, its parent and its chart', async () => {
    const { received, until, inspect } = await watched();
    const { ids, parent } = await fourGroups(inspect);
    const reported = (id: string | undefined) =>
      received.filter(({ event }) => event?.type === 'group.report' && event.id === id);
    await until(() => ids.slice(2).every(id => reported(id).length > 0));

    const actors = received.filter(isActor);
    const nameOf = new Map(actors.map(({ sessionId, name }) => [sessionId, name]));
    const children = (of: string | undefined) =>
      actors.filter(({ parentId }) => nameOf.get(parentId ?? '') === of).map(({ name }) => name ?? '');
    const [one, two, three, four] = ids;
    const ours = ['#budget', '#quota', '#keeper'];
    expect(actors.filter(({ parentId }) => parentId === undefined).map(({ name }) => name)).toEqual([
      one,
      two,
      'release',
    ]);
    expect(children('release')).toEqual([three, four]);
    expect(children(one).sort()).toEqual([...ours, 'a', 'b'].sort());
    expect(children(two).sort()).toEqual([...ours, 'a', 'c'].sort());
    expect(children(three).sort()).toEqual([...ours, 'd'].sort());
    expect(children(four).sort()).toEqual([...ours, 'd'].sort());
    expect(children('b')).toEqual(['0.session.preparing']);
    expect(new Set(actors.map(({ sessionId }) => sessionId)).size).toBe(actors.length);

    const drawn = actors.map(({ name, definition = '' }) => ({ name, config: JSON.parse(definition) }));
    const charts = drawn.filter(({ config }) => config.id in CHARTS);
    expect(charts.length).toBe(4 * 3 + 6);
    for (const { config } of charts) {
      expect(describeChart(createMachine(config))).toEqual(describeChart(CHARTS[config.id as ChartName]));
    }
    parent.stop();
  });

  test('can tell which group has reported to the machine that runs it', async () => {
    const { received, until, inspect } = await watched();
    const { ids, parent } = await fourGroups(inspect);
    const reports = () =>
      received.filter(({ type, event }) => type === '@xstate.event' && event?.type === 'group.report');
    await until(() => reports().length === 2);
    const actors = new Map(received.filter(isActor).map(actor => [actor.sessionId, actor]));
    expect(
      reports()
        .map(({ event }) => event?.id)
        .sort(),
    ).toEqual(ids.slice(2).sort());
    for (const { event, sourceId, sessionId } of reports()) {
      expect(actors.get(sourceId ?? '')?.name).toBe(event?.id);
      expect(actors.get(sessionId)?.name).toBe('release');
    }
    parent.stop();
  });

  test('gets what its own inspector sends of the same actors: snapshots, events, sources, roots', async () => {
    const { received, sent, until, inspect } = await watched();
    const { ids, parent, groups } = await fourGroups(inspect);
    parent.stop();
    await Promise.all(groups.map(group => group.dispose()));
    const plain = ({ type, sessionId, rootId, parentId, sourceId, event, snapshot }: Message) => ({
      type,
      sessionId,
      rootId,
      parentId,
      sourceId,
      event: event?.type,
      value: type === '@xstate.snapshot' ? snapshot?.value : undefined,
      status: type === '@xstate.snapshot' ? snapshot?.status : undefined,
    });
    // What a group raises of its sessions' dependencies is a microstep, which its own inspector does not send.
    createActor(createMachine({ id: 'last' }), { inspect }).start();
    await until(({ name }) => name === 'last');
    await expect.poll(() => sent.map(({ name }) => name)).toContain('last');
    const ours = received.filter(
      ({ event, type }) => type !== '@xstate.event' || event?.type !== 'dependency.settled',
    );
    const end = ours.findIndex(({ name }) => name === 'last');
    expect(ours.slice(0, end).map(plain)).toEqual(sent.slice(0, end).map(plain));
    expect(sent.findIndex(({ name }) => name === 'last')).toBe(end);
    const completed = ours.filter(({ snapshot }) => stateOf(snapshot?.value) === 'completed');
    expect(new Set(completed.map(({ sessionId }) => sessionId)).size).toBe(4 + 6);
    expect(sent.filter(isActor).map(({ name }) => name)).toEqual(expect.arrayContaining(ids.slice(0, 2)));
  });

  test('sees, if it comes late, the actors that are still alive', async () => {
    const inspector = await createInspector();
    open.push(inspector);
    const { ids, parent, groups } = await fourGroups(inspector.inspect);
    await groups[0]?.dispose();
    const late: Message[] = [];
    const greeted = new Promise<void>(resolve => {
      createWebSocketReceiver({ server: inspector.socketUrl }).subscribe(message => {
        late.push(message as Message);
        if ((message as Message).name === 'probe') resolve();
      });
    });
    createActor(createMachine({ id: 'probe' }), { inspect: inspector.inspect }).start(); // the youngest
    await greeted;
    const [, two, three, four] = ids;
    const machines = late.filter(({ name = '' }) => !name.startsWith('#')).map(({ name }) => name);
    expect(machines).toEqual([two, 'release', three, four, 'probe']);
    expect(late.every(isActor)).toBe(true);
    parent.stop();
  });
});
