import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../support/pseudo-terminal.ts';
import { recordingSvg } from '../support/recording-svg.ts';
import { openWorkplace, type Workplace } from './workplace.ts';

const RECORDING = fileURLToPath(new URL('../../docs/recording.svg', import.meta.url));

let place: Workplace;
beforeAll(() => {
  place = openWorkplace();
});
afterAll(() => place.close());

/** What the recording has to show, in this order. */
const MOMENTS = [
  'A demo: six sessions',
  'waiting for shared-lib',
  'verifying',
  'retrying',
  '5 completed, 1 skipped',
  'That was the demo',
];

test('the demo explains itself, draws, ends with what to do next, leaves nothing, and is what the README shows', async () => {
  const terminal = place.terminal('session-groups demo');
  await terminal.shows('A demo: six sessions in three small repositories');
  await terminal.shows(/running\s+shared-lib/);
  expect(await terminal.ended).toBe(0);
  const last = terminal.screen();
  expect(last).toMatch(/✓ completed\s+Cross-project auth refactor/);
  expect(last).toContain('5 completed, 1 skipped');
  expect(last).toContain('session-groups init');
  expect(last).not.toContain('What it merged'); // nothing is left to deliver
  const left = readdirSync(place.temporary).filter(name => !/^session-groups-\d+$/.test(name)); // sockets
  expect(left).toEqual([]);
  expect(place.sh('session-groups group list --json').out).toBe('');

  // The recording can be made again, and the one of the README shows the same.
  const screens = terminal.frames.map(({ lines }) => textOf(lines));
  const places = MOMENTS.map(moment => screens.findIndex(screen => screen.includes(moment)));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  const made = recordingSvg(terminal.frames, { title: 'again', columns: 100, rows: 27 });
  const committed = readFileSync(RECORDING, 'utf8');
  for (const moment of MOMENTS) {
    expect(made).toContain(moment);
    expect(committed).toContain(moment);
  }
});

test('from an empty folder to a rehearsal of a definition of one’s own', async () => {
  const doctor = place.sh('session-groups doctor'); // what it finds depends on the machine
  expect(doctor.out).toMatch(/Claude Code/);

  expect(place.sh('session-groups init').err).toContain('Next: session-groups plan session-groups.yaml');
  const planned = place.sh('session-groups plan session-groups.yaml');
  expect(planned.code).toBe(0);
  expect(planned.out).toMatch(/explore/);
  expect(planned.err).toContain('Next: session-groups run session-groups.yaml');

  const rehearsal = place.terminal('session-groups run session-groups.yaml --scripted');
  await rehearsal.shows('no model is called, nothing is spent');
  expect(await rehearsal.ended).toBe(0);
  expect(rehearsal.screen()).toMatch(/✓ completed\s+My session group/);

  expect(place.sh('session-groups status @latest').out).toMatch(/completed\s+improve/);
  const logs = place.sh('session-groups logs @latest explore');
  expect(logs.code).toBe(0);
  expect(logs.out).toContain('started, attempt 1');
  expect(readFileSync(join(place.folder, 'session-groups.yaml'), 'utf8')).toContain('onRequest: ask');
});
