// @module-tag processes
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtCli, cliEnv } from './built-cli.ts';
import { finished, openWorkshop, session, type Workshop } from './workshop.ts';

const CLIENT = fileURLToPath(new URL('../fixtures/hand-claude.mjs', import.meta.url));
const CANARY = 'canary-5c20d1f9';

let shop: Workshop;
let env: Record<string, string>;
let opened: ChildProcess[];
beforeEach(async () => {
  shop = await openWorkshop();
  opened = [];
  const configDir = join(shop.folder, "the user's");
  mkdirSync(configDir);
  env = {
    ...{ CANARY, SESSION_GROUPS_CLAUDE: CLIENT, CLAUDE_CONFIG_DIR: configDir },
    HAND_LOG: join(shop.folder, 'hand.ndjson'),
  };
});
afterEach(async () => {
  for (const child of opened) child.kill('SIGKILL');
  await shop.close();
});

const cli = (...argv: string[]) => finished(shop.startWith(env, ...argv));
const ran = async (more = '') => {
  const own = `  - { id: a, projectPath: a, prompt: go, agent: claude, env: { MY_TOKEN: "\${CANARY}" } }\n`;
  const file = await shop.group(own + more, 'settingSources: [user]');
  const { code, lines } = await cli('run', file, '--json');
  return { code, id: String(lines[0]?.groupId) };
};

/** `session open --exec` with a stdin of its own. */
function byHand(id: string) {
  const child = spawn(process.execPath, [builtCli(), 'session', 'open', id, 'a', '--exec'], {
    cwd: shop.folder,
    env: cliEnv({ ...env, SESSION_GROUPS_DATA_DIR: shop.dataDir }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  opened.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => (said += text));
  return {
    child,
    said: () => said,
    /** The program has begun. */
    begun: () => expect.poll(() => said, { timeout: 60_000 }).toContain('by hand'),
    ended: new Promise<number | null>(resolve => child.once('close', resolve)),
  };
}
const began = () =>
  readFileSync(env.HAND_LOG ?? '', 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

describe('session open', () => {
  it('prints a command for a shell that goes on with the conversation, and no secret', async () => {
    const { id } = await ran();
    const conversation = readFileSync(join(shop.dataDir, 'groups', id, 'journal.ndjson'), 'utf8')
      .split('\n')
      .flatMap(line => (line.includes('session_started') ? JSON.parse(line).agentSessionId : []))[0];
    const { out, code } = await cli('session', 'open', 'demo', 'a');
    expect(code).toBe(0);
    const config = `CLAUDE_CONFIG_DIR='${join(shop.folder, "the user'\\''s")}'`;
    expect(out).toBe(`cd ${shop.folder}/a && ${config} ${CLIENT} --resume ${conversation}\n`);
    execFileSync('sh', ['-c', out], { env: { ...process.env, ...env }, input: '' });
    expect(began()).toMatchObject([
      { cwd: join(shop.folder, 'a'), args: ['--resume', conversation], config: env.CLAUDE_CONFIG_DIR },
    ]);

    const [json] = (await cli('session', 'open', 'demo', 'a', '--json')).lines;
    expect(json).toMatchObject({
      type: 'open',
      sessionId: 'a',
      command: out.trim(),
      conversationId: conversation,
    });
    const [shown] = (await cli('session', 'show', 'demo', 'a', '--json')).lines;
    expect(shown?.open).toEqual({ command: out.trim(), conversationId: conversation });
    expect((await cli('session', 'show', 'demo', 'a')).out).toContain(`  by hand: ${out}`);
    expect(JSON.stringify([out, json, shown])).not.toContain(CANARY);
  });

  it('is refused while the session is live, without a conversation, and for agents that have none', async () => {
    const { id } = await ran(
      '  - { id: c, projectPath: c, prompt: go, agent: { kind: command, command: [echo, x] } }\n' +
        session('b', '{ failure: max_turns }') +
        '  - { id: d, projectPath: a, prompt: go, agent: claude, dependsOn: [b] }\n',
    );
    const refused = async (...words: string[]) => {
      const { code, err } = await cli('session', 'open', id, ...words);
      return [code, err] as const;
    };
    expect(await refused('c')).toEqual([
      5,
      expect.stringContaining('an agent of the kind command has no conversation'),
    ]);
    expect(await refused('b', '--exec')).toEqual([5, expect.stringContaining('of the kind scripted')]);
    expect(await refused('d')).toEqual([5, expect.stringContaining('d has no conversation yet')]);

    const file = await shop.group(
      '  - { id: a, projectPath: b, prompt: go, agent: claude }\n',
      '',
      'live.yaml',
    );
    const live = shop.startWith({ ...env, HAND_STAYS: '1' }, 'run', file, '--json');
    await live.says('session_message');
    const { groupId } = JSON.parse(live.out().split('\n')[0] ?? '');
    const { code, err } = await cli('session', 'open', groupId, 'a');
    expect([code, err]).toEqual([
      5,
      expect.stringMatching(/cannot be opened while it is running.*\n.*group pause/s),
    ]);
    expect((await cli('session', 'open', groupId, 'a', '--exec')).code).toBe(5);
  });
});

describe('session open --exec', () => {
  it('holds the group until the program has ended, journals it, and exits as it does', async () => {
    const { id } = await ran(session('b', '{ failure: max_turns }'));
    const hand = byHand(id);
    await hand.begun();
    expect(began()).toMatchObject([
      { cwd: join(shop.folder, 'a'), config: env.CLAUDE_CONFIG_DIR, token: CANARY },
    ]);
    const retry = await cli('group', 'retry', id);
    expect([retry.code, retry.err]).toEqual([5, expect.stringContaining('is run by process')]);
    expect((await cli('session', 'open', id, 'a', '--exec')).code).toBe(5);
    hand.child.stdin?.write('leave\n');
    expect(await hand.ended).toBe(7);
    expect(hand.said()).toContain('what you spend is not counted');

    const { out } = await cli('session', 'logs', id, 'a', '--tail', '1');
    expect(out).toContain('opened by hand: what that spends is not counted');
    expect((await cli('session', 'show', id, 'a', '--json')).lines).toMatchObject([
      { openedByHand: 1, costUsd: 0.25 },
    ]);
    expect((await cli('session', 'show', id, 'a')).out).toContain(
      'opened by hand once, which is not in its cost',
    );
    expect((await cli('group', 'retry', id)).code).toBe(1);
  });

  it('killed, its program ends within two seconds, and the group can go on', async () => {
    const { id } = await ran(session('b', '{ failure: max_turns }'));
    const hand = byHand(id);
    await hand.begun();
    const [{ pid }] = began();
    expect(isAlive(pid)).toBe(true);
    hand.child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    expect((await cli('group', 'retry', id)).code).toBe(1);
  });

  it('terminated, it ends its program first', async () => {
    const { id } = await ran();
    const hand = byHand(id);
    await hand.begun();
    hand.child.kill('SIGTERM');
    expect(await hand.ended).toBe(143);
    expect(isAlive(began()[0].pid)).toBe(false);
  });
});
