import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/sdk/clock.ts';
import { endOrphans } from '../../../src/sdk/process/orphans.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { gitRunner } from '../../../src/sdk/workspace/git/run.ts';
import type { ReadyWorkspace, WorkspaceOrder } from '../../../src/sdk/workspace/orders.ts';
import type { Conflict, Site } from '../../../src/sdk/workspace/port.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import { passed, point, pointedGit, pointFiles } from './points.ts';

/*
 * An engine in small: the whole life of three sessions over two repositories, with a journal. What it orders, it journals
 * first; what it finds in the journal, it does again from there.
 *
 *   node workspace-life.ts FOLDER    with DIE_AT=N: kills itself at the Nth point around git calls, records and changes of files
 *
 * It prints the points.
 */

const [, , folder = ''] = process.argv;
const GROUP = '20260101-093000-kills';
const START = Date.UTC(2026, 0, 1) / 1_000;
const JOURNAL = join(folder, 'journal.jsonl');

pointFiles(folder);
const env = { PATH: process.env.PATH, HOME: join(folder, 'home') };
const run = pointedGit(gitRunner({ clock: systemClock, env }));
const port = createWorkspaces({
  clock: systemClock,
  env,
  workDir: join(folder, 'work'),
  gate: memoryProjectGate(),
  run,
});

interface Record {
  readonly name: string;
  readonly value: unknown;
}

/** A record that was cut off does not count: the line is not complete. */
const journal = new Map(
  (existsSync(JOURNAL) ? readFileSync(JOURNAL, 'utf8') : '')
    .split('\n')
    .slice(0, -1)
    .map((line): Record => JSON.parse(line))
    .map(({ name, value }) => [name, value]),
);

/** What the journal has under a name; else it is found out, and journalled before anything follows from it. */
async function recorded<T>(name: string, make: () => Promise<T>): Promise<T> {
  const known = journal.get(name);
  if (known !== undefined) return known as T;
  const value = await make();
  const what = name.slice(name.lastIndexOf(' ') + 1);
  point('records', what);
  appendFileSync(JOURNAL, `${JSON.stringify({ name, value: value ?? null })}\n`);
  point('records', what);
  journal.set(name, value ?? null);
  return JSON.parse(JSON.stringify(value ?? null)) as T;
}

/** Times are the journal's: each step has its own. */
let time = START;

interface Session {
  readonly id: string;
  readonly project: string;
  readonly inner?: string;
  /** What its agent does; it may do it twice. */
  readonly work: (tree: string) => void;
}

const SESSIONS: readonly Session[] = [
  {
    id: 'lib',
    project: 'lib',
    work(tree) {
      writeFileSync(join(tree, 'lib.ts'), 'export const lib = 2;\n');
      writeFileSync(join(tree, 'new.ts'), 'new\n');
      // An agent may take its secrets out of the ignored files.
      writeFileSync(join(tree, '.gitignore'), 'build/\n');
    },
  },
  {
    id: 'api-one',
    project: 'api',
    work(tree) {
      writeFileSync(join(tree, 'shared.ts'), 'one\n');
      commitAs(tree, 'shared.ts');
      writeFileSync(join(tree, 'one.ts'), 'one\n');
    },
  },
  {
    id: 'api-two',
    project: 'api',
    work(tree) {
      writeFileSync(join(tree, 'shared.ts'), 'two\n');
      writeFileSync(join(tree, 'two.ts'), 'two\n');
    },
  },
];

/** Once, however often the agent does it. */
function commitAs(tree: string, file: string): void {
  const date = '2026-01-02T00:00:00Z';
  const identity = { NAME: 'Agent', EMAIL: 'agent@example.com', DATE: date };
  const who = ['AUTHOR', 'COMMITTER'].flatMap(role =>
    Object.entries(identity).map(([key, value]) => [`GIT_${role}_${key}`, value]),
  );
  const options = { env: { ...env, ...Object.fromEntries(who) }, stdio: 'pipe' } as const;
  execFileSync('git', ['-C', tree, 'add', file], options);
  const staged = execFileSync('git', ['-C', tree, 'diff', '--cached', '--name-only'], options);
  if (staged.length > 0)
    execFileSync('git', ['-C', tree, 'commit', '-q', '-m', `${file} of an agent`], options);
}

