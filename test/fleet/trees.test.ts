// @module-tag processes
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import type { SessionStatus } from '../../src/sdk/group/types.ts';
import { eventually } from './fleet-bench.ts';
import { TreeBench } from './tree-bench.ts';

/** Sessions in trees of their own, on workers that have real git and folders of their own. */

const statuses = (group: GroupRunner): SessionStatus[] =>
  group.getProgress().sessions.map(({ status }) => status);

const MINUTES = { timeout: 180_000 };

/** A line of shell that says on which worker it has begun, and goes on once it may. */
function held(bench: TreeBench, name: string) {
  const [signs, gate] = [join(bench.folder, `${name}.signs`), join(bench.folder, `${name}.gate`)];
  const begun = () => (existsSync(signs) ? readFileSync(signs, 'utf8').split('\n').filter(Boolean) : []);
  return {
    line: `echo "$ON" >> ${signs}; until [ -e ${gate} ]; do sleep 0.05; done`,
    begun,
    /** It has begun so many times. */
    reached: (times = 1) => eventually(() => begun().length >= times),
    open: () => writeFileSync(gate, ''),
  };
}

/** The bench's two workers, by the name of the one that has a session. */
function pair(bench: TreeBench) {
  const workers = { first: bench.worker('first'), second: bench.worker('second') };
  const named = (name: string | undefined) => (name === 'first' ? workers.first : workers.second);
  return { ...workers, named, other: (name: string | undefined) => (name === 'first' ? 'second' : 'first') };
}

test(
  'what sessions in trees on two workers have done is merged as it is on one machine',
  MINUTES,
  async () => {
    const bench = new TreeBench();
    pair(bench);
    const sessions = [
      bench.script('a', 'echo a > a.txt'),
      bench.script('b', 'echo b > b.txt; git add b.txt; git commit -qm "by the agent"'),
      bench.script('c', 'cat a.txt b.txt > c.txt; cat ready >> c.txt', {
        dependsOn: ['a', 'b'],
        workspace: { setup: ['echo set up > ready; echo ready > .gitignore'] },
        verify: { commands: ['test "$(tail -1 c.txt)" = "set up"'] },
      }),
    ];
    const config = { concurrency: { maxConcurrent: 2 } };
    const there = await bench.ran(sessions, config);
    expect(statuses(there)).toEqual(['completed', 'completed', 'completed']);
    const merged = bench.merged(there);
    await there.dispose();
    const here = await bench.ran(sessions, config, { here: true });
    expect(merged).toEqual(bench.merged(here));
    expect(merged).toMatchObject({ 'c.txt': 'a\nb\nset up\n' });
    expect(existsSync(join(bench.folder, 'work', here.id))).toBe(false);
  },
);

test('checks that fail go back to the conversation, in the same tree', MINUTES, async () => {
  const bench = new TreeBench();
  pair(bench);
  const group = await bench.ran([
    bench.script('a', 'echo x >> a.txt; wc -l < a.txt > lines', {
      verify: { commands: ['test "$(cat lines)" -eq 2'] },
    }),
  ]);
  expect(statuses(group)).toEqual(['completed']);
  expect(bench.merged(group)).toMatchObject({ 'a.txt': 'x\nx\n' });
});

test('a conflict is put into the tree of its author, who resolves it there', MINUTES, async () => {
  const bench = new TreeBench();
  pair(bench);
  const first = held(bench, 'first-done');
  const group = await bench.create(
    [
      bench.script('a', 'echo a > same.txt'),
      bench.script(
        'b',
        `if [ -e same.txt ]; then echo both > same.txt; else ${first.line}; echo b > same.txt; fi`,
      ),
    ],
    { integrate: { mode: 'merge', onConflict: 'resolve' }, concurrency: { maxConcurrent: 2 } },
  );
  group.events$.subscribe(event => {
    if (event.type === 'session_integrated' && event.sessionId === 'a') first.open();
  });
  await group.run();
  expect(statuses(group)).toEqual(['completed', 'completed']);
  expect(bench.merged(group)).toMatchObject({ 'same.txt': 'both\n' });
});

