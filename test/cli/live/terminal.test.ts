// @module-tag processes
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openTerminal, stateOf } from '../../support/tmux.ts';
import { builtCli } from '../built-cli.ts';
import { openWorkshop, session, type Workshop } from '../workshop.ts';

/** The live view in a real terminal, under a shell with job control. */

const ASKING =
  '{ text: Looking around }, { approval: Bash, input: { command: npm test } }, { text: Thanks }, { hang: true }';
const FAILING = '{ failure: max_turns, message: after 20 turns }';

describe('the live view in a terminal', () => {
  const shops: Workshop[] = [];
  beforeAll(() => void builtCli(), 120_000);
  afterAll(() => Promise.all(shops.map(shop => shop.close())));

  it.concurrent.each([
    { columns: 60, rows: 15, end: 'SIGTERM' },
    { columns: 80, rows: 24, end: 'SIGKILL' },
    { columns: 200, rows: 50, end: 'SIGHUP' },
  ] as const)(
    'keys, Ctrl-Z, Ctrl-C and $end at $columns×$rows',
    { timeout: 180_000 },
    async ({ columns, rows, end }) => {
      const shop = await openWorkshop();
      shops.push(shop);
      // A program with a program of its own, which says where they are.
      const program = 'sleep 1000 & echo $$ $! > pids; wait';
      await writeFile(join(shop.folder, 'program.sh'), program);
      const command = `{ kind: command, command: [sh, ../program.sh] }`;
      const file = await shop.group(
        session('a', ASKING) +
          session('b', FAILING) +
          `  - { id: c, projectPath: c, prompt: Work, agent: ${command} }\n`,
      );
      const terminal = openTerminal({
        columns,
        rows,
        cwd: shop.folder,
        env: { SESSION_GROUPS_DATA_DIR: shop.dataDir },
      });
      const cli = `${process.execPath} ${builtCli()}`;
      const modes = async () => {
        terminal.enter('clear; stty -a');
        await terminal.shows(/[^-]icanon[\s\S]*[^-]echo /);
        await terminal.isBack();
      };
      try {
        await terminal.isBack();
        terminal.enter(`${cli} run ${file}`);
        await terminal.shows('? a wants to use Bash: npm test  a approves, d denies');
        await terminal.shows('3 sessions: 1 approval, 1 failed, 1 running');
        const ids = [...terminal.screen().matchAll(/^[?✗●] {2}(?:\w+ +)?([abc]) /gm)].map(([, id]) => id);
        expect(ids).toEqual(['a', 'b', 'c']);

        expect(
          Math.max(
            ...terminal
              .screen()
              .split('\n')
              .slice(1)
              .map(line => line.length),
          ),
        ).toBeLessThanOrEqual(120);

        // Both screens come after what was pasted. A key that arrives at once with a paste does not count.
        terminal.paste('a');
        const asksForHelp = () => {
          if (/Ctrl-Z +suspend/.test(terminal.screen())) return;
          terminal.type('?');
          throw new Error('no help yet');
        };
        await vi.waitFor(asksForHelp, { timeout: 60_000, interval: 2_000 });
        terminal.type('?');
        await terminal.shows('? a wants to use Bash: npm test  a approves, d denies');
        terminal.type('a');
        await terminal.shows('Approved: Bash in a');
        await terminal.shows('3 sessions: 2 running, 1 failed');
        terminal.type('Down');
        await terminal.shows(/› ✗ .*b .*20 turns/);
        terminal.type('Down');
        await terminal.shows(/› ● (.* )?a /);
        terminal.type('Enter');
        await terminal.shows('assistant: Looking around');
        await terminal.shows('assistant: Thanks');
        terminal.type('?');
        await terminal.shows(/Ctrl-Z +suspend/);
        terminal.type('?');
        await terminal.shows(/› ● (.* )?a /);

        const pids = pidsIn(join(shop.folder, 'c', 'pids'));
        expect(pids).toHaveLength(2);
        const states = () => pids.map(stateOf);
        terminal.type('C-z');
        await terminal.shows('Stopped');
        await terminal.isBack();
        expect(states()).toEqual(['T', 'T']);
        expect(terminal.screen()).toContain('3 sessions: 2 suspended, 1 failed');
        await modes();
        terminal.enter('clear; fg');
        await terminal.shows('3 sessions: 2 running, 1 failed');
        await vi.waitFor(() => expect(states()).not.toContain('T'), { timeout: 20_000 });

        terminal.type('x', 'y', 'z', 'C-c', 'x', 'y', 'z');
        await terminal.shows('Resume it with: ');
        await terminal.isBack();
        await modes();

        terminal.enter(`clear; ${cli} group resume @latest`);
        await terminal.shows('? keys');
        const [pid] = terminal.children();
        terminal.type('j');
        await terminal.shows('›');
        process.kill(pid ?? Number.NaN, end);
        await terminal.isBack();
        expect(terminal.hasCursor()).toBe(true);
        await modes();
      } finally {
        terminal.close();
      }
    },
  );

  it.concurrent('bg continues the agents and leaves the terminal to the shell', {
    timeout: 180_000,
  }, async () => {
    const shop = await openWorkshop();
    shops.push(shop);
    const program = (lines: string) => `{ kind: command, command: [sh, -c, "${lines}"] }`;
    const waits = program('mkfifo gate; sleep 1000 & echo $$ $! > pids; read line < gate; kill $!');
    const file = await shop.group(
      session('a', '{ hang: true }') +
        `  - { id: b, projectPath: b, prompt: Work, agent: ${waits} }\n` +
        `  - { id: c, projectPath: c, prompt: Work, dependsOn: [b], agent: ${program('touch done')} }\n`,
    );
    const env = { SESSION_GROUPS_DATA_DIR: shop.dataDir };
    const terminal = openTerminal({ columns: 80, rows: 24, cwd: shop.folder, env });
    const at = (...path: string[]) => join(shop.folder, ...path);
    try {
      await terminal.isBack();
      // Whatever a job in the background writes to the terminal stops it.
      terminal.enter(`stty tostop; ${process.execPath} ${builtCli()} run ${file}`);
      await terminal.shows('3 sessions: 2 running, 1 pending');
      await vi.waitFor(() => expect(pidsIn(at('b', 'pids'))).toHaveLength(2), WAIT);
      const pids = pidsIn(at('b', 'pids'));
      terminal.type('C-z');
      await terminal.shows('Stopped');
      await terminal.isBack();
      expect(pids.map(stateOf)).toEqual(['T', 'T']);
      terminal.enter('clear; bg');
      await vi.waitFor(() => expect(pids.map(stateOf)).not.toContain('T'), WAIT);
      await writeFile(at('b', 'gate'), 'go\n');
      await vi.waitFor(() => expect(existsSync(at('c', 'done'))).toBe(true), WAIT);
      terminal.enter('jobs');
      await terminal.shows(/\[1\]\+ +Running/);
      expect(terminal.screen()).not.toContain('3 sessions');
      terminal.enter('clear; fg');
      await terminal.shows('3 sessions: 2 completed, 1 running');
      terminal.type('C-c');
      await terminal.shows('Resume it with: ');
      await terminal.isBack();
    } finally {
      terminal.close();
    }
  });

  it.concurrent('a group that was stopped from elsewhere goes on from there, and then in its terminal', {
    timeout: 180_000,
  }, async () => {
    const shop = await openWorkshop();
    shops.push(shop);
    const file = await shop.group(session('a', '{ hang: true }'));
    const env = { SESSION_GROUPS_DATA_DIR: shop.dataDir };
    const terminal = openTerminal({ columns: 80, rows: 24, cwd: shop.folder, env });
    const other = openTerminal({ columns: 80, rows: 24, cwd: shop.folder, env });
    const cli = `${process.execPath} ${builtCli()}`;
    try {
      await terminal.isBack();
      terminal.enter(`${cli} run ${file}`);
      await terminal.shows('? keys');
      const [pid = Number.NaN] = terminal.children();
      process.kill(pid, 'SIGSTOP');
      await terminal.shows('Stopped');
      await terminal.isBack();
      await other.isBack();
      other.enter(`${cli} group watch --live @latest`);
      await other.shows(/^! Demo +suspended[\s\S]*1 suspended\nSuspended: [\s\S]*\n\? keys; q detaches$/m);
      other.type('Down');
      await other.shows('›');
      other.type('s');
      await other.shows(/Refused: process \d+ .* is suspended;/);

      process.kill(pid, 'SIGCONT');
      await other.shows(/● Demo +running/);
      other.type('q');
      await other.shows('Detached; the group keeps running.');
      // It is in the background now, and whatever is typed belongs to the shell.
      terminal.enter('clear; jobs');
      await terminal.shows(/\[1\]\+ +Running/);
      expect(stateOf(pid)).not.toBe('T');
      terminal.enter('clear; fg');
      await terminal.shows('? keys');
      terminal.type('Down');
      await terminal.shows('›');
      terminal.type('C-c');
      await terminal.shows('Resume it with: ');
      await terminal.isBack();
    } finally {
      terminal.close();
      other.close();
    }
  });

  it.concurrent('the last line is the address of the page', { timeout: 180_000 }, async () => {
    const shop = await openWorkshop();
    shops.push(shop);
    const file = await shop.group(session('a', '{ hang: true }'));
    const env = { SESSION_GROUPS_DATA_DIR: shop.dataDir };
    const terminal = openTerminal({ columns: 120, rows: 24, cwd: shop.folder, env });
    try {
      await terminal.isBack();
      terminal.enter(`${process.execPath} ${builtCli()} run ${file} --web 0`);
      await terminal.shows(/1 session: 1 running[\s\S]*\? keys.*\nPage: http:\/\/127\.0\.0\.1:\d+\/\S+$/);
      terminal.type('C-c');
      await terminal.isBack();
    } finally {
      terminal.close();
    }
  });
});

const WAIT = { timeout: 20_000 };

const pidsIn = (file: string): number[] => readFileSync(file, 'utf8').trim().split(' ').map(Number);
