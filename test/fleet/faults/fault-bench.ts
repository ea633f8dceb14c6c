import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { connectTo, disconnect } from '../../../src/fleet/redis/connection.ts';
import type { Running } from '../../cli/built-cli.ts';
import { repository } from '../../support/repository.ts';
import { eventually, FleetBench, program } from '../fleet-bench.ts';

/** What the agents of a run have written themselves, and what became of their group. */
export interface Figures {
  /** For how long two attempts of a session have lived at once; milliseconds. */
  readonly overlapMs: number;
  /** Attempts that began. */
  readonly attempts: number;
  /** Sessions that ran again although they had ended. */
  readonly endsThrownAway: number;
  /** Steps that were begun again although they were done. */
  readonly paidAgain: number;
  /** Steps that were begun again because they were cut. */
  readonly cut: number;
  /** Most agents that lived at once. */
  readonly live: number;
  readonly completed: number;
  /** Checks that began. */
  readonly checks: number;
  /** Files of Redis that have the value of a secret. */
  readonly leaks: number;
}

/** What the sessions of a group do. */
export interface Work {
  /** Arguments of their agents, which take four steps. */
  readonly agent?: readonly string[];
  /** `asking`: agents of the kind claude, of which each asks for a permission and ends with it. */
  readonly kind?: 'paying' | 'asking';
  /** Each has a tree of its own; `checked`: and a check, which waits for `passed`. Default: none. */
  readonly trees?: 'plain' | 'checked';
  /** Where its process finds Redis. */
  readonly redis?: string;
}

export const SESSIONS = ['a', 'b', 'c'];
/** How many of them may be live. */
export const CAP = 2;
const CANARY = 'canary-5d0c4b7e91';

/** A group of three sessions, of which two may live, its workers and its Redis, each a process. */
export class FaultBench {
  readonly fleet: FleetBench;
  #run: Running | undefined;

  private constructor(fleet: FleetBench) {
    this.fleet = fleet;
  }

  static async begin(): Promise<FaultBench> {
    const fleet = await FleetBench.begin();
    fleet.configure({ agents: ['command', 'claude'], variables: ['CANARY'] });
    return new FaultBench(fleet);
  }

  /** A worker. @param bin another executable than ours. */
  worker(args: readonly string[] = [], env: Record<string, string> = {}, bin?: string): Promise<Running> {
    const known = { CANARY, SESSION_GROUPS_CLAUDE: program('asking-claude.mjs') };
    return this.fleet.worker(['--concurrency', '2', ...args], { ...known, ...env }, bin);
  }

  /** What keeps its folders elsewhere is another machine. */
  workerElsewhere(): Promise<Running> {
    return this.worker([], { SESSION_GROUPS_WORK_DIR: join(this.fleet.folder, 'elsewhere') });
  }

  /** Starts the group. */
  run(work: Work = {}): Running {
    const { redis = this.fleet.address } = work;
    const file = this.definition(CAP, work);
    const argv = ['run', file, '--executor', 'bullmq', '--plain', '--attended'];
    this.#run = this.fleet.command(argv, { SESSION_GROUPS_REDIS: redis });
    return this.#run;
  }

  /** The file of the group. @param cap how many may be live. */
  definition(cap: number, { agent = [], kind = 'paying', trees }: Work = {}): string {
    const check = [process.execPath, program('waiting-check.mjs'), this.#checks, this.#passed];
    return this.fleet.definition(SESSIONS, {
      config: {
        concurrency: { maxConcurrent: cap },
        ...(trees && { workspace: { mode: 'worktree' } }),
      },
      agent: kind === 'asking' ? 'claude' : ['paying-agent.mjs', ...agent],
      env: { SECRET: '$' + '{CANARY:-none}' },
      ...(trees && { project: this.#project() }),
      ...(trees === 'checked' && {
        session: id => ({ verify: { commands: [[...check, id].join(' ')] } }),
      }),
    });
  }

  #project(): string {
    const path = join(this.fleet.folder, 'project');
    if (existsSync(path)) return path;
    const made = repository(path);
    made.write('README.md', 'the project\n');
    made.commit();
    return path;
  }

  get #checks(): string {
    return join(this.fleet.folder, 'checks');
  }

  get #passed(): string {
    return join(this.fleet.folder, 'passed');
  }

