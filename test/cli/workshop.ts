import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/main.ts';
import { cliEnv, type Running, startCli } from './built-cli.ts';
import { FakeIo } from './fakes.ts';

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The parsed JSON lines of stdout. */
  readonly lines: readonly Record<string, unknown>[];
}

/** A folder with three projects and a state store, to run commands in. */
export interface Workshop {
  readonly folder: string;
  /** Its state store. */
  readonly dataDir: string;
  /** Runs the command in a separate process. */
  start(...argv: string[]): Running;
  /** The same, with more environment variables. */
  startWith(env: Record<string, string>, ...argv: string[]): Running;
  /**
   * Runs the command to its end in this process, over the same files and sockets: ten times cheaper than `start`, which
   * is for commands that are killed, race each other or get signals.
   */
  finished(...argv: string[]): Promise<Finished>;
  /** Writes a definition of scripted sessions; returns its name. */
  group(sessions: string, config?: string, file?: string): Promise<string>;
  /** Ends running processes, and removes everything. */
  close(): Promise<void>;
}

export async function openWorkshop(): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), 'session-groups-cli-'));
  for (const name of ['a', 'b', 'c', 'd', 'e']) await mkdir(join(folder, name, '.git'), { recursive: true });
  const dataDir = join(folder, 'data');
  const started: Running[] = [];
  const inside = new Set<FakeIo>();
  const env = {
    SESSION_GROUPS_CLAUDE: join(folder, 'no-such-claude'),
    SESSION_GROUPS_DATA_DIR: dataDir,
  };
  const startWith = (more: Record<string, string>, ...argv: string[]) => {
    const running = startCli(argv, folder, { ...env, ...more });
    started.push(running);
    return running;
  };
  const start = (...argv: string[]) => startWith({}, ...argv);
  return {
    folder,
    dataDir,
    start,
    startWith,
    async finished(...argv) {
      const io = new FakeIo({ cwd: folder, env: cliEnv(env), now: Date.now });
      inside.add(io);
      const code = await main(argv, io);
      inside.delete(io);
      return finishedWith(code, io.stdout.text, io.stderr.text);
    },
    async group(sessions, config = '', file = 'group.yaml') {
      const text = `version: 1\nname: Demo\nconfig: { agent: scripted, ${config} }\nsessions:\n${sessions}`;
      await writeFile(join(folder, file), text);
      return file;
    },
    async close() {
      for (const io of inside) io.raise('SIGTERM');
      for (const { process } of started) process.kill('SIGKILL');
      await Promise.all(started.map(({ ended }) => ended));
      await rm(folder, { recursive: true });
    },
  };
}

export async function finished(running: Running): Promise<Finished> {
  return finishedWith(await running.ended, running.out(), running.err());
}

function finishedWith(code: number, out: string, err: string): Finished {
  const json = out.startsWith('{') ? out.trimEnd().split('\n') : [];
  return { code, out, err, lines: json.map(line => JSON.parse(line)) };
}

/** An entry of `sessions:`. */
export const session = (id: string, steps: string, more = ''): string =>
  `  - { id: ${id}, projectPath: ${id}, prompt: Work, agent: { kind: scripted, steps: [${steps}] }${more} }\n`;
