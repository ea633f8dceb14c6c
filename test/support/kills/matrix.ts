import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { killLater } from './random-kills.ts';

/** What is killed, and what must come of it. */
export interface World<End> {
  /** The program, from the top of this repository: `node LIFE FOLDER`, with DIE_AT and POINTS (points.ts). It prints its points, one a line. */
  readonly life: string;
  /** The id of its group, with which the markers of its processes begin. */
  readonly group: string;
  /** Fills a new folder; the program gets copies of it, one after the other in the same place. */
  fill(folder: string): void;
  /** What must be the same however often the engine died. Throws if something must not be, whatever the others are. */
  endOf(folder: string): End | Promise<End>;
}

/** How a life is cut off: an engine dies at each of these points, counted from its own start; the last one lives. */
export type Deaths = readonly number[];

/** The same world each time, in one place: commit ids do not depend on it, and registrations do. */
export class KillMatrix<End> {
  readonly #folder: string;
  readonly #world: World<End>;
  readonly #life: string;

  /** @param life the world's program, compiled. */
  constructor(folder: string, world: World<End>, life: string) {
    this.#folder = folder;
    this.#world = world;
    this.#life = life;
    const template = join(folder, 'template');
    mkdirSync(template, { recursive: true });
    world.fill(template);
  }

  async live(deaths: Deaths): Promise<Lived<End>> {
    const place = this.#fresh();
    let kills = 0;
    for (const dieAt of deaths) {
      if ((await this.#run(place, dieAt)) !== undefined) break;
      kills += 1;
    }
    return { kills, ...(await this.#finish(place)) };
  }

  /** Engines are killed at any time, alone or with their gits. */
  async liveRandomly(random: () => number, longestMs: number): Promise<Lived<End>> {
    const place = this.#fresh();
    const wished = 1 + Math.floor(random() * 6);
    let kills = 0;
    for (let left = wished; left > 0; left -= 1) {
      const wish = {
        place,
        group: this.#world.group,
        afterMs: random() * longestMs,
        withGits: random() < 0.5,
      };
      if ((await killLater([this.#life], wish)) === 'ended') break;
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

  async #finish(place: string): Promise<Omit<Lived<End>, 'kills'>> {
    const points = await this.#run(place, 0);
    if (points === undefined) throw new Error('an engine that was not to die has died');
    return { points, end: await this.#world.endOf(place) };
  }

  /** The points that were passed; undefined if the engine died as it was to. */
  async #run(place: string, dieAt: number): Promise<readonly string[] | undefined> {
    const { POINTS: points } = process.env;
    const engine = spawn(process.execPath, [this.#life, place], {
      env: { PATH: process.env.PATH, DIE_AT: String(dieAt), ...(points && { POINTS: points }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors] = [text(engine.stdout), text(engine.stderr)];
    const [code, signal] = await once(engine, 'close');
    if (signal === 'SIGKILL' && dieAt > 0) return undefined;
    if (code !== 0) throw new Error(`killed at ${dieAt}, then: ${await errors}`);
    return (await output).split('\n');
  }
}

interface Lived<End> {
  readonly kills: number;
  /** What the last engine passed, by what happens there. */
  readonly points: readonly string[];
  /** How things stand in the end. */
  readonly end: End;
}