describe('a worker that is lost', () => {
  test('in set-up: the tree is made and set up on another one', MINUTES, async () => {
    const bench = new TreeBench();
    const setup = held(bench, 'setup');
    const { named, other } = pair(bench);
    const group = await bench.create([
      bench.script('a', 'echo "$ON" > on.txt', { workspace: { setup: [setup.line] } }),
    ]);
    const run = group.run();
    await setup.reached();
    const [lost] = setup.begun();
    named(lost).cutOff();
    await bench.lose();
    await setup.reached(2);
    setup.open();
    await run;
    expect(setup.begun()).toEqual([lost, other(lost)]);
    expect(bench.merged(group)).toMatchObject({ 'on.txt': `${other(lost)}\n` });
  });

  test(
    'in its checks: they run on another one, which has set the same work up, and the agent does not',
    MINUTES,
    async () => {
      const bench = new TreeBench();
      const checks = held(bench, 'checks');
      const { named, other } = pair(bench);
      bench.repo.write('.gitignore', 'tools\n');
      bench.repo.commit();
      const group = await bench.create([
        bench.script('a', 'echo "$ON" > on.txt', {
          workspace: { setup: ['echo "$ON" > tools'] },
          verify: { commands: [checks.line, 'test "$(cat tools)" = "$ON"'] },
        }),
      ]);
      const run = group.run();
      await checks.reached();
      const [lost] = checks.begun();
      named(lost).cutOff();
      await bench.lose();
      await checks.reached(2);
      checks.open();
      await run;
      expect(statuses(group)).toEqual(['completed']);
      expect(checks.begun()).toEqual([lost, other(lost)]);
      expect(bench.merged(group)).toMatchObject({ 'on.txt': `${lost}\n` });
    },
  );

  test('when its session has been saved: another one merges that', MINUTES, async () => {
    const bench = new TreeBench();
    const { named } = pair(bench);
    const agent = held(bench, 'agent');
    agent.open();
    const group = await bench.create([
      bench.script('a', `${agent.line}; echo a > a.txt`, { verify: { commands: ['true'] } }),
    ]);
    group.events$.subscribe(event => {
      if (event.type === 'session_verified') {
        named(agent.begun()[0]).cutOff();
        void bench.lose();
      }
    });
    await group.run();
    expect(statuses(group)).toEqual(['completed']);
    expect(bench.merged(group)).toMatchObject({ 'a.txt': 'a\n' });
    expect(agent.begun()).toHaveLength(1);
  });

  test('when its agent was done, and nothing was saved: all that it did is there', MINUTES, async () => {
    const bench = new TreeBench();
    const { named } = pair(bench);
    const agent = held(bench, 'agent');
    agent.open();
    const group = await bench.create([bench.script('a', `${agent.line}; echo a > a.txt`)]);
    group.progress$.subscribe(({ sessions }) => {
      if (sessions[0]?.status !== 'saving') return;
      named(agent.begun()[0]).cutOff();
      void bench.lose();
    });
    await group.run();
    expect(statuses(group)).toEqual(['completed']);
    expect(bench.merged(group)).toMatchObject({ 'a.txt': 'a\n' });
    expect(agent.begun()).toHaveLength(1);
  });
});

describe('a session that is resumed', () => {
  test('goes on in its tree, on the worker that has it', MINUTES, async () => {
    const bench = new TreeBench();
    const agent = held(bench, 'agent');
    pair(bench);
    const group = await bench.create([
      bench.script('a', `echo "$ON" >> on.txt; touch scratch; ${agent.line}; echo "$ON" >> on.txt`),
    ]);
    group.run().catch(() => {});
    await agent.reached();
    await group.pause();
    agent.open();
    await group.resume();
    const [on] = agent.begun();
    expect(bench.merged(group)).toMatchObject({ 'on.txt': `${on}\n${on}\n${on}\n` });
  });

  test('goes on on another one from what it had saved, once nobody serves that place', MINUTES, async () => {
    const bench = new TreeBench();
    const [agent, setup] = [held(bench, 'agent'), held(bench, 'setup')];
    setup.open();
    const { named, other } = pair(bench);
    const group = await bench.create([
      bench.script('a', `echo "$ON" >> on.txt; ${agent.line}`, { workspace: { setup: [setup.line] } }),
    ]);
    group.run().catch(() => {});
    await agent.reached();
    await group.pause();
    const [gone] = agent.begun();
    await named(gone).drained();
    agent.open();
    await group.resume();
    expect(statuses(group)).toEqual(['completed']);
    expect(bench.merged(group)).toMatchObject({ 'on.txt': `${gone}\n${other(gone)}\n` });
    expect(setup.begun()).toEqual([gone, other(gone)]);
    const places = (await bench.records()).flatMap(record =>
      record.type === '_workspace_at' ? [record.place] : [],
    );
    expect(new Set(places).size).toBe(2);
  });
});

