// @module-tag processes
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { spawnProcess, uniqueMarker } from '../../../src/sdk/process/process.ts';
import type { AgentEvent } from '../../../src/sdk/session/agent.ts';
import { stderrLog, transcriptLog } from '../../../src/sdk/session/attempt-logs.ts';
import { attemptSpec } from './attempt-fixture.ts';

const logDir = mkdtempSync(join(tmpdir(), 'session-groups-transcript-'));
afterAll(() => rmSync(logDir, { recursive: true }));

test('a transcript keeps its beginning and its end, every line is JSON, and people are told once', () => {
  const events: AgentEvent[] = [];
  const log = transcriptLog(attemptSpec({ logDir }), event => events.push(event));
  const text = 'x'.repeat(1024 * 1024);
  for (let number = 0; number < 40; number += 1) log?.write(`${JSON.stringify({ number, text })}\n`);
  log?.close();
  const path = join(logDir, 'transcript.ndjson');
  expect(statSync(path).size).toBeLessThanOrEqual(32 * 1024 * 1024);
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { readonly number?: number; readonly bytes?: number });
  const numbers = lines.flatMap(line => line.number ?? []);
  expect([numbers[0], numbers.at(-1)]).toEqual([0, 39]);
  const notes = lines.filter(line => line.number === undefined);
  const length = JSON.stringify({ number: 10, text }).length + 1;
  expect(notes).toMatchObject([{ type: 'session_groups', subtype: 'left_out' }]);
  expect(Math.round((notes[0]?.bytes ?? 0) / length)).toBe(40 - numbers.length);
  expect(events.map(({ type }) => type)).toEqual(['warning']);
});

test('a transcript and stderr have no secrets, wherever a chunk ends', async () => {
  const folder = join(logDir, 'secrets');
  const secrets = { MY_TOKEN: 'canary "one"', OTHER: 'canary-two-9c1f' };
  const spec = attemptSpec({ logDir: folder, secrets });
  const log = transcriptLog(spec, () => {});
  log?.write(`${JSON.stringify({ text: 'a canary "one" b canary-two-9c1f' })}\n`);
  log?.close();
  const child = spawnProcess(
    {
      ...{
        command: 'sh',
        args: ['-c', 'printf canary-two >&2; sleep 0.2; printf -- "-9c1f, canary-two-9c1f" >&2'],
      },
      ...{ cwd: logDir, env: { PATH: process.env.PATH ?? '' }, marker: uniqueMarker('logs') },
      ...{ stdout: { onChunk() {} }, ...stderrLog(spec, () => {}) },
    },
    systemClock,
  );
  await child.exited;
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  expect(read('transcript.ndjson')).toBe('{"text":"a [redacted MY_TOKEN] b [redacted OTHER]"}\n');
  expect(read('stderr.log')).toBe('[redacted OTHER], [redacted OTHER]');
});

test('without a folder there are no logs', () => {
  const spec = attemptSpec();
  expect(transcriptLog(spec, () => {})).toBeUndefined();
  expect(Object.keys(stderrLog(spec, () => {}))).toEqual(['stderrFilter']);
});
