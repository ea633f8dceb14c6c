import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../../disk/disk-files.ts';
import { line } from '../git/output.ts';
import { moveRef, refsBelow } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import type { Room } from '../git/room.ts';
import type { RunGit } from '../git/run.ts';
import { refsOfSession } from '../names.ts';
import type { ObjectId } from '../orders.ts';
import type { Site } from '../port.ts';
import { statOf } from '../tree/files.ts';
import type { SessionRefs, TransferPort } from './transfer-port.ts';

interface TransferParts {
  readonly run: RunGit;
  /** The folder of workspaces, without links. */
  readonly workDir: string;
  readonly open: (site: Site) => Promise<Repository>;
  readonly roomAt: (site: Site) => Promise<Room>;
  /** Makes what the system refuses an error of the step. */
  readonly step: <Args extends readonly unknown[], Answer>(
    take: (...args: Args) => Promise<Answer>,
  ) => (...args: Args) => Promise<Answer>;
}

const MOST_TIPS = 200;

export const transferIn = ({ run, workDir, open, roomAt, step }: TransferParts): TransferPort => ({
  place: step(async (site, { repository, format }) => {
    const folder = join(workDir, '.repositories', repository);
    if (statOf(folder)) return folder;
    mkdirSync(join(workDir, '.repositories'), { recursive: true, mode: 0o700 });
    const made = `${folder}.${randomBytes(4).toString('hex')}`;
    const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, made];
    await run({ args }, site);
    try {
      renameSync(made, folder);
    } catch (error) {
      if (!isCode(error, 'ENOTEMPTY') && !isCode(error, 'EEXIST')) throw error; // another was faster
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
    return folder;
  }),
  lacking: step(async (site, commits) => lackingIn(await open(site), commits)),
  tips: step(async site => {
    const order = ['--sort=-committerdate', `--count=${MOST_TIPS}`, '--format=%(objectname)'];
    return idsIn((await (await open(site)).git('for-each-ref', ...order)).stdout);
  }),
  pack: step(async (site, commits, without) => {
    const room = await roomAt(site);
    const unknown = new Set(await lackingIn(room.repository, without));
    const known = without.filter(commit => !unknown.has(commit));
    const input = [...commits, ...known.map(commit => `^${commit}`), ''].join('\n');
    const args = ['pack-objects', '--revs', '--thin', '--delta-base-offset', '--stdout', '--quiet'];
    return (await room.call({ args, input })).stdout;
  }),
  unpack: step(async (site, pack) => {
    const room = await roomAt(site);
    await room.call({ args: ['index-pack', '--stdin', '--fix-thin'], input: Buffer.from(pack) });
  }),
  refs: step(async (site, group, session) => {
    const repository = await open(site);
    const found: [string, ObjectId][] = [];
    for (const prefix of refsOfSession(group, session)) found.push(...(await refsBelow(repository, prefix)));
    return Object.fromEntries(found);
  }),
  moveRefs: step(async (site, from, to) => {
    const repository = await open(site);
    for (const ref of new Set([...Object.keys(to), ...Object.keys(from)])) {
      if (from[ref] !== to[ref]) await moveRef(repository, ref, moveOf(ref, from, to));
    }
  }),
});

const moveOf = (ref: string, from: SessionRefs, to: SessionRefs) => ({
  from: from[ref] ?? null,
  to: to[ref] ?? null,
  why: 'from another machine',
});

async function lackingIn(repository: Repository, commits: readonly ObjectId[]): Promise<ObjectId[]> {
  const asked = [...new Set(commits)];
  if (asked.length === 0) return [];
  const input = asked.map(commit => `${commit}^{commit}\n`).join('');
  const { stdout } = await repository.call({
    args: ['cat-file', '--batch-check=%(objectname)'],
    input,
  });
  const rows = line(stdout).split('\n');
  return asked.filter((_, at) => !/^[0-9a-f]{40,64}$/.test(rows[at] ?? ''));
}

const idsIn = (output: Buffer): ObjectId[] => line(output).split('\n').filter(Boolean);