test('a worker that drains gives back what its agent has done so far', MINUTES, async () => {
  const bench = new TreeBench();
  const agent = held(bench, 'agent');
  const { named, other } = pair(bench);
  const group = await bench.create([bench.script('a', `echo "$ON" >> on.txt; ${agent.line}`)]);
  const run = group.run();
  await agent.reached();
  const [drained] = agent.begun();
  await named(drained).drained();
  await agent.reached(2);
  agent.open();
  await run;
  expect(statuses(group)).toEqual(['completed']);
  expect(bench.merged(group)).toMatchObject({ 'on.txt': `${drained}\n${other(drained)}\n` });
});

test('a step that no worker takes says so, and is cut off by a pause', MINUTES, async () => {
  const bench = new TreeBench();
  const group = await bench.create([bench.script('a', 'echo a > a.txt')]);
  group.run().catch(() => {});
  const why = () => group.getProgress().sessions[0]?.why;
  await eventually(() => why()?.kind === 'placement');
  expect([statuses(group), why()]).toEqual([
    ['preparing'],
    { kind: 'placement', workers: 0, ahead: 0, pool: 'pool', trees: true },
  ]);
  await group.pause();
  expect(statuses(group)).toEqual(['paused']);
  bench.worker('first');
  await group.resume();
  expect(statuses(group)).toEqual(['completed']);
});

test(
  'a tree that was left behind is kept under a ref before its session has another one there',
  MINUTES,
  async () => {
    const bench = new TreeBench();
    const [early, late] = [held(bench, 'early'), held(bench, 'late')];
    const { named, first, second } = pair(bench);
    const group = await bench.create([
      bench.script('a', `if [ -e begun ]; then ${late.line}; else ${early.line}; fi`, {
        workspace: { setup: ['true'] },
      }),
    ]);
    group.run().catch(() => {});
    await early.reached();
    const [lost] = early.begun();
    const [tree] = readdirSync(join(named(lost).folder, group.id)).filter(name => name.startsWith('sgw-'));
    writeFileSync(join(named(lost).folder, group.id, `${tree}`, 'begun'), '');
    writeFileSync(join(named(lost).folder, group.id, `${tree}`, 'only-here.txt'), 'precious\n');
    named(lost).cutOff();
    await bench.lose();
    await early.reached(2);
    const other = named(lost) === first ? second : first;
    await group.pause();
    await other.drained();
    bench.worker(lost ?? '');
    early.open();
    await group.resume();
    expect(statuses(group)).toEqual(['completed']);
    expect(bench.merged(group)).not.toHaveProperty('only-here.txt');
    const [kept = ''] = bench.repo
      .git('for-each-ref', '--format=%(refname)', 'refs/session-groups/archive')
      .split('\n');
    expect(bench.repo.git('show', `${kept}:only-here.txt`)).toBe('precious\n');
  },
);

test('a repository of which a part is missing is refused', MINUTES, async () => {
  const bench = new TreeBench();
  bench.repo.commit('second');
  const shallow = join(bench.folder, 'shallow');
  bench.repo.git('clone', '-q', '--depth', '1', `file://${bench.repo.path}`, shallow);
  bench.worker('first');
  const group = await bench.ran([bench.script('a', 'true', { projectPath: shallow })]);
  expect((await bench.records()).find(({ type }) => type === 'session_failed')).toMatchObject({
    error: { code: 'workspace_incomplete' },
  });
  expect(statuses(group)).toEqual(['failed']);
});

