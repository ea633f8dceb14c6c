// @module-tag processes
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from './observe.ts';
import { openServeWorld, type ServeWorld, scripted } from './serve-world.ts';

let world: ServeWorld;
beforeEach(async () => {
  world = await openServeWorld();
});
afterEach(() => world.close());

const detail = async (id: string) => (await world.api(`/groups/${id}`)).json;
/** A group that runs until it is paused or stopped. */
const busyGroup = async (config: object = {}): Promise<string> => {
  const definition = scripted(world.folder, { work: { steps: [{ hang: true }] } }, config);
  const { status, json } = await world.post('/groups', { definition, run: true });
  expect(status).toBe(201);
  return json.groupId;
};

describe('a group created and run through the API', () => {
  test('is saved, runs to its end, and reports how each session went', async () => {
    const definition = scripted(world.folder, {
      lib: { steps: [{ text: 'reading' }, { tool: 'Read' }, { cost: 0.25 }, { result: 'done' }] },
      app: { after: ['lib'], in: 'b', steps: [{ result: 'built' }] },
    });
    const created = await world.post('/groups', { definition });
    expect(created.status, created.text).toBe(201);
    const { groupId } = created.json;
    expect((await world.api('/groups')).json.groups).toMatchObject([{ id: groupId, status: 'created' }]);

    const ran = await world.post(`/groups/${groupId}/run?wait=true`);
    expect(ran.status, ran.text).toBe(200);
    expect(ran.json.result).toMatchObject({ groupId, status: 'completed', totalCostUsd: 0.25 });

    expect(await detail(groupId)).toMatchObject({
      id: groupId,
      name: 'Demo',
      slug: 'demo',
      status: 'completed',
      budget: { limitUsd: 10, warningThreshold: 0.8, onBudgetExceeded: 'pause' },
      limits: { maxConcurrent: 3, maxPerProject: 1 },
      progress: { totalSessions: 2, completed: 2, sessions: [{ id: 'lib' }, { id: 'app' }] },
      approvals: [],
      attempts: [
        { sessionId: 'lib', attempt: 1, outcome: 'completed' },
        { sessionId: 'app', attempt: 1, outcome: 'completed' },
      ],
      graph: {
        nodes: [
          { id: 'lib', critical: true },
          { id: 'app', critical: true },
        ],
        edges: [{ from: 'lib', to: 'app', when: 'completed', critical: true }],
      },
    });
    const { graph } = await detail(groupId);
    expect(graph.nodes[0].x).toBeLessThan(graph.nodes[1].x);
    expect(graph.edges[0].points.length).toBeGreaterThan(1);
  });

  test('names what is behind a skip, at most twenty of many sessions, and how many more', async () => {
    const ids = Array.from({ length: 21 }, (_, index) => `bad${index}`);
    const failing = ids.map(id => [id, { steps: [{ failure: 'max_turns' }] }]);
    const definition = scripted(
      world.folder,
      {
        ...Object.fromEntries(failing),
        next: { after: ids, steps: [] },
        end: { after: ['next'], steps: [] },
      },
      { concurrency: { errorThreshold: 99 } },
    );
    const { json } = await world.post('/groups', { definition });
    await world.post(`/groups/${json.groupId}/run?wait=true`);
    const end = await world.api(`/groups/${json.groupId}/sessions/end`);
    expect(end.json.skip.roots.map(({ sessionId }: { sessionId: string }) => sessionId)).toEqual(
      ids.slice(0, 20),
    );
    expect(end.json.skip).toMatchObject({
      roots: [{ sessionId: 'bad0', status: 'failed', error: { code: 'max_turns' } }, ...Array(19).fill({})],
      moreRoots: 1,
      through: ['next'],
    });
    expect((await world.api(`/groups/${json.groupId}/sessions/bad0`)).json).not.toHaveProperty('skip');
  });

  test('describes a session by its definition and the journal', async () => {
    const definition = scripted(world.folder, {
      lib: { steps: [{ text: 'Look: \u001b[31mred\u001b[0m' }, { tool: 'Read' }, { result: 'all done' }] },
      app: { after: ['lib'], steps: [{ result: 'built' }] },
    });
    const { json } = await world.post('/groups', { definition });
    await world.post(`/groups/${json.groupId}/run?wait=true`);
    const lib = await world.api(`/groups/${json.groupId}/sessions/lib`);
    expect(lib.json.session).toMatchObject({
      id: 'lib',
      agent: 'scripted',
      status: 'completed',
      dependsOn: [],
      priority: 0,
      result: 'all done',
    });
    const app = await world.api(`/groups/${json.groupId}/sessions/app`);
    expect(app.json.session.dependsOn).toEqual([{ session: 'lib', when: 'completed' }]);

    const whole = await world.api(`/groups/${json.groupId}/sessions/lib/transcript`);
    expect(whole.json.truncated).toBe(false);
    expect(whole.json.lines).toMatchObject([
      { kind: 'notice', text: 'started, attempt 1' },
      { kind: 'assistant', text: 'Look: red' },
      { kind: 'tool' },
      { kind: 'notice', text: expect.stringContaining('all done') },
    ]);
    const tail = await world.api(`/groups/${json.groupId}/sessions/lib/transcript?tail=2`);
    expect(tail.json).toEqual({ lines: whole.json.lines.slice(-2), truncated: true });
  });

  test('reports the result, output and changed files of a completed session', async () => {
    const folder = join(world.folder, 'a');
    rmSync(join(folder, '.git'), { recursive: true });
    execFileSync('git', ['init', '-q', folder]);
    const print = 'echo x > "näw file.txt"; echo "{\\"count\\": 3, \\"of\\": [\\"<b>\\"]}"';
    const definition = {
      version: 1,
      name: 'Leaves',
      config: { agent: 'scripted' },
      sessions: [
        {
          id: 'lib',
          projectPath: 'a',
          prompt: 'Work',
          agent: { kind: 'command', command: ['sh', '-c', print] },
          outputSchema: { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } },
        },
        {
          id: 'long',
          projectPath: 'b',
          prompt: 'Work',
          agent: { kind: 'scripted', steps: [{ output: { text: 'y'.repeat(70_000) } }, { result: 'done' }] },
        },
        {
          id: 'bad',
          projectPath: 'c',
          prompt: 'Work',
          agent: { kind: 'scripted', steps: [{ output: { n: 1 } }, { failure: 'max_turns' }] },
        },
      ],
    };
    const { json } = await world.post('/groups', { definition, baseDir: world.folder });
    await world.post(`/groups/${json.groupId}/run?wait=true`);
    const of = async (id: string) => (await world.api(`/groups/${json.groupId}/sessions/${id}`)).json.session;
    expect(await of('lib')).toMatchObject({
      status: 'completed',
      output: { count: 3, of: ['<b>'] },
      changedFiles: ['näw file.txt'],
    });
    const long = await of('long');
    expect(long).toMatchObject({ status: 'completed', result: 'done' });
    expect(long).not.toHaveProperty('output');
    expect(JSON.parse(readFileSync(long.outputFile, 'utf8')).text).toHaveLength(70_000);
    const bad = await of('bad');
    expect(bad.status).toBe('failed');
    for (const field of ['result', 'output', 'outputFile', 'changedFiles'])
      expect(bad).not.toHaveProperty(field);
  });

  test('is refused an invalid limit with the expected form', async () => {
    const id = await busyGroup();
    const { status, json } = await world.post(`/groups/${id}/budget`, { maxBudgetUsd: 'much' });
    expect(status).toBe(400);
    expect(json.error.message).toContain('expected an amount in USD above 0, or none');
  });

  test('is refused with every problem of its definition, and nothing is saved', async () => {
    const definition = { version: 1, name: 'x', sessions: [{ id: 'a', projectPath: 'a', promt: 'x' }] };
    const { status, json } = await world.post('/groups', { definition, baseDir: world.folder });
    expect(status).toBe(400);
    expect(json.error.code).toBe('invalid_definition');
    expect(json.error.diagnostics.length).toBeGreaterThan(0);
    expect((await world.api('/groups')).json.groups).toEqual([]);
  });

  test('is listed by status, by time and by project', async () => {
    const definition = scripted(world.folder, { one: { steps: [{ result: 'x' }], in: 'b' } });
    const { json } = await world.post('/groups', { definition });
    const ids = async (query: string) =>
      (await world.api(`/groups?${query}`)).json.groups.map(({ id }: { id: string }) => id);
    expect(await ids('status=created,running')).toEqual([json.groupId]);
    expect(await ids('status=completed')).toEqual([]);
    expect(await ids(`project=${world.folder}/b`)).toEqual([json.groupId]);
    expect(await ids(`project=${world.folder}/c`)).toEqual([]);
    expect(await ids('since=2001-01-01&limit=5')).toEqual([json.groupId]);
    expect(await ids('since=2999-01-01')).toEqual([]);
    for (const wrong of ['status=busy', 'limit=0', 'since=soon', 'project=b', 'colour=red']) {
      expect((await world.api(`/groups?${wrong}`)).status, wrong).toBe(400);
    }
  });
});

