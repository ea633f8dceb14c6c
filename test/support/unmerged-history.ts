import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { firstValueFrom } from 'rxjs';
import { main } from '../../src/cli/main.ts';
import { RefusedError } from '../../src/sdk/errors.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { branchOf, folderOf, mergedBranch } from '../../src/sdk/workspace/names.ts';
import { FakeIo } from '../cli/fakes.ts';
import type { Yard } from './delivering.ts';
import type { Repository } from './repository.ts';
import { ACTS, commitIn, keysOf, MARK, WritingAgent, write } from './writing-agent.ts';

const SESSION = fc.record({
  acts: fc.uniqueArray(fc.constantFrom(...keysOf(ACTS)), { minLength: 1, maxLength: 4 }),
  ends: fc.constantFrom('done', 'done', 'done', 'fails', 'waits'),
  integrate: fc.constantFrom('none', 'branch', 'merge', 'merge'),
  repository: fc.constantFrom(0, 0, 1),
});

/** Where a step is taken. */
interface Place {
  readonly repo: Repository;
  readonly tree: string;
  readonly branch: string;
  readonly merged: string;
  /** What the user writes. */
  readonly mark: string;
}

/** What the user does with a session's tree and with branches, once the group is at rest. */
const STEPS = {
  commits: ({ tree, mark }: Place) => existsSync(join(tree, '.git')) && commitIn(tree, `${mark}.txt`, mark),
  writes: ({ tree, mark }: Place) => existsSync(tree) && write(tree, mark, mark),
  deletesTree: ({ tree }: Place) => rmSync(tree, { recursive: true, force: true }),
  deletesRecord: ({ repo, tree }: Place) =>
    rmSync(join(repo.path, '.git', 'worktrees', basename(tree)), { recursive: true, force: true }),
  cutsTreeOff: ({ tree }: Place) => rmSync(join(tree, '.git'), { force: true }),
  deletesBranch: ({ repo, branch }: Place) => repo.git('update-ref', '-d', branch),
  movesBranchBack: ({ repo, branch }: Place) => repo.git('update-ref', branch, 'main'),
  mergesBranch: ({ repo, branch }: Place) => repo.git('merge', '-q', branch),
  mergesGroup: ({ repo, merged }: Place) => repo.git('merge', '-q', merged),
  startsBranch: ({ repo }: Place) => repo.git('checkout', '-q', '-B', 'other'),
  leavesBranch: ({ repo }: Place) => repo.git('checkout', '-q', '--detach'),
} as const;

const TAKES_AWAY: ReadonlySet<string> = new Set(['deletesTree', 'deletesBranch', 'movesBranchBack']);
const NOTHING: ReadonlySet<string> = new Set();

/** What the group is asked for, if it can be asked for that. */
const REQUESTS = {
  resumes: (group: GroupRunner) => group.resume(),
  retries: (group: GroupRunner) => group.retry(),
  startsOver: (group: GroupRunner) => group.retry({ fresh: true }),
  stops: (group: GroupRunner) => group.stop(),
} as const;

const VERBS = {
  delete: (id: string) => ['group', 'delete', id, '--force'],
  prune: () => ['group', 'prune', '--older-than', '0s'],
  clean: (id: string) => ['group', 'clean', id],
} as const;

export const HISTORY = fc.record({
  sessions: fc.array(SESSION, { minLength: 1, maxLength: 3 }),
  keep: fc.constantFrom('always', 'until_merged'),
  into: fc.constantFrom(undefined, undefined, 'main'),
  interrupts: fc.constantFrom('pause', 'stop'),
  steps: fc.array(
    fc.record({
      what: fc.oneof(fc.constantFrom(...keysOf(STEPS)), fc.constantFrom(...keysOf(REQUESTS))),
      session: fc.nat({ max: 2 }),
    }),
    { maxLength: 5 },
  ),
  verbs: fc.array(fc.record({ verb: fc.constantFrom(...keysOf(VERBS)), discard: fc.boolean() }), {
    minLength: 1,
    maxLength: 2,
  }),
});
type History = typeof HISTORY extends fc.Arbitrary<infer Value> ? Value : never;

const WORK = 'mark-work-';
const idOf = (at: number): string => `s${at}`;

/** One history. */
export class UnmergedHistory {
  readonly #yard: Yard;
  readonly #history: History;
  readonly #repos: readonly Repository[];
  readonly #agent: WritingAgent;
  /** Branches that the user has taken away, and what has gone with them. */
  readonly #without = new Set<string>();
  readonly #usersLoss = new Set<string>();

  constructor(yard: Yard, history: History) {
    this.#yard = yard;
    this.#history = history;
    this.#repos = [yard.repo, yard.another('other')];
    for (const repo of this.#repos) {
      repo.write('.gitignore', '.env\nbuild/\n');
      repo.write('shared.txt', 'shared\n');
      repo.commit('before');
      repo.write('.env', 'of the user\n');
      repo.write('notes.txt', 'of the user\n');
    }
    this.#agent = new WritingAgent(new Map(history.sessions.map((session, at) => [idOf(at), session])));
  }

