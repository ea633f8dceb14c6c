import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { AgentEvent } from '../../../src/sdk/session/agent.ts';
import { stderrLog, transcriptLog } from '../../../src/sdk/session/attempt-logs.ts';
import { attemptSpec } from './attempt-fixture.ts';

const logDir = mkdtempSync(join(tmpdir(), 'session-groups-transcript-'));
afterAll(() => rmSync(logDir, { recursive: true }));

test('a transcript keeps its beginning and its end, every line is JSON, and people are told once', () => {
  const events: AgentEvent[] = [];
  const log = transcriptLog(attemptSpec({ logDir }), event => events.push(event));
  const text = 'x'.repeat(1024 * 1024);
  for (let number = 0; number < 40; number += 1)
    log?.write(Buffer.from(`${JSON.stringify({ number, text })}\n`));
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

test('without a folder there are no logs', () => {
  const spec = attemptSpec();
  expect(transcriptLog(spec, () => {})).toBeUndefined();
  expect(stderrLog(spec, () => {})).toEqual({});
});
