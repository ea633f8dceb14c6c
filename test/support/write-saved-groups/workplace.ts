import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import type { SessionInput } from '../../../src/index.ts';
import { type CommandLine, commandLine, type Said, type StartedCommand } from '../command-line.ts';
import { rewriteOwner, type SavedGroupsPlace } from '../saved-groups.ts';

/** Where the last release writes groups. */
export interface Workplace {
  readonly place: SavedGroupsPlace;
  /** Runs the last release; throws unless it exits with `code`. */
  command(code: number, ...argv: string[]): Promise<Said>;
  /** Writes a definition with this name and runs it to its end. */
  run(code: number, name: string, sessions: readonly SessionInput[], config?: object): Promise<void>;
  /** Writes a definition with this name and runs it until all these texts were printed. */
  start(
    name: string,
    sessions: readonly SessionInput[],
    until: readonly string[],
    config?: object,
  ): Promise<StartedCommand>;
  /** Polls the group until these are states of its sessions. */
  shows(slug: string, ...states: readonly string[]): Promise<void>;
  /** Resumes a group, and leaves it running. */
  resume(slug: string): StartedCommand;
  /** Writes a definition; returns its path. */
  define(name: string, sessions: readonly SessionInput[], config?: object): string;
  /** The id of the group with this slug. */
  idOf(slug: string): string;
  close(): Promise<void>;
}

export function openWorkplace(cli: string, place: SavedGroupsPlace): Workplace {
  const { folder, dataDir, configDir } = place;
  const at = (...names: string[]): string => {
    const path = join(folder, ...names);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const definitions = at('definitions');
  for (const name of PROJECTS) writeFileSync(join(at('projects', name), 'README.md'), `# ${name}\n`);
  writeFileSync(join(at('config', 'templates'), 'summary.md'), TEMPLATE);
  const line: CommandLine = commandLine(cli, definitions, {
    PATH: process.env.PATH,
    HOME: at('home'),
    LC_ALL: 'C.UTF-8',
    SESSION_GROUPS_DATA_DIR: dataDir,
    SESSION_GROUPS_CONFIG_DIR: configDir,
    XDG_RUNTIME_DIR: at('runtime'),
  });

  const command = async (code: number, ...argv: string[]): Promise<Said> => {
    const said = await line.run(...argv);
    if (said.code === code) return said;
    throw new Error(`${argv.join(' ')}: exit ${said.code}, not ${code}\n${said.out}${said.err}`);
  };
  const define: Workplace['define'] = (name, sessions, config = {}) => {
    const path = join(definitions, `${name.toLowerCase().replaceAll(' ', '-')}.json`);
    const written = { version: 1, name, config: { agent: 'scripted', ...config }, sessions };
    writeFileSync(path, `${JSON.stringify(written, null, 2)}\n`);
    return path;
  };
  return {
    place,
    command,
    define,
    async run(code, name, sessions, config) {
      await command(code, 'run', define(name, sessions, config));
    },
    async start(name, sessions, until, config) {
      const run = line.start('run', define(name, sessions, config), '--json', '--attended');
      for (const text of until) await run.says(text);
      return run;
    },
    async shows(slug, ...states) {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const { out } = await line.run('group', 'show', slug, '--json');
        if (states.every(state => out.includes(`"status":"${state}"`))) return;
      }
      throw new Error(`${slug} never was ${states.join(' and ')}`);
    },
    resume: slug => line.start('group', 'resume', slug, '--json'),
    idOf(slug) {
      const id = readdirSync(join(dataDir, 'groups')).find(
        name => /^\d{8}-\d{6}-(.*)$/.exec(name)?.[1] === slug,
      );
      if (id === undefined) throw new Error(`no group was written as ${slug}`);
      return id;
    },
    close: () => line.close(),
  };
}

/** Kills the engine; waits for its reaper to end what it started. */
export async function kill(run: StartedCommand): Promise<void> {
  run.process.kill('SIGKILL');
  const { out } = await run.ended;
  for (const [, pid] of out.matchAll(/"pid":(\d+)/g)) while (runs(Number(pid))) await later(50);
}

/** Removes what identifies the owner's machine, and the space that it reserved for a full disk. */
export function neutralise(dir: string, host: string): void {
  rewriteOwner(dir, { host, startTime: '00000000-0000-0000-0000-000000000000:1' });
  rmSync(join(dir, 'journal.reserve'), { force: true });
}

const MOST_TRIES = 20;

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Two contain the file that the groups' programs look for. */
const PROJECTS = ['library', 'service', 'guide', 'broken', 'mended', 'waiting'];

const TEMPLATE = `---
description: Sum up what was done
variables:
  - name: done
---
Sum up for {{ group.name }}: {{ done }}
`;
