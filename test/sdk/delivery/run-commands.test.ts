// @module-tag processes
import { existsSync, mkdtempSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { type CommandRun, commandText, runCommands } from '../../../src/sdk/delivery/run-commands.ts';
import { ownProcesses } from '../../support/own-processes.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sg-commands-')));
let runs = 0;

function start(commands: CommandRun['commands'], changes: Partial<CommandRun> = {}) {
  runs += 1;
  const groupId = `commands-${process.pid}-${runs}`;
  const logFile = join(folder, `${runs}.log`);
  const stop = new AbortController();
  const outcome = runCommands(
    {
      ...{ commands, cwd: folder, env: { PATH: process.env.PATH ?? '' }, logFile },
      of: { groupId, sessionId: 's', attempt: 1 },
      timeoutMs: 600_000,
      signal: stop.signal,
      ...changes,
    },
    systemClock,
  );
  const left = () => ownProcesses(`${groupId}:`);
  return { outcome, stop, left, log: () => readFileSync(logFile, 'utf8'), logFile };
}

describe('commands of a project', () => {
  test('run one after the other, in its folder, with the environment they are given', async () => {
    const run = start(['pwd; echo "$GIVEN"', ['printf', '%s;', 'a b', '$GIVEN']], {
      env: { PATH: process.env.PATH ?? '', GIVEN: 'given' },
    });
    expect(await run.outcome).toEqual({ kind: 'green' });
    expect(run.log()).toBe(
      `$ pwd; echo "$GIVEN"\n${folder}\ngiven\n$ printf '%s;' 'a b' '$GIVEN'\na b;$GIVEN;\n`,
    );
  });

  test('the first that fails is the last, and what it printed on both streams is known in its order', async () => {
    const run = start(['echo out; echo err >&2; printf "\\033[31mred\\033[0m"; exit 3', 'echo never']);
    expect(await run.outcome).toEqual({
      kind: 'red',
      command: 'echo out; echo err >&2; printf "\\033[31mred\\033[0m"; exit 3',
      how: 'exit code 3',
      output: 'out\nerr\nred\n',
    });
    expect(run.log()).not.toContain('never');
  });

  test('a program that does not exist is a failure that names it', async () => {
    expect(await start([['no-such-program', 'x']]).outcome).toMatchObject({
      kind: 'red',
      command: 'no-such-program x',
      how: 'exit code 127',
      output: expect.stringContaining('no-such-program'),
    });
  });

  test('one that takes too long is ended, with what it has started', async () => {
    const run = start(['sleep 1000 & sleep 1000'], { timeoutMs: 50 });
    expect(await run.outcome).toMatchObject({ kind: 'red', how: 'longer than 50ms' });
    expect(await run.left()).toEqual([]);
  });

  test('daemons that one leaves are ended, and it has succeeded', async () => {
    const run = start(['setsid sleep 1000 & echo started']);
    expect(await run.outcome).toEqual({ kind: 'green' });
    expect(await run.left()).toEqual([]);
  });

  test('are cut off, and nothing of them is left', async () => {
    const run = start(['echo begun; sleep 1000', 'echo never']);
    await vi.waitUntil(() => existsSync(run.logFile) && run.log().includes('begun\n'), { timeout: 60_000 });
    run.stop.abort();
    expect(await run.outcome).toEqual({ kind: 'cut' });
    expect(await run.left()).toEqual([]);
    expect(run.log()).not.toContain('never');
  });

  test('do not start once they are cut off', async () => {
    expect(await start(['echo never'], { signal: AbortSignal.abort() }).outcome).toEqual({ kind: 'cut' });
  });

  test('leave no secret in the log, in what is told of a failure, nor in the lines that are followed', async () => {
    const secrets = { DB_PASSWORD: 'correct horse battery' };
    const lines: string[] = [];
    const script =
      'printf "correct horse"; sleep 0.05; echo " battery"; echo ghp_0123456789abcdefghijABCDEFGHIJ >&2; exit 1';
    const run = start([script], { secrets, onLine: line => lines.push(line) });
    const outcome = await run.outcome;
    const shown = '[redacted DB_PASSWORD]\n[redacted]\n';
    expect(outcome).toMatchObject({ kind: 'red', output: shown });
    expect(run.log().endsWith(shown)).toBe(true);
    expect(lines).toEqual(['[redacted DB_PASSWORD]', '[redacted]']);
  });

  test('leave no secret of several lines, line by line, nor a part of one where the end of the output begins', async () => {
    const secrets = { MY_KEY: 'ab1\ncd2\nef3\ngh4', LONG_TOKEN: 'canary-1f3b7c-at-the-edge' };
    const lines: string[] = [];
    const key = '-----BEGIN PRIVATE KEY-----\nAAAAcanary\nBBBBcanary\n-----END PRIVATE KEY-----\n';
    const onLine = (line: string) => lines.push(line);
    const inLines = start(
      ['printf "%s\\n" "$TEXT" | while read -r line; do echo "$line"; sleep 0.02; done; exit 1'],
      {
        ...{ secrets, onLine },
        env: { PATH: process.env.PATH ?? '', TEXT: `${secrets.MY_KEY}\n${key}end` },
      },
    );
    const shown = '[redacted MY_KEY]\n[redacted]\nend\n';
    expect(await inLines.outcome).toMatchObject({ kind: 'red', output: shown });
    expect(inLines.log().endsWith(shown)).toBe(true);
    expect(lines.join('\n')).toBe(shown.trimEnd());

    const edge = `printf %s "$TEXT"; head -c ${16 * 1024 - 10} /dev/zero | tr '\\0' B; exit 1`;
    const atEdge = start([edge], {
      secrets,
      env: { PATH: process.env.PATH ?? '', TEXT: secrets.LONG_TOKEN },
    });
    expect(await atEdge.outcome).toMatchObject({ kind: 'red', output: expect.not.stringContaining('edge') });
  });

  test('may print any amount: the log stays bounded, and the end is kept', async () => {
    const run = start([
      "head -c 40000000 /dev/zero | tr '\\0' x | fold -w 20000; echo; echo the end; exit 1",
    ]);
    const outcome = await run.outcome;
    expect(outcome).toMatchObject({ kind: 'red', output: expect.stringMatching(/x\n+the end\n$/) });
    expect(outcome.kind === 'red' && outcome.output.length).toBeLessThanOrEqual(16 * 1024);
    expect(statSync(run.logFile).size).toBeLessThanOrEqual(8 * 1024 * 1024 + 64 * 1024);
  });

  test('are ended in time, however many lines they print', async () => {
    const run = start(['yes'], { timeoutMs: 500 });
    expect(await run.outcome).toMatchObject({ kind: 'red', how: 'longer than 500ms' });
    expect(await run.left()).toEqual([]);
  });

  test('a last line without its end is ended in the log', async () => {
    const run = start(['printf half', 'echo whole']);
    expect(await run.outcome).toEqual({ kind: 'green' });
    expect(run.log()).toBe('$ printf half\nhalf\n$ echo whole\nwhole\n');
  });
});

test('a list is shown as one would write it', () => {
  expect(commandText(['npm', 'test', '--', "it's", 'a b', ''])).toBe(`npm test -- 'it'\\''s' 'a b' ''`);
});
