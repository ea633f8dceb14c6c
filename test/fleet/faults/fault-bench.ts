import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Running } from '../../cli/built-cli.ts';
import { eventually, FleetBench } from '../fleet-bench.ts';

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
  /** Files of Redis that have the value of a secret. */
  readonly leaks: number;
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
    fleet.configure({ agents: ['command'], variables: ['CANARY'] });
    return new FaultBench(fleet);
  }

  worker(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Running> {
    return this.fleet.worker(['--concurrency', '2', ...args], { CANARY, ...env });
  }

  /** Starts the group. @param more arguments of its agents. */
  run(more: readonly string[] = []): Running {
    const file = this.fleet.definition(SESSIONS, {
      config: { concurrency: { maxConcurrent: CAP } },
      agent: ['paying-agent.mjs', ...more],
      env: { SECRET: '$' + '{CANARY:-none}' },
    });
    this.#run = this.command('run', file, '--executor', 'bullmq', '--plain');
    return this.#run;
  }

  command(...argv: string[]): Running {
    return this.fleet.command(argv, { SESSION_GROUPS_REDIS: this.fleet.address });
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

  /** Another process goes on with the group, to its end. */
  async resumed(): Promise<void> {
    this.#run = this.command('group', 'resume', '@latest', '--plain');
    await this.settled();
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
