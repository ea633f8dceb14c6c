import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
beforeAll(() => {
  place = openWorkplace();
});
afterAll(() => place.close());

const PACKAGES = Array.from({ length: 12 }, (_, index) => `p${String(index + 1).padStart(2, '0')}`);

test('twelve packages at once: two fail, are seen, and are retried alone', () => {
  for (const name of PACKAGES) place.write(`work/packages/${name}/package.json`, `{ "name": "${name}" }\n`);
  for (const name of ['p04', 'p09']) place.write(`work/packages/${name}/locked`, '');
  place.write(
    'work/session-groups.yaml',
    `
version: 1
name: Upgrade every package
config: { concurrency: { maxConcurrent: 4, errorThreshold: 12 }, retry: { maximumAttempts: 1 } }
sessions:
  - id: upgrade
    forEach: { glob: "packages/*" }
    projectPath: "{{ each }}"
    prompt: Upgrade the test framework of {{ each }}, and make its tests pass.
    agent: { kind: command, command: [sh, -c, "echo . >> tried; test ! -e locked && echo upgraded"] }
  - id: report
    projectPath: .
    dependsOn: [upgrade]
    prompt: "Sum up: {{ sessions['upgrade[*]'].result }}"
    agent: { kind: command, command: [cat] }
`,
  );
  const ran = place.sh('session-groups run session-groups.yaml --plain');
  expect(ran).toMatchObject({ code: 1, out: expect.stringContaining('upgrade: 10 of 12 done, 2 failed') });
  expect(place.sh('session-groups status @latest').out).toContain('upgrade: 10 of 12 done, 2 failed');
  const failed = place.sh('session-groups session list @latest --status failed').out;
  expect(failed.match(/upgrade\.packages-p\d\d/g)).toEqual(['upgrade.packages-p04', 'upgrade.packages-p09']);

  for (const name of ['p04', 'p09']) rmSync(join(place.folder, 'packages', name, 'locked'));
  const retried = place.sh('session-groups group retry @latest');
  expect(retried).toMatchObject({ code: 0, out: expect.stringContaining('upgrade: 12 of 12 done') });
  const tries = (name: string) => readFileSync(join(place.folder, 'packages', name, 'tried'), 'utf8');
  expect(PACKAGES.filter(name => tries(name) === '.\n.\n')).toEqual(['p04', 'p09']);
  const report = place.sh('session-groups session show @latest report').out;
  expect(report.match(/\): completed/g)).toHaveLength(12);
});
