import { join } from 'node:path';
import { type Clock, systemClock } from '../../../src/sdk/clock.ts';
import { createSessionGroup, openSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { GroupStore, OwnedGroup } from '../../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { gitRunner } from '../../../src/sdk/workspace/git/run.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import { createFileStore } from '../../../src/store/file-store.ts';
import { definitionOf, START } from './group-world.ts';
import { passed, point, pointedGit, pointFiles } from './points.ts';

/*
 * The whole engine, with a group that works in trees of two repositories, and delivers:
 *
 *   node group-life.ts FOLDER    with DIE_AT=N: kills itself at the Nth point around git calls and records
 *
 * It creates the group and runs it, or takes over what is there and goes on. It prints the points.
 */

const [, , folder = ''] = process.argv;
pointFiles(folder);

/** The group gets the same id each time; whatever it does has a time of its own. */
let isCreated = false;
const clock: Clock = { ...systemClock, now: () => (isCreated ? systemClock.now() : START) };
const env = { PATH: process.env.PATH ?? '', HOME: join(folder, 'home') };
const projects = memoryProjectGate();
const workspaces = createWorkspaces({
  ...{ clock, env, workDir: join(folder, 'work'), gate: projects },
  run: pointedGit(gitRunner({ clock, env })),
});

const mortal = (owned: OwnedGroup): OwnedGroup => ({
  ...owned,
  journal: {
    append(record) {
      point('records', record.type);
      void owned.journal.append(record);
      point('records', record.type);
    },
    folded: fold => owned.journal.folded?.(fold),
    synced: () => owned.journal.synced(),
    close: () => owned.journal.close(),
  },
});
const files = createFileStore({ dataDir: join(folder, 'data') });
const store: GroupStore = {
  ...files,
  create: async group => mortal(await files.create(group)),
  take: async (id, options) => mortal(await files.take(id, options)),
};

const parts = { clock, env, store, workspaces, projects };
const [known] = await store.list();
isCreated = known !== undefined;
const group = known
  ? await openSessionGroup(known.id, parts)
  : await createSessionGroup(definitionOf(folder), parts);
isCreated = true;
const { status } = group.getResult();
if (status === 'created') await group.run();
else if (status !== 'completed' && status !== 'failed') await group.resume();
await group.dispose();
await workspaces.emptyTrash();
process.stdout.write(passed());
