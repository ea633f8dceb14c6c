import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, startCli } from './built-cli.ts';

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The lines of stdout, each of which is JSON. */
  readonly lines: readonly Record<string, unknown>[];
}

/** A folder with three projects and a place for groups, in which command lines run as processes. */
export interface Workshop {
  readonly folder: string;
  /** Where its groups are kept. */
  readonly dataDir: string;
  start(...argv: string[]): Running;
  /** The same with more in its environment. */
  startWith(env: Record<string, string>, ...argv: string[]): Running;
  finished(...argv: string[]): Promise<Finished>;
  /** Writes a definition of scripted sessions; gives its name. */
  group(sessions: string, config?: string, file?: string): Promise<string>;
  /** Ends what still runs, and removes everything. */
  close(): Promise<void>;
}

export async function openWorkshop(): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), 'session-groups-cli-'));
  for (const name of ['a', 'b', 'c']) await mkdir(join(folder, name, '.git'), { recursive: true });
  const dataDir = join(folder, 'data');
  const started: Running[] = [];
  const startWith = (env: Record<string, string>, ...argv: string[]) => {
    const running = startCli(argv, folder, {
      SESSION_GROUPS_CLAUDE: join(folder, 'no-such-claude'),
      SESSION_GROUPS_DATA_DIR: dataDir,
      ...env,
    });
    started.push(running);
    return running;
  };
  const start = (...argv: string[]) => startWith({}, ...argv);
  return {
    folder,
    dataDir,
    start,
    startWith,
    finished: async (...argv) => finished(start(...argv)),
    async group(sessions, config = '', file = 'group.yaml') {
      const text = `version: 1\nname: Demo\nconfig: { agent: scripted, ${config} }\nsessions:\n${sessions}`;
      await writeFile(join(folder, file), text);
      return file;
    },
    async close() {
      for (const { process } of started) process.kill('SIGKILL');
      await Promise.all(started.map(({ ended }) => ended));
      await rm(folder, { recursive: true });
    },
  };
}

export async function finished(running: Running): Promise<Finished> {
  const code = await running.ended;
  const out = running.out();
  const json = out.startsWith('{') ? out.trimEnd().split('\n') : [];
  return { code, out, err: running.err(), lines: json.map(line => JSON.parse(line)) };
}

/** A line of `sessions:`. */
export const session = (id: string, steps: string, more = ''): string =>
  `  - { id: ${id}, projectPath: ${id}, prompt: Work, agent: { kind: scripted, steps: [${steps}] }${more} }\n`;
