import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isSettled } from '../../machines/vocabulary.ts';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import { isEvent } from '../../src/sdk/group/journal/records.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { program } from '../sdk/process/process-fixture.ts';
import { compiledSources } from '../sdk/session/compiled-sources.ts';

/** Kills an engine before each file system call of an update (REDEFINE-1, REDEFINE-2, STORE-5). */

let modules = '';
beforeAll(() => {
  modules = compiledSources('src/sdk/group/api/create.ts', 'src/store/file-store.ts');
});

/** A file tells it when to end, so that no test depends on timing. */
const UNTIL_GO = 'while [ ! -e "$1" ]; do sleep 0.05; done';
const OLD = ['a', 'slow', 'c', 'spare'];
const NEW = ['a', 'slow', 'c', 'late'];

class UpdatedGroup {
  readonly folder = mkdtempSync(join(tmpdir(), 'session-groups-update-'));
  readonly dataDir = join(this.folder, 'data');
  readonly go = join(this.folder, 'go');
  readonly store = createFileStore({ dataDir: this.dataDir });

  definition(ids: readonly string[], prompt: string): SessionGroupInput {
    const more: Record<string, object> = {
      slow: { agent: { kind: 'command', command: ['sh', '-c', UNTIL_GO, 'sh', this.go] } },
      c: { dependsOn: ['slow'], prompt },
      spare: { dependsOn: ['slow'] },
      late: { dependsOn: ['a'] },
    };
    return {
      version: 1,
      name: 'Updated',
      config: { agent: 'scripted', concurrency: { maxConcurrent: 4 } },
      sessions: ids.map(id => {
        const projectPath = join(this.folder, id);
        mkdirSync(projectPath, { recursive: true });
        return { id, projectPath, prompt: 'Work.', ...more[id] };
      }),
    };
  }

  /** A group that is not live: created or completed. */
  async atRest(run: boolean): Promise<string> {
    writeFileSync(this.go, '');
    const group = await createSessionGroup(this.definition(OLD, 'old'), { store: this.store });
    if (run) expect((await group.run()).status).toBe('completed');
    await group.dispose();
    return group.id;
  }

  /** The number of calls that the update made; undefined if it was killed. */
  update(order: object): Promise<number | undefined> {
    const json = JSON.stringify({ dataDir: this.dataDir, go: this.go, ...order });
    const argv = [program('update-engine.mjs'), modules, json];
    return new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        argv,
        { timeout: 60_000, killSignal: 'SIGTERM' },
        (error, stdout, stderr) => {
          if (error?.signal === 'SIGKILL') resolve(undefined);
          else if (error) reject(new Error(`${error.message}\n${stderr}`));
          else resolve(Number(stdout));
        },
      );
    });
  }

  get id(): string {
    return readdirSync(join(this.dataDir, 'groups')).find(name => !name.startsWith('.')) ?? '';
  }

  /** Opening the group finds either definition with the matching journal, and the group continues from there. */
  async expectWhole(newIds: readonly string[]): Promise<'old' | 'new'> {
    const stored = await this.store.read(this.id);
    const { definition, revision = 0 } = stored.group;
    writeFileSync(this.go, '');
    const ids = definition.sessions.map(({ id }) => id);
    const updates = stored.records.filter(record => record.type === 'group_updated');
    expect(updates.map(update => update.revision)).toEqual(revision === 0 ? [] : [1]);
    expect(ids).toEqual(revision === 0 ? OLD : newIds);
    const group = await openSessionGroup(this.id, { store: this.store });
    expect(group.group.definition).toEqual(definition);
    const { status } = group.getResult();
    const { sessions } = group.getProgress();
    const done = sessions.every(session => session.status === 'completed');
    expect(status === 'completed', `${status} with ${ids}`).toBe(done); // I5
    const result = status === 'created' ? await group.run() : await continueGroup(group, status);
    expect(result.status).toBe('completed');
    expect(Object.entries(result.sessions).map(([id, session]) => [id, session.status])).toEqual(
      ids.map(id => [id, 'completed']),
    );
    await group.dispose();
    const { records, fold } = await this.store.read(this.id);
    const events = records.filter(isEvent);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    const added = events.flatMap(event => (event.type === 'session_added' ? [event.sessionId] : []));
    expect(added).toEqual(revision === 0 ? [] : ['late']);
    const settled = events.flatMap(event => (event.type === 'session_completed' ? [event.sessionId] : []));
    expect(settled.sort()).toEqual([...ids].sort()); // I4
    expect([...(fold?.sessions ?? [])].every(([, session]) => isSettled(session.status))).toBe(true);
    return revision === 0 ? 'old' : 'new';
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, maxRetries: 5 });
  }
}

function continueGroup(group: Awaited<ReturnType<typeof openSessionGroup>>, status: string) {
  return status === 'completed' ? group.getResult() : group.resume();
}

/** Kills at each call, two at a time, until an update completes. Returns the definitions that were left, in order. */
async function killAtEach(
  prepare: (group: UpdatedGroup) => Promise<object>,
  newIds: readonly string[],
): Promise<('old' | 'new')[]> {
  const left: ('old' | 'new')[] = [];
  let next = 1;
  let through = Number.POSITIVE_INFINITY;
  const worker = async (): Promise<void> => {
    for (let killAt = next++; killAt < through; killAt = next++) {
      const group = new UpdatedGroup();
      const calls = await group.update({ ...(await prepare(group)), killAt });
      if (calls !== undefined) through = Math.min(through, killAt);
      left[killAt - 1] = await group.expectWhole(newIds).catch(cause => {
        throw new Error(`killed before call ${killAt}: ${cause}`, { cause });
      });
      group.remove();
    }
  };
  await Promise.all([worker(), worker()]);
  return left.slice(0, through);
}

/** Up to one call the old definition is current, and after it the new one. */
function expectOneMoment(left: readonly ('old' | 'new')[]): void {
  const first = left.indexOf('new');
  expect(first, left.join(' ')).toBeGreaterThan(3);
  expect(left.slice(first), left.join(' ')).toEqual(left.slice(first).map(() => 'new'));
}

describe('an engine killed while it updates a group', { timeout: 1_200_000 }, () => {
  it('leaves a group that has not started with the old definition or the new one', async () => {
    const left = await killAtEach(
      async group => ({ id: await group.atRest(false), next: group.definition(NEW, 'new') }),
      NEW,
    );
    expectOneMoment(left);
    process.stdout.write(`killed at ${left.length - 1} calls of the update of a created group\n`);
  });

  it('leaves a completed group completed, or paused with the new session pending (I5)', async () => {
    const more = [...OLD, 'late'];
    const left = await killAtEach(
      async group => ({ id: await group.atRest(true), next: group.definition(more, 'old') }),
      more,
    );
    expectOneMoment(left);
    process.stdout.write(`killed at ${left.length - 1} calls of the update of a completed group\n`);
  });

  it('leaves a running group that resumes with the old definition or the new one (I11)', async () => {
    const left = await killAtEach(
      async group => ({ definition: group.definition(OLD, 'old'), next: group.definition(NEW, 'new') }),
      NEW,
    );
    // The running group's own writes differ from run to run, so no call can be named as the moment of the change.
    expect(new Set(left)).toEqual(new Set(['old', 'new']));
    process.stdout.write(`killed at ${left.length - 1} calls of the update of a running group\n`);
  });
});