const siteOf = ({ id, project }: Session): Site => ({
  project: join(folder, project),
  processes: `${GROUP}:${id}:1`,
  signal: new AbortController().signal,
});

/** What the next engine does before anything else. */
async function takeOver(): Promise<void> {
  const note = await endOrphans(GROUP, systemClock);
  if (note !== undefined) throw new Error(note);
  for (const session of SESSIONS) {
    const order = journal.get(`${session.id} order`) as WorkspaceOrder | undefined;
    const ready = journal.get(`${session.id} ready`) as ReadyWorkspace | undefined;
    if (order) await port.recover(siteOf(session), [order]);
    if (!ready || journal.has(`${session.id} releasing`)) continue;
    await port.restore(siteOf(session), ready);
    await port.checkpoint(siteOf(session), ready, time);
  }
}

async function begin(session: Session): Promise<ReadyWorkspace> {
  const site = siteOf(session);
  const { id } = session;
  const order = await recorded(`${id} order`, () =>
    port.planWorkspace(site, { mode: 'worktree', group: GROUP, session: id, include: ['.env'], time }),
  );
  const ready = await recorded(`${id} ready`, async () => (await port.prepare(site, order)).ready);
  await recorded(`${id} worked`, async () => session.work(join(folder, 'work', order.folder)));
  return ready;
}

async function save(
  session: Session,
  ready: ReadyWorkspace,
  round: string,
  resolves?: Conflict,
): Promise<string> {
  const site = siteOf(session);
  const wish = { attempts: 1, time, ...(resolves && { resolves }) };
  await recorded(`${session.id} ${round} checkpoint`, async () => {
    await port.checkpoint(site, ready, time);
  });
  const { order } = await recorded(`${session.id} ${round} result`, () => port.planResult(site, ready, wish));
  await recorded(`${session.id} ${round} saved`, () => port.takeResult(site, ready, order));
  return order.commit;
}

async function integrate(
  session: Session,
  ready: ReadyWorkspace,
  result: string,
  round = 'first',
): Promise<void> {
  const site = siteOf(session);
  const { id } = session;
  const plan = await recorded(`${id} ${round} merging`, () => port.planMerge(site, ready, { result, time }));
  if (plan.kind === 'merge') {
    await recorded(`${id} ${round} taken`, () => port.takeMerge(site, ready, plan.order));
    await recorded(`${id} ${round} merged`, () => port.advance(site, GROUP, plan.order));
    return;
  }
  const { conflict } = plan;
  await recorded(`${id} ${round} conflict`, () => port.putConflict(site, ready, conflict));
  await recorded(`${id} ${round} resolved`, async () => {
    const path = join(folder, 'work', ready.order.folder, 'shared.ts');
    writeFileSync(path, 'one and two\n');
  });
  await integrate(session, ready, await save(session, ready, 'second', conflict), 'second');
}

async function deliver(session: Session, into: string): Promise<void> {
  const site = siteOf(session);
  const plan = await recorded(`${into} planned`, () => port.planDelivery(site, { group: GROUP, into, time }));
  if (plan.kind !== 'ready') throw new Error(JSON.stringify(plan));
  await recorded(`${into} delivered`, () => port.deliver(site, plan.order));
}

async function leave(session: Session, ready: ReadyWorkspace): Promise<void> {
  const site = siteOf(session);
  const order = await recorded(`${session.id} releasing`, () => port.planRelease(site, ready));
  if (!order) throw new Error(`${session.id} was to be released`);
  await recorded(`${session.id} released`, () => port.release(site, ready, order));
}

await takeOver();
const begun: { readonly session: Session; readonly ready: ReadyWorkspace }[] = [];
for (const session of SESSIONS) {
  time += 60;
  begun.push({ session, ready: await begin(session) });
}
for (const { session, ready } of begun) {
  time += 60;
  await integrate(session, ready, await save(session, ready, 'first'));
}
const [lib, api] = SESSIONS;
if (lib) await deliver(lib, 'release');
if (api) await deliver(api, 'main');
for (const { session, ready } of begun) await leave(session, ready);
await port.emptyTrash();
process.stdout.write(passed());