test(
  'a session that starts over has a new tree, and the next engine finds its agent in it',
  MINUTES,
  async () => {
    const bench = new TreeBench();
    const [failing, agent] = [held(bench, 'failing'), held(bench, 'agent')];
    failing.open();
    pair(bench);
    const group = await bench.create([
      bench.script('a', `echo x >> a.txt; [ -e ${join(bench.folder, 'better')} ] || exit 1; ${agent.line}`, {
        workspace: { setup: [failing.line] },
      }),
    ]);
    await group.run();
    expect(statuses(group)).toEqual(['failed']);
    writeFileSync(join(bench.folder, 'better'), '');
    group.retry({ fresh: true }).catch(() => {});
    await agent.reached();
    await bench.die();
    agent.open();
    const next = await bench.open();
    await next.resume();
    expect(statuses(next)).toEqual(['completed']);
    expect(bench.merged(next)).toMatchObject({ 'a.txt': 'x\n' });
    expect([failing.begun().length, agent.begun().length]).toEqual([2, 1]);
  },
);

describe('an engine that dies', () => {
  test('while checks run: the next one repeats them, and the agent does not run again', MINUTES, async () => {
    const bench = new TreeBench();
    const [agent, checks] = [held(bench, 'agent'), held(bench, 'checks')];
    agent.open();
    pair(bench);
    const group = await bench.create([
      bench.script('a', `${agent.line}; echo a > a.txt`, { verify: { commands: [checks.line] } }),
    ]);
    group.run().catch(() => {});
    await checks.reached();
    await bench.die();
    checks.open();
    const next = await bench.open();
    await next.resume();
    expect(statuses(next)).toEqual(['completed']);
    expect(bench.merged(next)).toMatchObject({ 'a.txt': 'a\n' });
    expect([agent.begun().length, checks.begun().length]).toEqual([1, 2]);
    expect(new Set([...agent.begun(), ...checks.begun()]).size).toBe(1);
  });

  test(
    'while agents work in their trees: the next one saves what they have done meanwhile',
    MINUTES,
    async () => {
      const bench = new TreeBench();
      const agent = held(bench, 'agent');
      pair(bench);
      const group = await bench.create([bench.script('a', `${agent.line}; echo a > a.txt`)]);
      group.run().catch(() => {});
      await agent.reached();
      await bench.die();
      agent.open();
      const next = await bench.open();
      await next.resume();
      expect(statuses(next)).toEqual(['completed']);
      expect(bench.merged(next)).toMatchObject({ 'a.txt': 'a\n' });
      expect(agent.begun()).toHaveLength(1);
    },
  );

  test.each(['saving', 'integrating'] as const)(
    'while it was %s: the next one takes that up',
    MINUTES,
    async status => {
      const bench = new TreeBench();
      const agent = held(bench, 'agent');
      agent.open();
      pair(bench);
      const group = await bench.create([bench.script('a', `${agent.line}; echo a > a.txt`)]);
      const reached = new Promise<void>(resolve => {
        group.progress$.subscribe(({ sessions }) => {
          if (sessions[0]?.status === status) resolve();
        });
      });
      group.run().catch(() => {});
      await reached;
      await bench.die();
      const next = await bench.open();
      await next.resume();
      expect(statuses(next)).toEqual(['completed']);
      expect(bench.merged(next)).toMatchObject({ 'a.txt': 'a\n' });
      expect(agent.begun()).toHaveLength(1);
    },
  );
});

test(
  'set-up and checks get what the machine of a worker gives, and nothing of that travels',
  MINUTES,
  async () => {
    const bench = new TreeBench();
    bench.worker('first');
    const group = await bench.ran([
      bench.script('a', 'echo a > a.txt', {
        env: { WHERE: '$' + '{ON}' },
        workspace: { setup: ['test "$WHERE" = first'] },
        verify: { commands: ['echo "on $WHERE"'] },
      }),
    ]);
    expect(statuses(group)).toEqual(['completed']);
    const logs = join(bench.folder, 'first', group.id, 'a', 'logs');
    expect(readdirSync(logs)).toContain('verify.log');
  },
);

test.each([
  [
    'checks in the project itself',
    { workspace: { mode: 'shared' as const }, verify: { commands: ['true'] } },
  ],
  ['a session that takes ports', { workspace: { ports: ['PORT'] } }],
  ['a session that brings ignored files along', { workspace: { include: ['.env'] } }],
])('%s: refused before anything is made', async (what, more) => {
  const bench = new TreeBench();
  const group = bench.create([bench.script('a', 'true', more)], { integrate: { mode: 'none' } });
  await expect(group).rejects.toMatchObject({
    code: 'workspace_elsewhere',
    message: `session "a": ${what} cannot be carried out elsewhere`,
  });
});
