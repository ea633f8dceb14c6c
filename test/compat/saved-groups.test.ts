// @module-tag processes
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as library from '../../src/index.ts';
import { revisionDir } from '../../src/store/revisions.ts';
import * as testing from '../../src/testing.ts';
import { builtCli } from '../cli/built-cli.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { rewriteLines } from '../support/journal-lines.ts';
import { follow, type Way } from '../support/saved-group-ways.ts';
import {
  NO_HOST,
  openSavedGroups,
  readExpectations,
  rewriteOwner,
  type SavedGroup,
  type SavedGroupsPlace,
  type ShownGroup,
  shownGroup,
} from '../support/saved-groups.ts';

/** Today's code reads and runs groups that the last release saved. */

const GROUPS = readExpectations();
const byState = GROUPS.map(group => [group.state, group] as const);
const saved = (state: string): SavedGroup => {
  const group = GROUPS.find(group => group.state === state);
  if (!group) throw new Error(`no group was saved as ${state}`);
  return group;
};
const shownOf = ({ status, why, totalCostUsd, sessions }: SavedGroup) => ({
  ...{ status, totalCostUsd, sessions },
  ...(why === undefined ? {} : { why }),
});

let place: SavedGroupsPlace;
let cli: CommandLine;
beforeAll(async () => {
  place = await openSavedGroups();
  cli = commandLine(builtCli(), place.folder, {
    ...process.env,
    SESSION_GROUPS_DATA_DIR: place.dataDir,
    SESSION_GROUPS_CONFIG_DIR: place.configDir,
  });
});
afterAll(async () => {
  await cli?.close();
  place?.close();
});

const store = () => library.createFileStore({ dataDir: place.dataDir });

/** Runs `use` with a manager, then disposes of it. */
async function managing<T>(use: (manager: library.GroupManager) => Promise<T>): Promise<T> {
  const manager = new library.GroupManager({ store: store() });
  try {
    return await use(manager);
  } finally {
    await manager.dispose();
  }
}

const shown = (id: string) => managing(async manager => shownGroup(await manager.getGroupStatus(id)));

/** Every recorded event of the group. */
async function eventsOf(id: string): Promise<library.GroupEvent[]> {
  const events: library.GroupEvent[] = [];
  for await (const record of (await store().read(id)).history()) {
    if (!record.type.startsWith('_')) events.push(library.GroupEvent.parse(record));
  }
  return events;
}

function expectWhole(events: readonly library.GroupEvent[]): void {
  expect(events[0]?.type).toBe('group_created');
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
}

describe('a group saved by the last release', () => {
  it('is listed as it was, by the command line', async () => {
    const { code, lines } = await cli.run('group', 'list', '--archived', '--json');
    expect(code).toBe(0);
    const listed = lines.map(({ id, status, totalCostUsd }) => ({ id, status, totalCostUsd }));
    const expected = GROUPS.map(({ id, status, totalCostUsd }) => ({ id, status, totalCostUsd }));
    expect(listed).toEqual(expected.reverse());
  });

  it('is left out of the list if it was archived', async () => {
    const listed = await managing(manager => manager.list());
    const kept = GROUPS.filter(({ archived }) => archived !== true).map(({ id, status }) => ({ id, status }));
    expect(listed.map(({ id, status }) => ({ id, status })).reverse()).toEqual(kept);
  });

  it.each(['interrupted-while-waiting', 'revised'])(
    'is shown as it was, by the command line: %s',
    async state => {
      const { code, lines } = await cli.run('group', 'show', state, '--json');
      expect(code).toBe(0);
      const [group] = lines as unknown as ShownGroup[];
      expect(group && shownGroup(group)).toEqual(shownOf(saved(state)));
    },
  );

  it.each(byState)('is shown as it was, with its whole history: %s', async (_, group) => {
    expect(await shown(group.id)).toEqual(shownOf(group));
    expectWhole(await eventsOf(group.id));
  });

  it.each(byState)('has a definition that today’s code would store to the byte: %s', async (_, { id }) => {
    const { group } = await store().read(id);
    const { definition, files } = group;
    const loaded = await library.parseDefinition(definition, {
      ...(files ? { files } : {}),
      env: process.env,
    });
    const folder = revisionDir(place.dirOf(id), group.revision ?? 0);
    const stored = readFileSync(join(folder, 'definition.json'), 'utf8');
    expect(`${JSON.stringify(loaded.definition, undefined, 2)}\n`).toBe(stored);
  });

  it('has the whole of a long result', async () => {
    const events = await eventsOf(saved('completed').id);
    const files = events.flatMap(event => ('resultFile' in event ? [event.resultFile ?? ''] : []));
    expect(files.map(file => readFileSync(file, 'utf8').length)).toEqual([70_000]);
  });
});

/**
 * The one thing that has become different: what a scripted agent does at its first attempts only, it has done in the process before,
 * as `docs/definition.md` has always had it. The last release did it again.
 */
