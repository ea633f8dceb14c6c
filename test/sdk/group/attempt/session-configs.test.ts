// @module-tag processes
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../../../src/sdk/group/api/options.ts';
import { preview } from '../../../../src/sdk/group/api/preview.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import type { GroupRunner } from '../../../../src/sdk/group/runner.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import type { Agent, AgentEvent, AttemptSpec } from '../../../../src/sdk/session/agent.ts';
import { createFileStore } from '../../../../src/store/file-store.ts';

let folder: string;
let groups: GroupRunner[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'configs-'));
  groups = [];
  mkdirSync(join(folder, 'project'));
});
afterEach(async () => {
  for (const group of groups) await group.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Stands in for the client: records how it was started, starts a conversation, and works until told to stop. */
class NotingAgent implements Agent {
  readonly kind = 'claude';
  readonly capabilities = { resume: true, usage: 'stream', spends: true, approvals: true } as const;
  readonly specs: AttemptSpec[] = [];
  readonly #idle: boolean;

  constructor(options: { readonly idle?: boolean } = {}) {
    this.#idle = options.idle ?? false;
  }

  start(spec: AttemptSpec, sink: (event: AgentEvent) => void) {
    this.specs.push(spec);
    let ended = false;
    const end = (outcome: 'done' | 'interrupted') => {
      if (ended) return;
      ended = true;
      setImmediate(() =>
        sink({
          type: 'ended',
          end: outcome === 'done' ? { outcome, result: 'ok', denials: [] } : { outcome },
        }),
      );
    };
    setImmediate(() => {
      sink({ type: 'started', conversationId: spec.conversation.id });
      if (!this.#idle || this.specs.length > 1) end('done');
    });
    const interrupt = () => end('interrupted');
    return { interrupt, terminate: interrupt, kill: interrupt, answerPermission: () => {} };
  }
}

type Session = Omit<SessionGroupInput['sessions'][number], 'id' | 'projectPath'>;

const definition = (session: Session): SessionGroupInput => ({
  version: 1,
  name: 'configs',
  sessions: [{ id: 'a', projectPath: join(folder, 'project'), ...session }],
});

async function created(session: Session, agent: Agent, options: SessionGroupOptions = {}) {
  const projects = memoryProjectGate();
  const group = await createSessionGroup(definition(session), {
    agents: { claude: agent },
    projects,
    env: { TOKEN: 'the token' },
    ...options,
  });
  return watched(group);
}

function watched(group: GroupRunner) {
  groups.push(group);
  const events: GroupEvent[] = [];
  group.events$.subscribe(event => events.push(event));
  return {
    group,
    generated: () => events.filter(event => event.type === 'config_generated'),
    failure: () => events.find(event => event.type === 'session_failed')?.error,
  };
}

const store = () => createFileStore({ dataDir: join(folder, 'data') });
const ALL: Session = {
  prompt: 'go',
  env: { OWN: '${TOKEN}' },
  mcpServers: { docs: { command: 'node', env: { TOKEN: '${TOKEN}', MODE: 'fast' } } },
  config: { claudeMdTemplate: 'Mind {{ session.id }}.', settingsOverride: { model: 'opus' } },
};

describe('the configuration of a session', () => {
  test('is written into its own folder, private to the user, and journalled once before the start', async () => {
    const agent = new NotingAgent();
    const { group, generated } = await created(ALL, agent, { store: store() });
    expect((await group.run()).status).toBe('completed');
    const dir = join(folder, 'data/groups', group.id, 'sessions/001-a/config');
    expect(agent.specs[0]?.config).toEqual({
      instructionsFile: join(dir, 'CLAUDE.md'),
      settingsFile: join(dir, 'settings.json'),
      mcpConfigFile: join(dir, '.mcp.json'),
      mcpServers: ['docs'],
    });
    expect(agent.specs[0]?.env).toEqual({
      TOKEN: 'the token',
      OWN: 'the token',
      SESSION_GROUPS_MCP_1: 'fast',
    });
    expect(readFileSync(join(dir, 'CLAUDE.md'), 'utf8')).toContain('Mind a.');
    expect(readdirSync(dir).sort()).toEqual(['.mcp.json', 'CLAUDE.md', 'settings.json']);
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    const all = (await eventsOf(group)).map(event => event.type);
    expect(all.indexOf('config_generated')).toBeLessThan(all.indexOf('session_started'));
    const shown = await preview(definition(ALL), { env: { TOKEN: 'x' } });
    expect(generated()).toMatchObject([
      { sessionId: 'a', files: ['.mcp.json', 'CLAUDE.md', 'settings.json'], hash: shown.sessions[0]?.hash },
    ]);
  });

  test('is not journalled again if it is the same after a pause', async () => {
    const agent = new NotingAgent({ idle: true });
    const { group, generated } = await created(ALL, agent, { store: store() });
    await pausedOnceLive(group, agent);
    expect((await group.resume()).status).toBe('completed');
    expect(agent.specs.map(spec => [spec.conversation.resume, spec.config?.instructionsChanged])).toEqual([
      [false, undefined],
      [true, undefined],
    ]);
    expect(generated()).toHaveLength(1);
  });

  test('is journalled again and reported as changed if it changed before a resume, also by the next owner', async () => {
    const rules = join(folder, 'project/CLAUDE.md');
    writeFileSync(rules, 'Old rules.');
    const agent = new NotingAgent({ idle: true });
    const first = await created({ prompt: 'go', settingSources: ['user'] }, agent, { store: store() });
    await pausedOnceLive(first.group, agent);
    expect(first.generated()).toHaveLength(1);
    await first.group.dispose();
    writeFileSync(rules, 'New rules.');
    const second = watched(
      await openSessionGroup(first.group.id, {
        store: store(),
        agents: { claude: agent },
        projects: memoryProjectGate(),
        env: {},
      }),
    );
    expect((await second.group.resume()).status).toBe('completed');
    expect(second.generated()).toHaveLength(1);
    const file = agent.specs[1]?.config?.instructionsFile ?? '';
    expect(agent.specs[1]?.config).toEqual({ instructionsFile: file, instructionsChanged: true });
    expect(readFileSync(file, 'utf8')).toContain('New rules.');
  });

  test('fails its session if a variable is no longer set, and names it', async () => {
    const { group } = await created(ALL, new NotingAgent(), { store: store() });
    await group.dispose();
    const options = { store: store(), agents: { claude: new NotingAgent() }, projects: memoryProjectGate() };
    const { group: again, failure } = watched(await openSessionGroup(group.id, { ...options, env: {} }));
    expect((await again.run()).status).toBe('failed');
    expect(failure()).toMatchObject({ code: 'prepare_failed', message: expect.stringContaining('TOKEN') });
  });

  test('fails its session if it cannot be written, and says where', async () => {
    const { group, failure } = await created(ALL, new NotingAgent(), { store: store() });
    const dir = join(folder, 'data/groups', group.id, 'sessions/001-a/config');
    mkdirSync(dirname(dir), { recursive: true });
    writeFileSync(dir, 'in the way');
    expect((await group.run()).status).toBe('failed');
    expect(failure()).toMatchObject({ code: 'prepare_failed', message: expect.stringContaining(dir) });
  });

  test('of an in-memory group is in a temporary folder, removed with the group', async () => {
    const agent = new NotingAgent();
    const { group } = await created(ALL, agent);
    expect((await group.run()).status).toBe('completed');
    const file = agent.specs[0]?.config?.instructionsFile ?? '';
    expect(file.startsWith(tmpdir())).toBe(true);
    await group.dispose();
    expect(existsSync(dirname(dirname(file)))).toBe(false);
  });

  test('can be an empty private config folder', async () => {
    const agent = new NotingAgent();
    const env = { ANTHROPIC_API_KEY: 'key' };
    const { group, generated } = await created({ prompt: 'go', isolateConfigDir: true }, agent, {
      store: store(),
      env,
    });
    expect((await group.run()).status).toBe('completed');
    const configDir = join(folder, 'data/groups', group.id, 'sessions/001-a/config/home');
    expect(agent.specs[0]?.config).toEqual({ configDir });
    expect(statSync(configDir).mode & 0o777).toBe(0o700);
    expect(generated()).toMatchObject([{ files: [] }]);
  });

  test('with its own config folder is refused if there is no login at the start', async () => {
    const session: Session = { prompt: 'go', isolateConfigDir: true };
    const { group } = await created(session, new NotingAgent(), {
      store: store(),
      env: { ANTHROPIC_API_KEY: 'key' },
    });
    await group.dispose();
    const agent = new NotingAgent();
    const options = { store: store(), agents: { claude: agent }, projects: memoryProjectGate(), env: {} };
    const { group: again, failure } = watched(await openSessionGroup(group.id, options));
    expect((await again.run()).status).toBe('failed');
    expect(failure()).toMatchObject({ code: 'prepare_failed', message: expect.stringContaining('login') });
    expect(agent.specs).toEqual([]);
  });

  test('can be tried out with a script, which needs no login', async () => {
    const agent = { kind: 'scripted' as const };
    const { group, generated } = await created({ ...ALL, isolateConfigDir: true, agent }, new NotingAgent());
    expect((await group.run()).status).toBe('completed');
    expect(generated()).toMatchObject([
      { files: expect.arrayContaining(['CLAUDE.md', '.mcp.json', 'settings.json']) },
    ]);
  });

  test('is not generated for an agent that has none', async () => {
    const agent = { kind: 'command' as const, command: ['true'] as [string] };
    const { group, generated } = await created({ ...ALL, isolateConfigDir: true, agent }, new NotingAgent());
    expect((await group.run()).status).toBe('completed');
    expect(generated()).toEqual([]);
  });

  test('of a session with everything switched off is absent: no folder, no event, no preparation', async () => {
    const agent = new NotingAgent();
    const { group, generated } = await created({ prompt: 'go' }, agent, { store: store() });
    expect((await group.run()).status).toBe('completed');
    expect(agent.specs[0]?.config).toBeUndefined();
    expect(generated()).toEqual([]);
    expect(existsSync(join(folder, 'data/groups', group.id, 'sessions/001-a/config'))).toBe(false);
  });
});

async function pausedOnceLive(group: GroupRunner, agent: NotingAgent): Promise<void> {
  const run = group.run();
  await new Promise<void>(resolve => {
    group.journal$().subscribe(event => {
      if (event.type === 'session_started') setImmediate(() => setImmediate(resolve));
    });
  });
  await group.pause();
  expect((await run).status).toBe('paused');
  expect(agent.specs).toHaveLength(1);
}

/** What a completed group has journalled. */
const eventsOf = (group: GroupRunner): Promise<GroupEvent[]> =>
  lastValueFrom(
    group.journal$().pipe(
      takeWhile(({ type }) => type !== 'group_completed', true),
      toArray(),
    ),
  );