describe('a group that the server runs', () => {
  test('is paused, resumed and stopped; while it is paused nobody owns it', async () => {
    const id = await busyGroup();
    expect(await detail(id)).toMatchObject({ status: 'running', owner: { pid: process.pid, here: true } });
    expect(world.server.running).toEqual([id]);

    const paused = await world.post(`/groups/${id}/pause?wait=true`);
    expect(paused.json.result).toMatchObject({ status: 'paused', reason: 'manual' });
    await until(async () => (await detail(id)).owner === undefined);
    expect((await detail(id)).attempts).toMatchObject([{ outcome: 'paused' }]);

    expect(await world.post(`/groups/${id}/resume`)).toMatchObject({ status: 202, json: { accepted: true } });
    expect(await detail(id)).toMatchObject({ status: 'running', owner: { here: true } });
    const stopped = await world.post(`/groups/${id}/stop?wait=true`);
    expect(stopped.json.result).toMatchObject({ status: 'stopped' });
    await until(() => world.server.running.length === 0);
  });

  test('is stopped without a wait for the result, also where nobody owns it', async () => {
    const id = await busyGroup();
    await world.post(`/groups/${id}/pause?wait=true`);
    await until(async () => (await detail(id)).owner === undefined);
    expect(await world.post(`/groups/${id}/stop`)).toMatchObject({ status: 202, json: { accepted: true } });
    expect((await detail(id)).status).toBe('stopped');
  });

  test('is retried, after a dry run that lists the sessions', async () => {
    const definition = scripted(world.folder, {
      bad: { steps: [{ failure: 'invalid_request', attempts: 1 }, { result: 'mended' }] },
      next: { after: ['bad'], steps: [{ result: 'x' }] },
    });
    const { json } = await world.post('/groups', { definition });
    const id = json.groupId;
    expect((await world.post(`/groups/${id}/run?wait=true`)).json.result.status).toBe('failed');
    expect((await world.post(`/groups/${id}/retry`, { dryRun: true })).json).toEqual({
      sessions: ['bad', 'next'],
    });
    const retried = await world.post(`/groups/${id}/retry?wait=true`, { fresh: false });
    expect(retried.json.result).toMatchObject({ status: 'completed' });
  });

  test('gets a new limit while it runs and while it is paused', async () => {
    const definition = scripted(
      world.folder,
      {
        dear: { steps: [{ cost: 2 }, { result: 'x' }] },
        more: { after: ['dear'], steps: [{ result: 'y' }] },
      },
      { budget: { maxBudgetUsd: 1 } },
    );
    const { json } = await world.post('/groups', { definition });
    const id = json.groupId;
    const ran = await world.post(`/groups/${id}/run?wait=true`);
    expect(ran.json.result).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
    const refused = await world.post(`/groups/${id}/resume`);
    expect(refused).toMatchObject({ status: 409, json: { error: { code: 'budget_exhausted' } } });

    expect((await world.post(`/groups/${id}/budget`, { maxBudgetUsd: 5 })).status).toBe(202);
    expect((await detail(id)).budget.limitUsd).toBe(5);
    expect((await world.post(`/groups/${id}/resume?wait=true`)).json.result.status).toBe('completed');
  });

  test('gets a new limit with the resume', async () => {
    const definition = scripted(
      world.folder,
      { dear: { steps: [{ cost: 2 }, { result: 'x' }] } },
      { budget: { maxBudgetUsd: 1 } },
    );
    const { json } = await world.post('/groups', { definition });
    await world.post(`/groups/${json.groupId}/run?wait=true`);
    const resumed = await world.post(`/groups/${json.groupId}/resume?wait=true`, { maxBudgetUsd: 'none' });
    expect(resumed.json.result.status).toBe('completed');
    expect((await detail(json.groupId)).budget.limitUsd).toBe('none');
  });

  test('has one session held and resumed while the others continue', async () => {
    const definition = scripted(world.folder, {
      held: { steps: [{ hang: true }], in: 'a' },
      other: { steps: [{ hang: true }], in: 'b' },
    });
    const { json } = await world.post('/groups', { definition, run: true });
    const id = json.groupId;
    const statuses = async () =>
      Object.fromEntries(
        (await detail(id)).progress.sessions.map((one: { id: string; status: string }) => [
          one.id,
          one.status,
        ]),
      );
    expect((await world.post(`/groups/${id}/sessions/held/pause`)).status).toBe(202);
    await until(async () => (await statuses()).held === 'paused');
    expect(await statuses()).toEqual({ held: 'paused', other: 'running' });
    expect((await world.api(`/groups/${id}/sessions/held`)).json.why).toEqual({
      kind: 'paused',
      reason: 'held',
      by: 'http',
    });
    expect((await world.post(`/groups/${id}/sessions/held/resume`)).status).toBe(202);
    await until(async () => (await statuses()).held === 'running');
  });

  test.each([
    ['allow', 'completed'],
    ['deny', 'completed'],
  ])('asks for a permission, which is answered with %s', async (decision, status) => {
    const definition = scripted(world.folder, {
      asks: { steps: [{ approval: 'Bash', input: { command: 'npm test' } }, { result: 'x' }] },
    });
    const { json } = await world.post('/groups', { definition, run: true });
    const id = json.groupId;
    await until(async () => (await detail(id)).approvals.length === 1);
    const [approval] = (await detail(id)).approvals;
    expect(approval).toMatchObject({ sessionId: 'asks', tool: 'Bash', input: { command: 'npm test' } });
    expect((await world.api(`/groups/${id}/sessions/asks`)).json.approval).toEqual(approval);

    const answer = (requestId: string) =>
      world.post(`/groups/${id}/sessions/asks/answer`, { requestId, decision });
    expect(await answer('another')).toMatchObject({
      status: 409,
      json: { error: { code: 'no_such_request' } },
    });
    expect((await answer(approval.requestId)).status).toBe(202);
    await until(async () => (await detail(id)).status === status);
    const { lines } = (await world.api(`/groups/${id}/sessions/asks/transcript`)).json;
    const words = decision === 'allow' ? 'allowed via the API' : 'denied via the API';
    expect(lines.map(({ text }: { text: string }) => text)).toContain(words);
  });

  test('is archived and removed once it has settled, and not before', async () => {
    const id = await busyGroup();
    expect((await world.post(`/groups/${id}/archive`)).status).toBe(409);
    expect((await world.api(`/groups/${id}`, { method: 'DELETE' })).status).toBe(409);
    await world.post(`/groups/${id}/stop?wait=true`);
    await until(() => world.server.running.length === 0);
    expect((await world.post(`/groups/${id}/archive`)).status).toBe(202);
    expect((await world.api('/groups')).json.groups).toEqual([]);
    expect((await world.api('/groups?archived=true')).json.groups).toHaveLength(1);
    expect((await world.api(`/groups/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect((await world.api(`/groups/${id}`)).status).toBe(404);
  });
});

describe('a fan-out', () => {
  test('is paused and resumed by its name, as on the command line', async () => {
    const definition = scripted(world.folder, { 'audit-{{ each }}': { steps: [{ result: 'x' }] } });
    const [audit] = definition.sessions;
    const sessions = [{ ...audit, id: 'audit', forEach: ['one', 'two'] }];
    const { json } = await world.post('/groups', { definition: { ...definition, sessions } });
    const id = json.groupId;
    const whys = async () => {
      const { progress } = await detail(id);
      return progress.sessions.map(({ why }: { why: { kind: string } }) => why.kind);
    };
    const at = `/groups/${id}/sessions`;
    expect((await world.post(`${at}/audit/pause`)).status).toBe(202);
    expect(await whys()).toEqual(['paused', 'paused']);
    expect((await world.post(`${at}/audit/resume`)).status).toBe(202);
    expect(await whys()).toEqual(['not_started', 'not_started']);
    expect((await world.post(`${at}/audits/pause`)).status).toBe(404);
    // What is for one session alone.
    expect((await world.post(`${at}/audit/send`, { text: 'Hello' })).status).toBe(404);
  });
});

describe('an invalid request', () => {
  test('is refused if the state of the group does not allow it, and changes nothing', async () => {
    const definition = scripted(world.folder, { one: { steps: [{ result: 'x' }] } });
    const { json } = await world.post('/groups', { definition });
    const id = json.groupId;
    for (const verb of ['pause', 'resume', 'stop', 'retry']) {
      const { status, json: said } = await world.post(`/groups/${id}/${verb}`);
      expect([status, said.error.code], verb).toEqual([409, 'not_in_this_state']);
    }
    await world.post(`/groups/${id}/run?wait=true`);
    await until(async () => (await detail(id)).owner === undefined);
    for (const verb of ['run', 'pause', 'resume', 'stop']) {
      expect((await world.post(`/groups/${id}/${verb}`)).status, verb).toBe(409);
    }
    expect((await world.post(`/groups/${id}/sessions/one/resume`)).status).toBe(409);
    expect(await detail(id)).toMatchObject({ status: 'completed', attempts: [{ attempt: 1 }] });
  });

  test('for an unknown group or session is 404; only full ids are known', async () => {
    const id = await busyGroup();
    for (const path of ['/groups/nothing', `/groups/${id.slice(0, -1)}`, `/groups/${id}/sessions/none`]) {
      expect((await world.api(path)).status, path).toBe(404);
    }
    expect((await world.post('/groups/demo/stop')).status).toBe(404);
    expect((await world.api('/groups/demo', { method: 'DELETE' })).status).toBe(404);
    expect((await world.post(`/groups/${id}/sessions/none/pause`)).status).toBe(404);
    expect((await world.api('/nothing')).json.error.code).toBe('not_found');
    expect((await detail(id)).status).toBe('running');
  });

  test.each([
    ['/groups/ID/resume', { maxBudgetUsd: -1 }],
    ['/groups/ID/resume', { budget: 3 }],
    ['/groups/ID/budget', {}],
    ['/groups/ID/retry', { sessions: [] }],
    ['/groups/ID/pause', { now: true }],
    ['/groups/ID/sessions/work/answer', { requestId: 'x', decision: 'maybe' }],
    ['/groups', { definition: 'file.yaml' }],
    ['/groups', { definition: {}, baseDir: 'relative' }],
  ])('is refused with 400: POST %s %o', async (path, body) => {
    const id = await busyGroup();
    const { status, json } = await world.post(path.replace('ID', id), body);
    expect([status, json.error.code]).toEqual([400, 'invalid_request']);
    expect((await detail(id)).status).toBe('running');
  });
});

test('a group accepts a new definition, running or not', async () => {
  const sessions = { work: { steps: [{ hang: true }] }, next: { after: ['work'], steps: [{ result: 'x' }] } };
  const before = scripted(world.folder, sessions);
  const after = scripted(world.folder, { ...sessions, more: { in: 'b', steps: [{ result: 'y' }] } });
  const { json } = await world.post('/groups', { definition: before, run: true });
  const id = json.groupId;
  const update = (body: object) => world.post(`/groups/${id}/update`, body);
  const ids = async () => (await detail(id)).graph.nodes.map((node: { id: string }) => node.id);

  const dry = await update({ definition: after, dryRun: true });
  expect(dry).toMatchObject({ status: 200, json: { changes: { added: ['more'], removed: [] } } });
  expect(await ids()).toEqual(['work', 'next']);
  expect((await update({ definition: after })).json).toEqual(dry.json);
  expect(await ids()).toEqual(['work', 'next', 'more']);
  await until(
    async () => (await world.api(`/groups/${id}/sessions/more`)).json.session.status === 'completed',
  );

  const wrong = await update({ definition: { ...before, sessions: [] } });
  expect(wrong).toMatchObject({ status: 400, json: { error: { code: 'invalid_definition' } } });
  const inTheWay = await update({ definition: scripted(world.folder, { next: sessions.next }) });
  expect(inTheWay.status).toBe(400); // it waits for a session that there is no more

  await world.post(`/groups/${id}/pause?wait=true`);
  await until(async () => (await detail(id)).owner === undefined);
  const last = scripted(world.folder, {
    ...sessions,
    more: { in: 'b', steps: [{ result: 'y' }] },
    last: { steps: [] },
  });
  expect((await update({ definition: last })).json.changes.added).toEqual(['last']);
  expect(await detail(id)).toMatchObject({ status: 'paused' });
  expect(await ids()).toEqual(['work', 'next', 'more', 'last']);
});

test('the chart has all group statuses, each with a position', async () => {
  const { json } = await world.api('/chart');
  const within = {
    active: ['running', 'delivering', 'active.settlingAgain', 'pausing', 'stopping'],
    interrupted: ['interrupted.running', 'interrupted.pausing', 'interrupted.stopping'],
    atRest: ['paused', 'atRest.settled'],
    'atRest.settled': ['stopped', 'completed', 'failed'],
  };
  const states = ['created', 'active', 'interrupted', 'atRest', ...Object.values(within).flat()];
  type State = { id: string; parent?: string; initial?: boolean } & Record<
    'x' | 'y' | 'width' | 'height',
    number
  >;
  const all = new Map<string, State>(json.states.map((state: State) => [state.id, state]));
  expect([...all.keys()].sort()).toEqual(states.sort());
  expect([...all.values()].filter(({ initial, parent }) => initial && !parent)).toMatchObject([
    { id: 'created' },
  ]);
  for (const [parent, ids] of Object.entries(within)) {
    const outer = all.get(parent);
    for (const id of ids) {
      const inner = all.get(id);
      if (!outer || !inner) throw new Error(`${id} in ${parent}`);
      expect(inner.parent).toBe(parent);
      expect(Math.abs(inner.x - outer.x)).toBeLessThanOrEqual((outer.width - inner.width) / 2);
      expect(Math.abs(inner.y - outer.y)).toBeLessThanOrEqual((outer.height - inner.height) / 2);
    }
  }
  expect(json.transitions).toContainEqual(expect.objectContaining({ from: 'paused', to: 'running' }));
  expect(json.transitions).toContainEqual(
    expect.objectContaining({ from: 'interrupted.running', to: 'running', event: 'resume' }),
  );
  for (const { points } of json.transitions) expect(points.length).toBeGreaterThan(1);
  expect(json.mermaid).toMatch(/^stateDiagram-v2/);
});

test('a closing server pauses its groups, and the next one resumes them', async () => {
  const id = await busyGroup();
  await world.restart();
  expect(await detail(id)).toMatchObject({ status: 'paused', reason: 'shutdown' });
  expect((await world.post(`/groups/${id}/resume`)).status).toBe(202);
  expect((await detail(id)).status).toBe('running');
});

describe('what is told of a group besides its progress', () => {
  test("a transcript tells on request what its tools have returned since, also once the file is another's", async () => {
    const definition = scripted(world.folder, {
      work: { steps: [{ tool: 'Read' }, { tool: 'Bash', duration: '10m' }] },
    });
    const id = (await world.post('/groups', { definition, run: true })).json.groupId;
    const read = async (outputs?: string) => {
      const query = outputs === undefined ? '' : `?outputs=${outputs}`;
      return (await world.api(`/groups/${id}/sessions/work/transcript${query}`)).json;
    };
    await until(async () => (await read()).lines.some((line: { running?: true }) => line.running));
    const { lines, outputs: none } = await read();
    expect(lines.at(-1)).toMatchObject({ kind: 'tool', text: 'Bash …', running: true });
    expect(lines.at(-2)).not.toHaveProperty('running');
    expect(none).toBeUndefined();

    // A client's file, which a scripted agent has not.
    const folder = join(world.dataDir, 'groups', id, 'sessions', '0-work');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'transcript.ndjson');
    const said = (toolUseId: string, content: string) =>
      `${JSON.stringify({ type: 'user', message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: toolUseId, content }] } })}\n`;
    const latest = async (outputs: string) => (await read(outputs)).outputs;
    expect(await latest('')).toEqual({ latest: [], next: '0.0' });
    writeFileSync(path, said('t1', 'one\u001b[31m') + said('t2', 'x'.repeat(3_000)));
    const first = await latest('0.0');
    expect(first.latest).toEqual([
      { toolUseId: 't1', text: 'one', offset: 0, total: 3 },
      { toolUseId: 't2', text: 'x'.repeat(2_000), offset: 0, total: 3_000 },
    ]);
    expect((await latest(first.next)).latest).toEqual([]);
    appendFileSync(path, said('t3', 'three'));
    const second = await latest(first.next);
    expect(second.latest).toMatchObject([{ toolUseId: 't3', text: 'three' }]);
    // It became too large, and another has taken its place.
    writeFileSync(`${path}.new`, said('t4', 'four'));
    renameSync(`${path}.new`, path);
    expect((await latest(second.next)).latest).toMatchObject([{ toolUseId: 't4' }]);
    expect((await world.api(`/groups/${id}/sessions/work/transcript?outputs=5`)).status).toBe(400);

    expect((await world.api(`/groups/${id}/sessions/work`)).json.messages).toBe(true);
    await world.post(`/groups/${id}/stop?wait=true`);
    expect((await read()).lines.some((line: { running?: true }) => line.running)).toBe(false);
  });

  const TOKEN = `ghp_${'canary'.repeat(5)}`;
  const agent = (...steps: object[]) => ({ kind: 'scripted', steps });
  const definition = () => ({
    version: 1,
    name: 'Told',
    config: { agent: 'scripted', permissions: { allow: ['Read'] } },
    sessions: [
      {
        id: 'lib',
        projectPath: join(world.folder, 'a'),
        prompt: `Use my-literal-secret and ${TOKEN} for {{ group.name }}.`,
        env: { MY_SECRET: 'my-literal-secret' },
        config: { claudeMdTemplate: `Never print ${TOKEN}.` },
        agent: agent({ cost: 0.25 }, { result: `# Done\n${'x'.repeat(500)}` }),
      },
      {
        id: 'app',
        projectPath: join(world.folder, 'b'),
        prompt: 'After {{ sessions.lib.result }}.',
        dependsOn: ['lib'],
        agent: agent(
          { text: 'I have looked,\nand ask.' },
          { approval: 'Bash', input: { command: 'make' } },
          { result: 'built' },
        ),
      },
    ],
  });

  test('first lines of results, last words, cost over time, what agents are told, and what waits for a person', async () => {
    const { groupId } = (await world.post('/groups', { definition: definition(), run: true })).json;
    const waiting = async () => (await world.api('/groups')).json.groups[0].attention;
    await until(async () => (await waiting()) !== undefined);
    expect(await waiting()).toEqual({ approvals: 1 });
    const { results, said } = await detail(groupId);
    expect({ results, said }).toEqual({
      results: { lib: 'Done' },
      said: { app: 'I have looked, and ask.' },
    });
    expect((await world.api(`/groups/${groupId}/cost`)).json.points.at(-1).costUsd).toBe(0.25);
    expect((await world.api(`/groups/${groupId}/result`)).json.result).toMatchObject({
      status: 'running',
      sessions: { lib: { status: 'completed' }, app: { status: 'awaiting_approval' } },
    });

    const told = async (id: string) =>
      (await world.api(`/groups/${groupId}/sessions/${id}/configuration`)).json;
    expect(await told('lib')).toMatchObject({
      prompt: 'Use [redacted MY_SECRET] and [redacted] for Told.',
      agent: 'scripted',
      permissions: { mode: 'acceptEdits', allow: ['Read'], onRequest: 'ask', timeout: 1_800_000 },
      files: [{ path: 'CLAUDE.md', text: expect.stringContaining('Never print [redacted].'), cut: false }],
    });
    expect((await told('app')).prompt).toBe('After <result of lib>.');
    expect((await told('nobody')).error.code).toBe('unknown_session');

    await world.post(`/groups/${groupId}/pause?wait=true`);
    expect(await waiting()).toEqual({ paused: 'manual' });
    await world.post(`/groups/${groupId}/stop?wait=true`);
    expect(await waiting()).toBeUndefined();

    const fails = scripted(world.folder, { lib: { steps: [{ failure: 'invalid_request' }] } });
    const failed = (await world.post('/groups', { definition: fails, run: true })).json.groupId;
    await until(async () => (await waiting()) !== undefined);
    expect(await waiting()).toEqual({ failed: 1 });
    expect((await world.api('/attention')).json.items).toMatchObject([{ kind: 'failed', failed: 1 }]);
    await world.post(`/groups/${failed}/archive`);
    const all = (await world.api('/groups?archived=true')).json.groups;
    expect(all.map((group: { attention?: unknown }) => group.attention)).toEqual([undefined, undefined]);
    expect((await world.api('/attention')).json.items).toEqual([]);
  });
});
