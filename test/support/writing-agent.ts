import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from '../../src/sdk/session/agent.ts';

/**
 * What is written is marked with words that are nowhere else: `work` must never be lost, what is `kept` nowhere else is
 * only in a tree, `secret` must never get into git, and `free` may be lost.
 */
export const MARK = /mark-(?:work|kept|secret|free)-[\w-]+/g;

const git = (tree: string, ...args: string[]) =>
  execFileSync('git', ['-C', tree, ...args], { stdio: 'pipe' });

export function write(tree: string, file: string, text: string): void {
  writeFileSync(join(tree, file), `${text}\n`);
}

/** Commits a new file, and nothing else. */
export function commitIn(tree: string, name: string, text: string): void {
  write(tree, name, text);
  git(tree, 'add', name);
  git(tree, 'commit', '-q', '-m', name, '--', name);
}

interface Act {
  readonly leaves: 'work' | 'kept' | 'secret' | 'free';
  /** @param name of its own */
  take(tree: string, name: string, text: string): void;
}

/** What an agent can do in its tree. */
export const ACTS = {
  commits: { leaves: 'work', take: commitIn },
  edits: {
    leaves: 'work',
    take: (tree, _, text) => appendFileSync(join(tree, 'shared.txt'), `${text}\n`),
  },
  adds: { leaves: 'work', take: write },
  stages: {
    leaves: 'work',
    take(tree, name, text) {
      write(tree, name, text);
      git(tree, 'add', name);
    },
  },
  detaches: {
    leaves: 'work',
    take(tree, name, text) {
      git(tree, 'checkout', '-q', '--detach');
      commitIn(tree, name, text);
    },
  },
  strays: {
    leaves: 'work',
    take(tree, name, text) {
      git(tree, 'checkout', '-q', '-b', name);
      commitIn(tree, `${name}.txt`, text);
    },
  },
  nests: {
    leaves: 'kept',
    take(tree, name, text) {
      mkdirSync(join(tree, name));
      git(join(tree, name), 'init', '-q');
      write(join(tree, name), 'file', text);
    },
  },
  tells: { leaves: 'secret', take: (tree, _, text) => appendFileSync(join(tree, '.env'), `${text}\n`) },
  shows: { leaves: 'free', take: tree => write(tree, '.gitignore', '# nothing is ignored') },
  builds: {
    leaves: 'free',
    take(tree, name, text) {
      mkdirSync(join(tree, 'build'), { recursive: true });
      write(tree, join('build', name), text);
    },
  },
} as const satisfies Record<string, Act>;
type ActName = keyof typeof ACTS;

/** The keys of an object whose keys are known. */
export const keysOf = <T extends object>(all: T): (keyof T)[] =>
  Object.keys(all).filter((key): key is keyof T & string => key in all);

interface Plan {
  readonly acts: readonly ActName[];
  /** How the first attempt ends; `waits`: when it is interrupted. Later ones do their work. */
  readonly ends: 'done' | 'fails' | 'waits';
}

/** An agent in this process that does as planned in each attempt, and remembers what it has written. */
export class WritingAgent implements Agent {
  readonly kind = 'scripted';
  readonly capabilities = { resume: true, usage: 'none', spends: false, approvals: false } as const;
  readonly wrote = new Set<string>();
  /** Sessions whose agents have written and wait. */
  readonly waits = new Subject<string>();
  /** false: first attempts that were to wait do their work. */
  mayWait = true;
  readonly #plans: ReadonlyMap<string, Plan>;

  constructor(plans: ReadonlyMap<string, Plan>) {
    this.#plans = plans;
  }

  start({ sessionId, attempt, cwd }: AttemptSpec, sink: (event: AgentEvent) => void): Attempt {
    const { acts = [], ends = 'done' } = this.#plans.get(sessionId) ?? {};
    let hasEnded = false;
    const end = (event: Extract<AgentEvent, { readonly type: 'ended' }>['end']) =>
      setImmediate(() => {
        if (!hasEnded) sink({ type: 'ended', end: event });
        hasEnded = true;
      });
    setImmediate(() => {
      if (hasEnded) return;
      try {
        for (const act of acts) this.#act(act, cwd, `${sessionId}-${act}-${attempt}`);
        if (attempt === 1 && ends === 'waits' && this.mayWait) this.waits.next(sessionId);
        else if (attempt === 1 && ends === 'fails') throw new Error('as planned');
        else end({ outcome: 'done', result: '', denials: [] });
      } catch (error) {
        end({ outcome: 'failed', code: 'agent_error', message: String(error) });
      }
    });
    const interrupt = () => void end({ outcome: 'interrupted' });
    return { interrupt, terminate: interrupt, kill: interrupt, answerPermission: () => {} };
  }

  #act(name: ActName, tree: string, where: string): void {
    const act: Act = ACTS[name];
    const text = `mark-${act.leaves}-${where}`;
    act.take(tree, where, text);
    this.wrote.add(text);
  }
}
