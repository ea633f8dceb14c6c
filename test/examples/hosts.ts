import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './built-package.ts';

/** A running host: its output, and what it was waited for to say. */
class Host {
  stdout = '';
  stderr = '';
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  #heard: (() => void)[] = [];

  constructor(process: ChildProcess) {
    this.process = process;
    process.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(() => (this.stdout += text)));
    process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear(() => (this.stderr += text)));
    this.ended = once(process, 'close').then(([code]) => {
      this.#hear(() => {});
      return code;
    });
  }

  /** Resolves with the match once the output has it; fails if the host ends without a word of it. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match) return match;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`ended without ${pattern}:\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise<void>(resolve => this.#heard.push(resolve));
    }
  }

  #hear(change: () => void): void {
    change();
    for (const resolve of this.#heard.splice(0)) resolve();
  }
}

/**
 * The host programs of `examples/hosts`, run as real processes in a project that has the package installed.
 * @param place the project, and the Node that runs them. Default: the Node of the tests.
 */
export function hostPrograms(place: () => { readonly project: string; readonly node?: string }): void {
  let folder: string;
  let running: Host[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'session-groups-hosts-'));
    mkdirSync(join(folder, 'project'));
    running = [];
  });
  afterEach(async () => {
    for (const host of running) {
      if (host.process.exitCode === null) host.process.kill('SIGKILL');
      await host.ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = (more: Readonly<Record<string, string>> = {}) => {
    const data = { SESSION_GROUPS_DATA_DIR: join(folder, 'kept') };
    return { ...process.env, ...data, LC_ALL: 'C.UTF-8', CI: 'true', TZ: 'UTC', ...more };
  };
  const start = (name: string, more: Readonly<Record<string, string>> = {}) => {
    const { project, node = process.execPath } = place();
    const child = spawn(node, [join('examples', 'hosts', name), join(folder, 'project')], {
      cwd: project,
      env: environment(more),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const host = new Host(child);
    running.push(host);
    return host;
  };
  /** The groups that a host has left, as the command line lists them. */
  const left = () => {
    const { project, node = process.execPath } = place();
    const bin = join('node_modules', 'session-groups', 'dist', 'src', 'cli', 'bin.js');
    const listed = spawnSync(node, [bin, 'group', 'list', '--json'], {
      cwd: project,
      env: environment(),
      encoding: 'utf8',
    });
    expect({ status: listed.status, stderr: listed.stderr }).toEqual({ status: 0, stderr: '' });
    return listed.stdout.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line)]));
  };

  describe('run-and-await.mjs', () => {
    it('runs a group, prints what came of each session, and leaves the group', async () => {
      const host = start('run-and-await.mjs');
      expect(await host.ended).toBe(0);
      expect(host.stderr).toBe('');
      expect(host.stdout.trimEnd().split('\n')).toEqual([
        'tests: completed, all tests pass',
        'links: completed, one link is broken',
        'report: completed, Fine, except for one link.',
        'completed, 0.08 USD',
      ]);
      expect(left()).toMatchObject([{ name: 'Nightly checks', status: 'completed', totalCostUsd: 0.08 }]);
    });
  });

  describe('event-stream.mjs', () => {
    /** The events of a stream, up to its end. */
    const stream = async (url: string, lastEventId?: number) => {
      const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
      const answer = await fetch(`${url}events`, { headers });
      expect(answer.headers.get('content-type')).toBe('text/event-stream');
      return [...(await answer.text()).matchAll(/^id: (\d+)\ndata: (.*)\n\n/gm)].map(([, id, data = '']) => {
        const event = JSON.parse(data) as { seq: number; type: string };
        expect(event.seq).toBe(Number(id));
        return event;
      });
    };

    it('streams the group from its first event to its end, and again to who comes late', async () => {
      const host = start('event-stream.mjs');
      const [url] = await host.says(/http:\S+/);
      const events = await stream(url);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
      expect([events.at(0)?.type, events.at(-1)?.type]).toEqual(['group_created', 'group_completed']);
      expect(events.filter(({ type }) => type === 'session_completed')).toHaveLength(3);
      expect(await stream(url)).toEqual(events);
      expect(await stream(url, 3)).toEqual(events.slice(4));
      const page = await fetch(url);
      expect(await page.text()).toContain("new EventSource('/events')");

      expect((await fetch(`${url}events`, { headers: { 'last-event-id': 'x' } })).status).toBe(400);
      expect((await fetch(`${url}other`)).status).toBe(404);
      const asked = request(url, { headers: { host: 'elsewhere.example' } }).end();
      const [answer] = await once(asked, 'response');
      expect(answer.resume().statusCode).toBe(421);

      host.process.kill('SIGTERM');
      expect(await host.ended).toBe(0);
      expect(host.stdout).toContain('The group is completed.');
      expect(host.stderr).toBe('');
    });

    it('ends its group and its streams at once when it is told to leave', async () => {
      const host = start('event-stream.mjs');
      const [url] = await host.says(/http:\S+/);
      const streamed = await fetch(`${url}events`);
      host.process.kill('SIGTERM');
      expect(await streamed.text()).toContain('"type":"group_created"');
      expect(await host.ended).toBe(0);
      expect(host.stderr).toBe('');
    });
  });

  describe('chat-approval.mjs', () => {
    const SECRET = 'what the bot and its host share';

    /** The API of a chat: keeps what it is asked to show. */
    async function chat(status = 200) {
      const posts: {
        authorization: string | undefined;
        answerTo: string;
        requestId: string;
        text: string;
      }[] = [];
      let heard = () => {};
      const server = createServer(async (message, response) => {
        let body = '';
        for await (const chunk of message.setEncoding('utf8')) body += chunk;
        posts.push({ authorization: message.headers.authorization, ...JSON.parse(body) });
        response.writeHead(status).end();
        heard();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        first: async () => {
          while (posts.length === 0) await new Promise<void>(resolve => (heard = resolve));
          const [post] = posts;
          if (!post) throw new Error('no post');
          return post;
        },
        close: () => server.close(),
      };
    }

    const tell = async (url: string, answer: object, given: { secret?: string; time?: number } = {}) => {
      const { secret = SECRET, time = Date.now() } = given;
      const body = JSON.stringify(answer);
      const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
      const headers = { 'x-chat-time': String(time), 'x-chat-signature': signature };
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };

    it('asks in the chat, and goes on with the first genuine answer', async () => {
      const bot = await chat();
      const host = start('chat-approval.mjs', {
        CHAT_URL: bot.url,
        CHAT_TOKEN: 'of the bot',
        CHAT_SECRET: SECRET,
      });
      const { authorization, answerTo, requestId, text } = await bot.first();
      expect({ authorization, text }).toEqual({
        authorization: 'Bearer of the bot',
        text: 'deploy: Bash npm run deploy',
      });
      const allow = { requestId, decision: 'allow', by: 'ada' };
      // Somebody else's signature, a recorded one, one of another text, none.
      expect(await tell(answerTo, allow, { secret: 'guessed' })).toBe(401);
      expect(await tell(answerTo, allow, { time: Date.now() - 3_600_000 })).toBe(401);
      expect((await fetch(answerTo, { method: 'POST', body: JSON.stringify(allow) })).status).toBe(401);
      expect(await tell(answerTo, { ...allow, requestId: 'another' })).toBe(409);
      expect(host.stdout).toBe('');
      expect(await tell(answerTo, allow)).toBe(204);
      expect(await host.ended).toBe(0);
      expect(host.stdout).toBe('allow by ada\nThe group is completed: version 2 is out\n');
      expect(host.stderr).toBe('');
      bot.close();
    });

    it('denies what nobody can be asked about, and the group fails', async () => {
      const bot = await chat(500);
      const more = { CHAT_URL: bot.url, CHAT_TOKEN: 'of the bot', CHAT_SECRET: SECRET };
      const host = start('chat-approval.mjs', more);
      await bot.first();
      expect(await host.ended).toBe(0);
      expect(host.stdout).toMatch(/^deny by host\nThe group is \w+: /);
      bot.close();
    });
  });

  describe('night-pause.mjs', () => {
    /** A process that begins at this time, whose clock moves when it is told to. */
    const startAt = (time: string) => {
      const file = join(place().project, 'host-clock.mjs');
      copyFileSync(join(ROOT, 'test', 'examples', 'host-clock.mjs'), file);
      return start('night-pause.mjs', { HOST_CLOCK: pathToFileURL(file).href, HOST_TIME: time });
    };
    const pass = (host: Host, minutes: number) => host.process.send(minutes);

    it('pauses in the evening, does nothing at night, and goes on in the morning in another process', async () => {
      const evening = startAt('2026-03-01T21:00:00Z');
      await evening.says(/schema: working/);
      pass(evening, 40);
      await evening.says(/data: working/);
      pass(evening, 20);
      expect(await evening.ended).toBe(0);
      expect(evening.stdout.trimEnd().split('\n')).toEqual([
        'schema: working',
        'schema: completed',
        'data: working',
        'data: paused',
        'The migration is paused, 0.50 USD so far.',
      ]);
      expect(left()).toMatchObject([{ status: 'paused', reason: 'shutdown' }]);

      const night = startAt('2026-03-02T03:00:00Z');
      expect(await night.ended).toBe(0);
      expect(night.stdout).toBe('It is night: nothing runs before 6:00.\n');

      const morning = startAt('2026-03-02T06:00:00Z');
      for (const id of ['data', 'queries']) {
        await morning.says(new RegExp(`${id}: working`));
        pass(morning, 40);
      }
      expect(await morning.ended).toBe(0);
      expect(morning.stdout.trimEnd().split('\n')).toEqual([
        'data: resumed',
        'data: working',
        'data: completed',
        'queries: working',
        'queries: completed',
        'The migration is completed, 1.50 USD so far.',
      ]);
      expect([evening.stderr, night.stderr, morning.stderr]).toEqual(['', '', '']);

      const later = startAt('2026-03-02T07:00:00Z');
      expect(await later.ended).toBe(0);
      expect(later.stdout).toBe('The migration is completed.\n');
      // One group, in one journal.
      const [group, ...others] = left();
      expect(others).toEqual([]);
      const journal = readFileSync(join(folder, 'kept', 'groups', group.id, 'journal.ndjson'), 'utf8');
      const types = journal.match(/"type":"group_\w+"/g)?.map(type => type.slice(8, -1));
      expect(types).toEqual([
        'group_created',
        'group_started',
        'group_pausing',
        'group_paused',
        'group_resumed',
        'group_completed',
      ]);
    });

    it('goes on after its process was killed', async () => {
      const first = startAt('2026-03-01T12:00:00Z');
      await first.says(/schema: working/);
      first.process.kill('SIGKILL');
      await first.ended;
      expect(left()).toMatchObject([{ status: 'interrupted' }]);
      const second = startAt('2026-03-01T13:00:00Z');
      for (const id of ['schema', 'data', 'queries']) {
        await second.says(new RegExp(`${id}: working`));
        pass(second, 40);
      }
      expect(await second.ended).toBe(0);
      expect(second.stdout).toContain('The migration is completed');
    });
  });
}
