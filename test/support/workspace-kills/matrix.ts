import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { repository } from '../repository.ts';
import { killLater } from './random-kills.ts';

const LOADER = fileURLToPath(new URL('../../../scripts/load-typescript.mjs', import.meta.url));
const LIFE = fileURLToPath(new URL('./life.ts', import.meta.url));
/** The id of the group in life.ts. */
const GROUP = '20260101-093000-kills';
const REPOSITORIES = ['lib', 'api'];

/** How a life is cut off: an engine dies at each of these points, counted from its own start; the last one lives. */
export type Deaths = readonly number[];

/** The same repositories each time, in one place: commit ids do not depend on it, and registrations do. */
export class KillMatrix {
  readonly #folder: string;
  readonly #life: readonly string[];

  /** @param life how the program is started. Default: from source. */
  constructor(folder: string, life: readonly string[] = ['--import', LOADER, LIFE]) {
    this.#folder = folder;
    this.#life = life;
    mkdirSync(join(folder, 'template', 'home'), { recursive: true });
    for (const name of REPOSITORIES) fill(join(folder, 'template', name));
  }

  /** @returns how many points the last engine passed, and how things stand in the end. */
  async live(deaths: Deaths): Promise<Lived> {
    const place = this.#fresh();
    for (const dieAt of deaths) if ((await this.#run(place, dieAt)) !== undefined) break;
    return this.#finish(place);
  }

  /** Engines are killed at any time, alone or with their gits. */
  async liveRandomly(random: () => number, longestMs: number): Promise<Lived & { readonly kills: number }> {
    const place = this.#fresh();
    const wished = 1 + Math.floor(random() * 6);
    let kills = 0;
    for (let left = wished; left > 0; left -= 1) {
      const wish = { place, group: GROUP, afterMs: random() * longestMs, withGits: random() < 0.5 };
      if ((await killLater(this.#life, wish)) === 'ended') break;
      kills += 1;
    }
    return { kills, ...(await this.#finish(place)) };
  }

  #fresh(): string {
    const place = join(this.#folder, 'place');
    rmSync(place, { recursive: true, force: true, maxRetries: 5 });
    const options = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true };
    cpSync(join(this.#folder, 'template'), place, options);
    return place;
  }

  async #finish(place: string): Promise<Lived> {
    const points = await this.#run(place, 0);
    if (points === undefined) throw new Error('an engine that was not to die has died');
    return { points, end: endOf(place) };
  }

  /** The points that were passed; undefined if the engine died as it was to. */
  async #run(place: string, dieAt: number): Promise<number | undefined> {
    const { POINTS: points } = process.env;
    const engine = spawn(process.execPath, [...this.#life, place], {
      env: { PATH: process.env.PATH, DIE_AT: String(dieAt), ...(points && { POINTS: points }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors] = [text(engine.stdout), text(engine.stderr)];
    const [code, signal] = await once(engine, 'close');
    if (signal === 'SIGKILL' && dieAt > 0) return undefined;
    if (code !== 0) throw new Error(`killed at ${dieAt}, then: ${await errors}`);
    return Number(await output);
  }
}

interface Lived {
  readonly points: number;
  readonly end: End;
}

/** What must be the same however often the engine died. */
export interface End {
  readonly [repository: string]: {
    readonly refs: string;
    readonly status: string;
    readonly files: Readonly<Record<string, string>>;
    readonly trees: string;
    readonly left: readonly string[];
    readonly damage: string;
  };
}

function endOf(place: string): End {
  return Object.fromEntries(
    REPOSITORIES.map(name => {
      const path = join(place, name);
      const git = (...args: string[]) => spawnSync('git', ['-C', path, ...args], { encoding: 'utf8' });
      const refs = git('for-each-ref', '--format=%(refname) %(objectname)').stdout;
      const end = {
        // Checkpoints are taken whenever an engine takes over.
        refs: refs.replaceAll(/^refs\/session-groups\/.*\n/gm, ''),
        status: git('status', '--porcelain', '--branch').stdout,
        files: filesIn(path),
        trees: git('worktree', 'list').stdout.replaceAll(place, '').replaceAll(/ +/g, ' '),
        left: [
          ...readdirSync(join(path, '.git'), { recursive: true, encoding: 'utf8' }).filter(
            file => /[.]lock$|session-groups$/.test(file) && !file.includes('refs'),
          ),
          ...readdirSync(join(place, 'work', '.trash')),
        ],
        damage: git('fsck', '--no-dangling').stderr,
      };
      return [name, end];
    }),
  );
}

function filesIn(path: string): Record<string, string> {
  const names = readdirSync(path).filter(name => name !== '.git');
  return Object.fromEntries(names.map(name => [name, readFileSync(join(path, name), 'utf8')]));
}

/** A repository whose user has changes of every kind, which are the user's alone. */
function fill(path: string): void {
  if (existsSync(path)) return;
  const repo = repository(path);
  const date = '2026-01-01T00:00:00Z';
  process.env.GIT_AUTHOR_DATE = date;
  process.env.GIT_COMMITTER_DATE = date;
  try {
    for (const name of ['shared.ts', 'lib.ts', 'user.ts', 'staged.ts'])
      repo.write(name, `${name} at first\n`);
    repo.write('.gitignore', '.env\nbuild/\n');
    repo.commit('first');
    repo.git('branch', 'release');
  } finally {
    delete process.env.GIT_AUTHOR_DATE;
    delete process.env.GIT_COMMITTER_DATE;
  }
  repo.write('.env', 'SECRET=1\n');
  repo.write('notes.txt', 'untracked\n');
  repo.write('user.ts', 'changed by the user\n');
  repo.write('staged.ts', 'staged by the user\n');
  repo.git('add', 'staged.ts');
}