  /** Sessions whose checks have begun, in this order. */
  checks(): string[] {
    return existsSync(this.#checks) ? readFileSync(this.#checks, 'utf8').split('\n').slice(0, -1) : [];
  }

  /** Checks pass from now on. */
  passed(): void {
    writeFileSync(this.#passed, '');
  }

  /** Until that many steps wait for the worker that has the trees; those that were lost are not counted. */
  async queued(count: number): Promise<void> {
    const redis = connectTo(this.fleet.redis.address);
    try {
      await vi.waitFor(
        async () => {
          let found = 0;
          for (const queue of await redis.keys('session-groups:*.steps.*:wait'))
            for (const job of await redis.lrange(queue, 0, -1))
              if ((await redis.hget(queue.replace(/wait$/, job), 'stc')) === null) found += 1;
          if (found < count) throw new Error('not yet');
        },
        { timeout: 90_000, interval: 50 },
      );
    } finally {
      await disconnect(redis);
    }
  }

  /** What the group has done so far, as its journal has it. */
  async journalled(type: string): Promise<void> {
    const groups = join(this.fleet.folder, 'data', 'groups');
    await eventually(() =>
      readdirSync(groups).some(name => {
        const file = join(groups, name, 'journal.ndjson');
        return existsSync(file) && readFileSync(file, 'utf8').includes(`"type":"${type}"`);
      }),
    );
  }

  command(...argv: string[]): Running {
    return this.fleet.command(argv, { SESSION_GROUPS_REDIS: this.fleet.address });
  }

  /** Until its agent has asked, and was allowed to go on. */
  async allowed(id: string): Promise<void> {
    await this.fleet.until(id, 1, 'ask');
    await vi.waitFor(
      async () => {
        const approve = this.command('session', 'approve', '@latest', id);
        if ((await approve.ended) !== 0) throw new Error(approve.err());
      },
      { timeout: 90_000, interval: 100 },
    );
  }

  /** Until as many as may live have begun the third step, which does not end: for the first time, or the second. */
  held(time: number): Promise<void> {
    const begun = () => this.fleet.signs().filter(({ word }) => word === 'pay3').length;
    return eventually(() => begun() >= time * CAP);
  }

  /** The process of the group is killed. */
  async killed(): Promise<void> {
    this.#run?.process.kill('SIGKILL');
    await this.#run?.ended;
  }

  /** Another process goes on with the group. */
  takenOver(): Running {
    this.#run = this.command('group', 'resume', '@latest', '--plain', '--attended');
    return this.#run;
  }

  /** The same, to its end. */
  async resumed(): Promise<void> {
    this.takenOver();
    await this.settled();
  }

  /** Sessions that have failed begin again. */
  retried(): Running {
    this.#run = this.command('group', 'retry', '@latest', '--plain');
    return this.#run;
  }

  /** Lets the third step end; until the group has settled. */
  async settled(): Promise<void> {
    this.fleet.openGate();
    await this.#run?.ended;
  }

  /** Until that many sessions have ended, as far as their agents know. */
  async ended(count: number): Promise<void> {
    this.fleet.openGate();
    await eventually(() => this.fleet.signs().filter(({ word }) => word === 'end').length >= count);
  }

  async figures(): Promise<Figures> {
    const show = this.command('group', 'show', '@latest', '--json');
    await show.ended;
    const signs = this.fleet.signs();
    const of = (id: string) => signs.filter(sign => sign.id === id);
    const count = (happened: (id: string) => number) => SESSIONS.reduce((sum, id) => sum + happened(id), 0);
    const paid = (id: string, again: boolean) =>
      [1, 2, 3, 4].reduce((sum, step) => {
        const words = of(id).map(({ word }) => word);
        const done = words.indexOf(`done${step}`);
        const begun = words.flatMap((word, at) => (word === `pay${step}` ? [at] : []));
        const late = done < 0 ? 0 : begun.filter(at => at > done).length;
        return sum + (again ? late : Math.max(0, begun.length - late - 1));
      }, 0);
    return {
      overlapMs: count(id => this.fleet.overlap(id)),
      attempts: signs.filter(({ word }) => word === 'start').length,
      endsThrownAway: count(id => {
        const words = of(id).map(({ word }) => word);
        return words.slice(words.indexOf('end') + 1 || words.length).filter(word => word === 'start').length;
      }),
      paidAgain: count(id => paid(id, true)),
      cut: count(id => paid(id, false)),
      live: mostAtOnce(signs),
      completed: JSON.parse(show.out()).completed,
      checks: this.checks().length,
      leaks: this.#leaks(),
    };
  }

  end(): Promise<void> {
    return this.fleet.end();
  }

  #leaks(): number {
    const folder = join(this.fleet.redis.folder, 'appendonlydir');
    const texts = readdirSync(folder).map(name => readFileSync(join(folder, name), 'latin1'));
    return texts.filter(text => text.includes(CANARY)).length;
  }
}

function mostAtOnce(signs: readonly { readonly pid: number; readonly time: number }[]): number {
  const spans = new Map<number, { first: number; last: number }>();
  for (const { pid, time } of signs) {
    const span = spans.get(pid);
    spans.set(pid, { first: Math.min(time, span?.first ?? time), last: Math.max(time, span?.last ?? time) });
  }
  const all = [...spans.values()];
  return Math.max(
    0,
    ...all.map(({ first }) => all.filter(one => one.first <= first && first <= one.last).length),
  );
}
