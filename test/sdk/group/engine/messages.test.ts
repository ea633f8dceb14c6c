import { describe, expect, test } from 'vitest';
import { openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import { QuotaGate } from '../../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { createPuppetAgent, type PuppetAgentOptions } from '../../../../src/sdk/testing/puppet-agent.ts';
import {
  type BenchOptions,
  bench,
  delay,
  failing,
  type SessionInput,
  scripted,
} from '../../../support/bench.ts';
import { needs } from '../../../support/random-dag.ts';

/** A group whose agents a test drives by hand. */
async function driven(
  sessions: readonly SessionInput[],
  options: BenchOptions = {},
  how: PuppetAgentOptions = { takes: false },
) {
  const puppet = createPuppetAgent({ kind: 'scripted', ...how });
  const one = await bench(sessions, { ...options, agents: { scripted: puppet } });
  return { ...one, puppet };
}

const steps = (events: readonly GroupEvent[]) =>
  events.flatMap(event => {
    if (event.type === 'message_sent') return `sent ${event.text}`;
    if (event.type === 'message_delivered') return 'delivered';
    if (event.type === 'message_undelivered') return 'undelivered';
    return event.type.startsWith('session_') ? event.type.slice('session_'.length) : [];
  });

describe('a message to a live session', () => {
  test('reaches the agent in the order of the calls, and the journal says what and when', async () => {
    const { group, events, until, pass } = await bench([scripted('a', [delay(2_000), { result: 'done' }])]);
    const run = group.run();
    await pass(1_000);
    const { messageId } = await group.send('a', 'one', { by: 'cli' });
    await group.send('a', 'two');
    expect((await until(run)).status).toBe('completed');
    expect(steps(events)).toEqual(['started', 'sent one', 'sent two', 'delivered', 'delivered', 'completed']);
    const [sent] = events.filter(event => event.type === 'message_sent');
    expect(sent).toMatchObject({ sessionId: 'a', messageId, text: 'one', by: 'cli' });
    expect(events.find(event => event.type === 'message_delivered')).toMatchObject({ messageId });
  });

  test('that comes as its turn ends goes to the same conversation before the session completes', async () => {
    const { group, events, puppet, until, flush } = await driven([scripted('a')]);
    const run = group.run();
    const first = await until(puppet.started('a'));
    await group.send('a', 'wait');
    expect(first.messages.map(({ text }) => text)).toEqual(['wait']);
    first.completes('too early');
    const second = await until(puppet.started('a'));
    expect(second.spec.conversation).toEqual({ ...first.spec.conversation, exists: true, resume: true });
    expect(second.messages).toEqual(first.messages);
    second.takes();
    second.completes('now');
    await flush();
    expect(await until(run)).toMatchObject({ status: 'completed', sessions: { a: { attempts: 2 } } });
    expect(steps(events)).toEqual([
      ...['started', 'sent wait', 'continuing', 'resumed', 'delivered', 'completed'],
    ]);
  });

  test('is sent once under its id, however often it is; another one under that id is refused', async () => {
    const store = createMemoryStore();
    const { group, clock, events, puppet, until, flush } = await driven([scripted('a'), scripted('b')], {
      store,
    });
    void group.run();
    const attempt = await until(puppet.started('a'));
    await until(puppet.started('b'));
    const send = (session: string, text: string, to = group) => to.send(session, text, { messageId: 'm-1' });
    expect(await Promise.all([send('a', 'pay 5'), send('a', 'pay 5')])).toEqual([
      { messageId: 'm-1' },
      { messageId: 'm-1' },
    ]);
    const other = { code: 'message_refused', message: 'another message has the id "m-1"' };
    await expect(send('a', 'pay 6')).rejects.toMatchObject(other);
    attempt.takes();
    await flush();
    await expect(send('a', 'pay 6')).rejects.toMatchObject(other);
    await expect(send('b', 'pay 5')).rejects.toMatchObject(other);
    await send('a', 'pay 5');
    await until(group.pause());
    await group.dispose();
    const next = await openSessionGroup(group.id, {
      ...{ store, clock, quota: new QuotaGate(clock, () => 0), projects: memoryProjectGate(), env: {} },
      agents: { scripted: puppet },
    });
    await send('a', 'pay 5', next);
    await expect(send('a', 'pay 6', next)).rejects.toMatchObject(other);
    await next.dispose();
    const records = (await store.read(group.id)).records.filter(({ type }) => type.startsWith('message_'));
    expect(records.map(({ type }) => type)).toEqual(['message_sent', 'message_delivered']);
    expect(steps(events).filter(step => step.startsWith('sent'))).toEqual(['sent pay 5']);
  });

  test('that its agent never got may be sent again under its id', async () => {
    const { group, puppet, until, events, flush } = await driven([scripted('a')]);
    void group.run();
    const first = await until(puppet.started('a'));
    await group.send('a', 'hello', { messageId: 'm-1' });
    first.fails('max_turns');
    await flush();
    expect(steps(events).slice(-2)).toEqual(['undelivered', 'failed']);
    const retried = group.retry();
    const second = await until(puppet.started('a'));
    await group.send('a', 'hello', { messageId: 'm-1' });
    second.takes();
    second.completes('done');
    expect((await until(retried)).status).toBe('completed');
    expect(steps(events).slice(-3)).toEqual(['sent hello', 'delivered', 'completed']);
  });

  test('that no attempt takes is given up, and the session completes', async () => {
    const { group, events, puppet, until } = await driven([scripted('a')]);
    const run = group.run();
    (await until(puppet.started('a'))).says('working');
    await group.send('a', 'hello?');
    for (const _ of [1, 2]) {
      const attempt = puppet.of('a');
      attempt.completes('deaf');
      if (puppet.attempts.length === 1) await until(puppet.started('a').then(() => puppet.started('a')));
    }
    expect((await until(run)).status).toBe('completed');
    expect(steps(events).slice(-3)).toEqual(['resumed', 'undelivered', 'completed']);
  });

  test('is told as undelivered when the session fails or is stopped', async () => {
    const { group, events, puppet, until } = await driven([scripted('a'), scripted('b')]);
    const run = group.run();
    const first = await until(puppet.started('a'));
    await until(puppet.started('b'));
    await group.send('a', 'to a');
    await group.send('b', 'to b');
    first.fails('max_turns');
    await until(group.stop());
    await run;
    const ends = events.filter(event => event.type === 'message_undelivered');
    expect(ends.map(event => event.sessionId)).toEqual(['a', 'b']);
  });
});

describe('a message to a session that is not at work', () => {
  test('waits for its first attempt, and for its resume', async () => {
    const { group, puppet, until } = await driven([
      scripted('a'),
      scripted('b', [], { dependsOn: needs('a') }),
    ]);
    await group.send('b', 'before it starts');
    const run = group.run();
    const first = await until(puppet.started('a'));
    await until(group.pause());
    await run;
    await group.send('a', 'while it is paused');
    const resumed = group.resume();
    const second = await until(puppet.started('a').then(() => puppet.started('a')));
    expect(first.messages).toEqual([]);
    expect(second.messages.map(({ text }) => text)).toEqual(['while it is paused']);
    second.takes();
    second.completes('a');
    const other = await until(puppet.started('b'));
    expect(other.messages.map(({ text }) => text)).toEqual(['before it starts']);
    other.takes();
    other.completes('b');
    expect((await until(resumed)).status).toBe('completed');
  });

  test('that comes while it is being paused keeps it paused, though its agent is done', async () => {
    const { group, events, puppet, until, flush } = await driven(
      [scripted('a')],
      {},
      { ignoresInterrupt: true },
    );
    const run = group.run();
    const first = await until(puppet.started('a'));
    const paused = group.pause();
    await first.interrupted;
    await group.send('a', 'too late for this attempt');
    first.completes('done');
    await flush();
    await until(paused);
    expect(await until(run)).toMatchObject({ status: 'paused', sessions: { a: { status: 'paused' } } });
    expect(first.messages).toEqual([]);
    const resumed = group.resume();
    const second = await until(puppet.started('a'));
    await flush();
    second.completes('answered');
    expect((await until(resumed)).status).toBe('completed');
    expect(steps(events).slice(-3)).toEqual(['resumed', 'delivered', 'completed']);
  });

  test('is handed to the next engine under its id until an agent says that it has it', async () => {
    const store = createMemoryStore();
    const one = await driven([scripted('a')], { store });
    one.group.run().catch(() => {});
    const first = await one.until(one.puppet.started('a'));
    await one.group.send('a', 'once');
    await one.group.send('a', 'and twice');
    first.takes();
    await one.flush();
    store.crash(one.group.id);
    const clock = new SimulatedClock(one.clock.now());
    const puppet = createPuppetAgent({ kind: 'scripted' });
    const group = await openSessionGroup(one.group.id, {
      ...{ store, clock, quota: new QuotaGate(clock, () => 0), projects: memoryProjectGate(), env: {} },
      agents: { scripted: puppet },
    });
    await group.send('a', 'to an interrupted group');
    const resumed = group.resume();
    const next = await puppet.started('a');
    await one.flush();
    expect(next.messages.map(({ text }) => text)).toEqual(['and twice', 'to an interrupted group']);
    expect(next.messages[0]?.id).toBe(first.messages[1]?.id);
    next.completes('done');
    expect((await resumed).status).toBe('completed');
  });

  test('is refused once it has settled, where its agent cannot, and where too many wait', async () => {
    const { group, until } = await bench(
      [
        scripted('done'),
        scripted('failed', [failing()]),
        { id: 'command', prompt: 'go', agent: { kind: 'command', command: ['true'] } },
        scripted('late', [], { dependsOn: needs('command') }),
      ],
      { agents: { command: createPuppetAgent({ kind: 'command', capabilities: { messages: false } }) } },
    );
    for (let sent = 0; sent < 16; sent++) await group.send('late', `message ${sent}`);
    await expect(group.send('late', 'one too many')).rejects.toMatchObject({
      code: 'message_refused',
      message: '16 messages wait for late already',
    });
    await expect(group.send('command', 'hello')).rejects.toMatchObject({
      code: 'message_refused',
      message: 'the agent of command (command) takes no messages',
    });
    for (const text of ['', ' \n', 'x'.repeat(16_385), 5 as never]) {
      await expect(group.send('done', text)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    await expect(group.send('nobody', 'hello')).rejects.toMatchObject({ code: 'unknown_session' });
    void group.run();
    await until(group.stop());
    await expect(group.send('done', 'hello')).rejects.toMatchObject({ code: 'message_refused' });
  });
});