function expectedOf(state: string, { way, opened, leadsTo }: SavedGroup['ways'][number]) {
  if (state !== 'interrupted-while-waiting' || way.verb !== 'resume' || 'refused' in leadsTo)
    return { opened, leadsTo };
  const sessions = Object.entries(leadsTo.sessions).map(([id, session]) => [id, { ...session, attempts: 2 }]);
  return { opened, leadsTo: { ...leadsTo, sessions: Object.fromEntries(sessions) } };
}

describe.each(byState)('continuing a group that was left %s', (state, { id, ways, programs = false }) => {
  beforeEach(() => place.restore(id));

  it.each(ways.map(went => [wordsOf(went.way), went] as const))(
    'gives the same result as the last release, by %s',
    async (_, went) => {
      const { way } = went;
      const before = await eventsOf(id);
      if (way.mended) place.mend();
      const where = { id, dataDir: place.dataDir, programs };
      expect(await follow({ ...library, ...testing }, where, way)).toEqual(expectedOf(state, went));
      const after = await eventsOf(id);
      expectWhole(after);
      expect(after.slice(0, before.length)).toEqual(before);
    },
  );
});

describe('continued by the command line', () => {
  it('an interrupted group is resumed', async () => {
    place.restore(saved('interrupted').id);
    place.mend();
    const { code, lines } = await cli.run('group', 'resume', 'interrupted', '--json');
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatchObject({ type: 'result', status: 'completed', totalCostUsd: 0.25 });
  });

  it('a failed group is retried', async () => {
    place.restore(saved('failed').id);
    place.mend();
    const { code, lines } = await cli.run('group', 'retry', 'failed', '--json');
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatchObject({ type: 'result', status: 'completed', totalCostUsd: 0.5 });
  });
});

describe('the snapshot of the last release', () => {
  const group = saved('snapshot-and-more');
  const snapshot = () => join(place.dirOf(group.id), 'snapshot.json');
  beforeEach(() => place.restore(group.id));

  it('makes way for the journal: its fold has other fields', async () => {
    rewriteLines(snapshot(), lines => lines.map(withMessages(100)));
    expect(await shown(group.id)).toEqual(shownOf(group));
    const opened = await library.openSessionGroup(group.id, { store: store() });
    const [first] = opened.getProgress().sessions;
    await opened.dispose();
    expect(first).toMatchObject({ id: 'library', messageCount: 1 });
  });

  it.each([
    ['cut off', (path: string) => truncateSync(path, 1_000)],
    [
      'changed',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('"manual"', '"annual"')),
    ],
    ['empty', (path: string) => truncateSync(path)],
  ])('makes no difference once it is %s', async (_, damage) => {
    damage(snapshot());
    expect(await shown(group.id)).toEqual(shownOf(group));
    const [first] = group.ways;
    const where = { id: group.id, dataDir: place.dataDir, programs: false };
    const followed = await follow({ ...library, ...testing }, where, { verb: 'resume' });
    expect(followed).toEqual({ opened: first?.opened, leadsTo: first?.leadsTo });
  });
});

describe('a group whose process died on another host', () => {
  it('is shown in its last known state, and left to that host', async () => {
    const { id } = saved('interrupted');
    place.restore(id);
    rewriteOwner(place.dirOf(id), { host: NO_HOST });
    expect(await shown(id)).toMatchObject({ status: 'running' });
    await expect(library.openSessionGroup(id, { store: store() })).rejects.toMatchObject({
      code: 'owned_elsewhere',
      hint: expect.stringContaining(`Manage it on ${NO_HOST}.`),
    });
  });
});

describe('deleted', () => {
  it('every group is deleted, whatever its state', async () => {
    for (const { id } of GROUPS) place.restore(id);
    const { code } = await cli.run('group', 'delete', 'torn', '--force');
    expect(code).toBe(0);
    await managing(async manager => {
      for (const { id, state } of GROUPS) if (state !== 'torn') await manager.delete(id);
      expect(await manager.list({ archived: true })).toEqual([]);
    });
    expect(GROUPS.filter(({ id }) => existsSync(place.dirOf(id)))).toEqual([]);
  });
});

function wordsOf({ verb, maxBudgetUsd, letGo, mended }: Way): string {
  if (maxBudgetUsd !== undefined) return `${verb} with a higher limit`;
  if (letGo !== undefined) return `${verb} without holding ${letGo}`;
  return mended ? `${verb} once it is repaired` : verb;
}

/** The snapshot of a journal with this many messages. */
const withMessages = (messageCount: number) => (line: Record<string, unknown>) => {
  const fold = JSON.parse(JSON.stringify(line.fold));
  for (const [id, tally] of fold.progress.sessions) if (id === 'library') tally.messageCount = messageCount;
  return { ...line, fold };
};
