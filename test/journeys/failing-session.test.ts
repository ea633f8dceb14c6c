import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
beforeAll(() => {
  place = openWorkplace();
});
afterAll(() => place.close());

/** Whose command names a file that is not there. */
const definition = (file: string) => `
version: 1
name: Nightly checks
sessions:
  - id: build
    projectPath: .
    prompt: Build it.
    agent: { kind: command, command: [sh, -c, echo once >> built] }
  - id: tests
    projectPath: .
    prompt: Run the tests.
    dependsOn: [build]
    retry: { maximumAttempts: 1 }
    agent: { kind: command, command: [cat, ${file}] }
`;

const notices = (): { kind: string; sessionId?: string; text: string }[] =>
  readFileSync(join(place.folder, 'notices'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));

test('a failing session: noticed, understood, and fixed without doing again what was done', () => {
  const pager = join(place.folder, 'notices');
  place.write(
    'config/config.yaml',
    `notify:\n  on: [failed, completed]\n  command: [sh, -c, "cat >> '${pager}'; echo >> '${pager}'"]\n`,
  );
  place.write('work/every.txt', 'all tests pass\n');
  place.write('work/session-groups.yaml', definition('all.txt'));

  expect(place.sh('session-groups run session-groups.yaml').code).toBe(1);
  expect(notices().map(({ kind, sessionId }) => [kind, sessionId])).toContainEqual(['failed', 'tests']);

  const listed = place.sh('session-groups group list').out;
  expect(listed).toMatch(/✗ failed\s+\S+-nightly-checks\s+1\/2/);
  const shown = place.sh('session-groups session show @latest tests').out;
  expect(shown).toContain('cat: all.txt: No such file or directory');
  expect(place.sh('session-groups logs @latest tests').out).toContain('cat: all.txt');

  place.write('work/session-groups.yaml', definition('every.txt'));
  const looked = place.sh('session-groups group update @latest session-groups.yaml --dry-run');
  expect(looked).toMatchObject({ code: 0, out: expect.stringContaining('changed: tests') });
  expect(looked.err).toContain('nothing was changed');
  expect(place.sh('session-groups group update @latest session-groups.yaml').code).toBe(0);
  const retried = place.sh('session-groups group retry @latest');
  expect(retried).toMatchObject({ code: 0, out: expect.stringContaining('2 sessions: 2 completed') });

  expect(notices().at(-1)?.kind).toBe('completed');
  expect(place.sh('session-groups session show @latest tests').out).toContain('all tests pass');
  expect(readFileSync(join(place.folder, 'built'), 'utf8')).toBe('once\n');
});
