// @module-tag processes
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFileStore,
  createSessionGroup,
  GroupManager,
  openSessionGroup,
  type SessionGroupInput,
} from '../../src/index.ts';
import { systemDisk } from '../../src/sdk/disk/disk.ts';
import { copyFold, foldJournal } from '../../src/sdk/group/journal/fold.ts';
import { FORMAT, journalFormat } from '../../src/sdk/group/journal/format.ts';
import { FORMAT_SINCE } from '../../src/sdk/group/journal/records.ts';
import { fileStore } from '../../src/store/file-store.ts';
import { readHistory } from '../../src/store/journal/read-history.ts';
import { readSnapshot } from '../../src/store/journal/snapshot-file.ts';
import { thisMachine } from '../../src/store/machine.ts';
import { type BothReleases, openBothReleases } from '../support/both-releases.ts';
import type { CommandLine } from '../support/command-line.ts';
import { rewriteLines } from '../support/journal-lines.ts';
import { QUICK, scripted } from '../support/write-saved-groups/steps.ts';

/** The last release reads groups that today's code saved. */

let both: BothReleases;
let lastRelease: CommandLine;
beforeAll(() => {
  both = openBothReleases();
  lastRelease = both.lineOf('the last release');
});
afterAll(() => both?.close());

const store = () => createFileStore({ dataDir: both.dataDir });

/** Saves a group that was paused in the middle of its work, then updated. Returns its id. */
async function savePaused(slug: string): Promise<string> {
  const slow = [{ text: 'Half of it is done.' }, { cost: 0.1 }, { delay: 500 }, { result: 'It is done.' }];
  const sessions = [scripted('library', QUICK), scripted('service', slow, { dependsOn: ['library'] })];
  const definition: SessionGroupInput = {
    ...{ version: 1, name: 'Demo', slug },
    ...{ config: { agent: 'scripted' }, sessions },
  };
  const options = { store: store(), baseDir: both.definitions };
  const group = await createSessionGroup(definition, options);
  group.events$.subscribe(event => {
    const isHalfDone = event.type === 'cost_reconciled' && event.sessionId === 'service';
    if (isHalfDone) void group.pause({ wait: false });
  });
  await group.run();
  const guide = { id: 'guide', projectPath: '../projects/guide', prompt: 'Describe it.' };
  await group.addSession(guide, { baseDir: both.definitions });
  await group.dispose();
  return group.id;
}

describe('a group saved by today’s code', () => {
  let id: string;
  beforeAll(async () => {
    id = await savePaused('saved');
  });

  it('is listed and shown by the last release', async () => {
    const listed = await lastRelease.run('group', 'list', '--json');
    expect(listed).toMatchObject({ code: 0, lines: [{ id, status: 'paused', totalCostUsd: 0.35 }] });
    const shown = await lastRelease.run('group', 'show', id, '--json');
    expect(shown).toMatchObject({ code: 0, lines: [{ status: 'paused', completed: 1, totalCostUsd: 0.35 }] });
  });

  it('is resumed by the last release, and read again today', async () => {
    const { code, lines } = await lastRelease.run('group', 'resume', id, '--json');
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatchObject({
      ...{ type: 'result', status: 'completed' },
      sessions: { library: { attempts: 1 }, service: { attempts: 2 }, guide: { attempts: 1 } },
    });
    const manager = new GroupManager({ store: store() });
    expect(await manager.getGroupStatus(id)).toMatchObject({ status: 'completed', completed: 3 });
    await manager.dispose();
    const seqs: number[] = [];
    for await (const record of (await store().read(id)).history()) if ('seq' in record) seqs.push(record.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index));
  });
});

describe('a group in a later version of the format', () => {
  const HINT = 'Update session-groups to open this group.';
  let id: string;
  let journal: string;
  let message: string;
  let before: Buffer;
  beforeAll(async () => {
    id = await savePaused('later');
    journal = join(both.dataDir, 'groups', id, 'journal.ndjson');
    message = `${journal}: written in version 2 of the format; this program knows 1`;
    rewriteLines(journal, ([head, ...rest]) => [{ ...head, version: 2 }, ...rest]);
    before = readFileSync(journal);
  });

  it.each(['show', 'resume', 'stop'])(
    'is refused with a message by group %s of the last release',
    async verb => {
      const { code, out, err } = await lastRelease.run('group', verb, id);
      expect({ code, out, err }).toEqual({ code: 1, out: '', err: `error: ${message}\nhint: ${HINT}\n` });
      expect(readFileSync(journal)).toEqual(before);
    },
  );

  it('is listed by the last release in its last known state', async () => {
    const { code, lines } = await lastRelease.run('group', 'list', '--json');
    expect(code).toBe(0);
    expect(lines).toContainEqual(expect.objectContaining({ id, status: 'paused' }));
  });

  it('is refused with the same message today', async () => {
    const refusal = { code: 'journal_version', message, hint: HINT };
    await expect(store().read(id)).rejects.toMatchObject(refusal);
    await expect(openSessionGroup(id, { store: store() })).rejects.toMatchObject(refusal);
    expect(readFileSync(journal)).toEqual(before);
  });

  it('is deleted by the last release, which does not need to understand it', async () => {
    expect(await lastRelease.run('group', 'delete', id, '--force')).toMatchObject({ code: 0 });
    await expect(store().read(id)).rejects.toMatchObject({ code: 'unknown_group' });
  });
});

describe('a group whose journal a later release has upgraded', () => {
  it('is refused with a message by the last release, even though its snapshot matches', async () => {
    const id = await savePaused('raised');
    const format = journalFormat({ ...FORMAT_SINCE, _held: FORMAT.version + 1 });
    const ports = { disk: systemDisk, machine: thisMachine, format };
    const later = fileStore(ports, { dataDir: both.dataDir, snapshotEveryBytes: 1 });
    const owned = await later.take(id);
    const record = { type: '_held', sessionId: 'guide', held: true } as const;
    void owned.journal.append(record);
    owned.journal.folded?.(foldJournal([record], copyFold(owned.fold ?? foldJournal(owned.records))));
    await owned.release();
    const path = join(both.dataDir, 'groups', id, 'journal.ndjson');
    const place = { disk: systemDisk, path, groupId: id, format };
    expect(readHistory(place, readSnapshot(place))).toMatchObject({ version: format.version, records: [] });

    const { code, out, err } = await lastRelease.run('group', 'resume', id);
    const refusal = `${path}: written in version ${format.version} of the format; this program knows 1`;
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(`error: ${refusal}\nhint: Update session-groups to open this group.\n`);
    expect((await later.read(id)).records.at(-1)).toEqual(record);
  });
});
