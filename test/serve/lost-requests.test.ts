// @module-tag processes
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ControlHandlers, groupHandlers, type ParamsOf } from '../../src/control/verbs.ts';
import type { ControlContext } from '../../src/control/wire/request-context.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import { GroupManager } from '../../src/sdk/group/manager.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { createMemoryStore, type MemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { createGroupServer, type GroupServer } from '../../src/serve/index.ts';
import type { WireVerb } from '../../src/words/verbs.ts';
import { newAddress, serve } from '../control/fixture.ts';
import { builtPage } from '../support/built-page.ts';
import { until } from './observe.ts';
import { scripted, send } from './serve-world.ts';

/* The owner of a group dies in the middle of a request (REACH-1). */

let folder: string;
let store: MemoryStore;
let server: GroupServer;
let owned: GroupRunner;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-groups-lost-'));
  for (const name of ['a', 'b', 'c', 'd']) await mkdir(join(folder, name));
  store = createMemoryStore();
  server = await createGroupServer({ store, manager: new GroupManager({ store }), pageFolder: builtPage() });
});
afterEach(async () => {
  await server.close();
  await owned.dispose().catch(() => {});
  await rm(folder, { recursive: true });
});

const SESSIONS = {
  asks: { steps: [{ approval: 'Bash' }, { hang: true }], in: 'a' },
  works: { steps: [{ hang: true }], in: 'b' },
  held: { steps: [{ hang: true }], in: 'c' },
  fails: { steps: [{ failure: 'max_turns' }], in: 'd' },
};

/** The handler of the verb: it carries it out, or not, and then its owner dies without an answer. */
function deadly<V extends WireVerb>(verb: V, carriesOut: boolean, die: () => void): Partial<ControlHandlers> {
  const handlers: ControlHandlers = groupHandlers(owned);
  const handler = async (params: ParamsOf<V>, context: ControlContext): Promise<never> => {
    if (carriesOut) await handlers[verb](params, { ...context, wait: false });
    die();
    return new Promise(() => {});
  };
  return { ...handlers, [verb]: handler };
}

/** A running group of another owner, which dies of a request for this verb. */
async function dying(verb: WireVerb, carriesOut: boolean) {
  owned = await createSessionGroup(scripted(folder, SESSIONS, { budget: { maxBudgetUsd: 5 } }), {
    store,
    attended: true,
  });
  const { id } = owned;
  void owned.run().catch(() => {});
  await until(() => owned.why('asks')?.kind === 'approval');
  await owned.pauseSession('held');
  await until(() => owned.why('held')?.kind === 'paused');
  await until(() => statusOf('fails') === 'failed' && statusOf('held') === 'paused');
  const address = newAddress();
  const die = () => {
    store.crash(id);
    void control.close();
  };
  const control = await serve(deadly(verb, carriesOut, die), { address });
  owned.announce(address, control.close);
  const ask = (path: string, body: object) =>
    send(server.port, `/api/v1/groups/${id}${path}`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    });
  return { ask };
}

const statusOf = (session: string) => owned.getProgress().sessions.find(({ id }) => id === session)?.status;

const updated = () => scripted(folder, { ...SESSIONS, more: { steps: [{ hang: true }], in: 'b' } });

/** What only a live owner can do: nobody takes the group over for it, as for a hold. */
const BRIEF = [
  ['set_max_budget', '/budget', () => ({ maxBudgetUsd: 7 })],
  ['answer', '/sessions/asks/answer', () => ({ requestId: requestId(), decision: 'allow' })],
] as const satisfies readonly (readonly [WireVerb, string, () => object])[];

const requestId = () => {
  const why = owned.why('asks');
  return why?.kind === 'approval' ? why.requestId : '';
};

describe('a request whose owner dies in the middle of it', () => {
  test.each(BRIEF)('is accepted if the journal has it: %s', async (verb, path, body) => {
    const { ask } = await dying(verb, true);
    expect(await ask(path, body())).toMatchObject({ status: 202, json: { accepted: true } });
  });

  test.each(BRIEF)(
    'is answered with owner_gone if the journal does not have it: %s',
    async (verb, path, body) => {
      const { ask } = await dying(verb, false);
      const { status, json } = await ask(path, body());
      expect({ status, code: json.error.code }).toEqual({ status: 503, code: 'owner_gone' });
      expect(json.error.hint).toBe(`Resume it with: session-groups group resume ${owned.id}`);
    },
  );

  test.each([true, false])(
    'is done by who takes the group over, if that goes: carried out %s',
    async carriesOut => {
      const { ask } = await dying('pause', carriesOut);
      const { status, json } = await ask('/pause?wait=true', {});
      expect({ status, group: json.result?.status }).toEqual({ status: 200, group: 'paused' });
    },
  );

  test('has changed the definition once, and says what it has changed', async () => {
    const { ask } = await dying('redefine', true);
    const { status, json } = await ask('/update', { definition: updated(), baseDir: folder });
    expect({ status, changes: json.changes }).toMatchObject({ status: 200, changes: { added: ['more'] } });
    const { records } = await store.read(owned.id);
    expect(records.filter(({ type }) => type === 'group_updated')).toHaveLength(1);
  });

  test('is retried once, and goes on', async () => {
    const { ask } = await dying('retry', true);
    await owned.pause();
    expect(await ask('/retry', {})).toMatchObject({ status: 202, json: { accepted: true } });
    const { records } = await store.read(owned.id);
    const types = records.map(({ type }) => type).filter(type => /^group_re/.test(type));
    expect(types).toEqual(['group_retried', 'group_resumed']);
  });
});