  /**
   * @returns how each command ended: `delete refused`, `clean discard done` and so on.
   * @throws if anything is lost that was nowhere else, or if a secret gets into git.
   */
  async live(): Promise<string[]> {
    const group = await this.#group();
    await this.#run(group);
    for (const [nth, { what, session }] of this.#history.steps.entries()) {
      if (isIn(REQUESTS, what)) await REQUESTS[what](group).catch(refused);
      else this.#step(what, this.#place(group.id, session, nth));
    }
    await group.dispose();
    const ends: string[] = [];
    for (const verb of this.#history.verbs) ends.push(await this.#take(group.id, verb));
    return ends;
  }

  #group(): Promise<GroupRunner> {
    const { sessions, keep, into } = this.#history;
    return this.#yard.group(
      sessions.map(({ integrate, repository }, at) => ({
        ...{ id: idOf(at), prompt: 'go', agent: { kind: 'scripted' }, integrate: { mode: integrate } },
        projectPath: this.#repoOf(repository).path,
      })),
      {
        retry: { maximumAttempts: 1 },
        workspace: { mode: 'worktree', include: ['.env'], keep },
        integrate: { mode: 'merge', ...(into !== undefined && { into }) },
      },
      { scripted: this.#agent },
    );
  }

  /** To its rest. It is interrupted as soon as an agent waits for that. */
  async #run(group: GroupRunner): Promise<void> {
    const waits = firstValueFrom(this.#agent.waits, { defaultValue: undefined });
    const run = group.run();
    if (
      this.#history.sessions.some(({ ends }) => ends === 'waits') &&
      (await Promise.race([run, waits])) !== undefined
    )
      await (this.#history.interrupts === 'pause' ? group.pause() : group.stop());
    await run;
    // Who begins after an interruption is interrupted by nobody.
    this.#agent.mayWait = false;
  }

  #repoOf(at: number): Repository {
    const repo = this.#repos[at];
    if (!repo) throw new Error('there is no such repository');
    return repo;
  }

  #place(group: string, nth: number, step: number): Place {
    const at = nth % this.#history.sessions.length;
    return {
      repo: this.#repoOf(this.#history.sessions[at]?.repository ?? 0),
      tree: join(this.#work, folderOf(group, idOf(at))),
      branch: branchOf(group, idOf(at)),
      merged: mergedBranch(group),
      mark: `mark-kept-user-${step}`,
    };
  }

  get #work(): string {
    return join(this.#yard.folder, 'work');
  }

  /**
   * Git may refuse it, as it does for anybody. What the user deletes in a tree is somewhere else, unless they have taken that
   * away too.
   */
  #step(what: keyof typeof STEPS, place: Place): void {
    const before = TAKES_AWAY.has(what) ? this.#marks() : NOTHING;
    try {
      STEPS[what](place);
    } catch {
      if (existsSync(join(place.repo.path, '.git', 'MERGE_HEAD'))) place.repo.git('merge', '--abort');
    }
    if (before === NOTHING) return;
    if (what !== 'deletesTree') this.#without.add(place.branch);
    const after = this.#marks();
    const lost = [...before].filter(mark => !after.has(mark));
    const agents = lost.filter(mark => mark.startsWith(WORK));
    if (agents.length > 0 && !this.#without.has(place.branch))
      throw new Error(`only in a tree: ${agents.join(', ')}`);
    for (const mark of lost) this.#usersLoss.add(mark);
  }

  async #take(group: string, { verb, discard }: History['verbs'][number]): Promise<string> {
    const [before, state] = [this.#marks(), this.#state()];
    const argv = [...VERBS[verb](group), '--json', ...(discard ? ['--discard'] : [])];
    const io = new FakeIo({ env: this.#yard.env, cwd: this.#yard.folder, now: Date.now });
    const code = await main(argv, io);
    const said = `${argv.join(' ')} (${code}): ${io.stdout.text}${io.stderr.text}`;
    const after = this.#marks();
    const agents = [...this.#agent.wrote].filter(mark => mark.startsWith(WORK) && !this.#usersLoss.has(mark));
    const lost = [...before, ...agents].filter(mark => /^mark-(work|kept)-/.test(mark) && !after.has(mark));
    if (lost.length > 0) throw new Error(`lost: ${lost.join(', ')} by ${said}`);
    if (
      code === 5
        ? !/"unmerged_work".*"session"|"not_in_this_state"/.test(io.stdout.text)
        : ![0, 2].includes(code)
    )
      throw new Error(`it neither does it nor says why not: ${said}`);
    if (code === 5 && verb !== 'clean' && this.#state() !== state) throw new Error(`only half done: ${said}`);
    return `${verb}${discard ? ' discard' : ''} ${code === 0 ? 'done' : code === 5 ? 'refused' : 'unknown'}`;
  }

  /** What is in a tree, or in anything that a ref leads to. */
  #marks(): ReadonlySet<string> {
    const inGit = this.#repos.flatMap(({ path }) => {
      const git = (args: string[], input?: string) =>
        execFileSync('git', ['-C', path, ...args], {
          ...(input !== undefined && { input }),
          maxBuffer: 2 ** 28,
        });
      const ids = git(['rev-list', '--objects', '--no-object-names', '--all']).toString();
      return git(['cat-file', '--batch'], ids).toString('latin1').match(MARK) ?? [];
    });
    const secret = inGit.find(mark => mark.startsWith('mark-secret-'));
    if (secret !== undefined) throw new Error(`${secret} is in git`);
    return new Set([...inGit, ...marksBelow(this.#work)]);
  }

  /** Refs, and which trees there are. */
  #state(): string {
    const refs = this.#repos.map(
      repo => repo.git('for-each-ref') + repo.git('worktree', 'list', '--porcelain'),
    );
    return refs.join('\n');
  }
}

/** Files of trees; what the engine keeps for itself begins with a dot. */
function marksBelow(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return files
    .filter(({ parentPath }) => !parentPath.startsWith(`${folder}/.`))
    .flatMap(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1').match(MARK) ?? []);
}

function refused(error: unknown): void {
  if (!(error instanceof RefusedError)) throw error;
}

const isIn = <T extends object>(all: T, name: PropertyKey): name is keyof T => name in all;
