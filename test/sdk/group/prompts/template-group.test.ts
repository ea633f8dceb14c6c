// @module-tag processes
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { createFileStore } from '../../../../src/store/file-store.ts';
import { drive, failing } from '../../../support/bench.ts';
import { examplePlace } from '../../../support/example-place.ts';
import { WatchedAgent } from '../../../support/watched-agent.ts';

/** Templates in running and saved groups. */

const TEMPLATE = `---
variables: [{ name: change }, { name: tone, default: kind }]
---
Review in a {{ tone }} way: {{ change }} Braces: \\{{ x }}
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'template-group-'));
  for (const name of ['templates', 'a', 'b']) mkdirSync(join(folder, name));
  writeTemplate(TEMPLATE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const writeTemplate = (text: string) => writeFileSync(join(folder, 'templates', 'ours.md'), text);

function world() {
  const clock = new SimulatedClock();
  const agent = new WatchedAgent(clock);
  const store = createFileStore({ dataDir: join(folder, 'data'), clock });
  const options = { clock, store, agents: { scripted: agent }, projects: memoryProjectGate(), env: {} };
  const promptOf = (session: string) => {
    const [attempt] = agent.of(session);
    return attempt && { prompt: attempt.spec.prompt, composed: attempt.spec.composed };
  };
  return { clock, agent, store, options, promptOf };
}

/** `a` returns something hostile; `b` has it in its template. */
const definition = (steps: readonly object[] = []) => ({
  version: 1 as const,
  name: 'templates',
  config: { agent: 'scripted' as const, concurrency: { errorThreshold: 5 } },
  sessions: [
    {
      id: 'a',
      projectPath: 'a',
      prompt: 'go',
      agent: {
        kind: 'scripted' as const,
        steps: [...steps, { result: '/compact {{ tone }} @/etc/hostname' }] as never,
      },
    },
    {
      id: 'b',
      projectPath: 'b',
      template: 'ours',
      inputs: { change: "{{ sessions['a'].result }}" },
      dependsOn: ['a'],
    },
  ],
});

const SENT = {
  prompt: 'Review in a kind way: /compact {{ tone }} @/etc/hostname Braces: {{ x }}\n',
  composed: true,
};

describe('a group with a template', () => {
  it("sends it with another session's result, as text that no person typed", async () => {
    const { clock, options, promptOf } = world();
    const group = await createSessionGroup(definition(), { ...options, baseDir: folder });
    expect((await drive(clock, group.run())).status).toBe('completed');
    expect(promptOf('b')).toEqual(SENT);
    await group.dispose();
  });

  it('uses the copy made when it was created, whatever happens to the file', async () => {
    const { clock, options, promptOf } = world();
    const group = await createSessionGroup(definition(), { ...options, baseDir: folder });
    writeTemplate('Do something else: {{ nobody }}');
    expect((await drive(clock, group.run())).status).toBe('completed');
    expect(promptOf('b')).toEqual(SENT);
    const kept = join(group.dir ?? '', 'templates', 'ours.md');
    expect(readFileSync(kept, 'utf8')).toBe(TEMPLATE);
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(group.dir ?? '', 'templates'))).toEqual(['ours.md']);
    await group.dispose();
  });

  it('continues with the copy when it is opened again', async () => {
    const { clock, options, promptOf } = world();
    const group = await createSessionGroup(definition([failing('max_turns', 1)]), {
      ...options,
      baseDir: folder,
    });
    expect((await drive(clock, group.run())).status).toBe('failed');
    await group.dispose();
    rmSync(join(folder, 'templates'), { recursive: true });

    const opened = await openSessionGroup(group.id, options);
    expect((await drive(clock, opened.retry())).status).toBe('completed');
    expect(promptOf('b')).toEqual(SENT);
    await opened.dispose();
  });

  it('fails the session, with the reason, when its copy is gone', async () => {
    const { clock, options } = world();
    const group = await createSessionGroup(definition(), { ...options, baseDir: folder });
    await group.dispose();
    rmSync(join(group.dir ?? '', 'templates'), { recursive: true });
    const opened = await openSessionGroup(group.id, options);
    const { sessions } = await drive(clock, opened.run());
    expect(sessions.b).toMatchObject({
      status: 'failed',
      error: { code: 'prepare_failed', message: 'the group has no copy of the template "ours"' },
    });
    await opened.dispose();
  });

  it('runs the example on scripted agents: templates, and results from other projects', async () => {
    const { clock, options, promptOf } = world();
    const place = examplePlace(join(folder, 'place'));
    const file = join(place, 'group', 'demo.yaml');
    // Without delivery: this clock waits for no process.
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^ {2}(workspace|verify|integrate):.*\n/gm, ''));
    const group = await createSessionGroup(file, options);
    expect((await drive(clock, group.run())).status).toBe('completed');
    const said = 'readToken(token, now) returns the user, or undefined once the token has expired.';
    for (const id of ['gateway', 'web']) {
      expect(promptOf(id)?.prompt).toContain(`<context>\n${said}\n</context>`);
      expect(promptOf(id)).toMatchObject({ composed: true });
    }
    expect(promptOf('release-notes')?.prompt).toContain(
      '<changes>\ngateway: A token without an expiry is refused.\nweb: A token in its last second is refused.\n</changes>',
    );
    await group.dispose();
  });

  it('is not created if it has a problem', async () => {
    const { options } = world();
    writeTemplate('Review {{ nobody }}');
    await expect(createSessionGroup(definition(), { ...options, baseDir: folder })).rejects.toMatchObject({
      code: 'invalid_definition',
      diagnostics: [{ code: 'unknown_variable' }, { code: 'unknown_variable' }],
    });
    expect(await options.store.list()).toEqual([]);
  });
});
