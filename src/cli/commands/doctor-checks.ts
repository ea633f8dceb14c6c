import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SessionGroupsError, textOfThrown } from '../../sdk/errors.ts';
import { counted, formatBytes } from '../../sdk/format.ts';
import { given } from '../../sdk/given.ts';
import { ConcurrencyConfig } from '../../sdk/group/types.ts';
import { hasLimitMark } from '../../sdk/process/limit-mark.ts';
import { readProcessTable } from '../../sdk/process/process-table.ts';
import { runtimeFolder } from '../../sdk/project/runtime-folder.ts';
import { AGENT_KINDS } from '../../sdk/session/agent-kinds.ts';
import { workDir } from '../../sdk/user-folders.ts';
import type { CliIo } from '../io.ts';
import { roomFor } from '../plan/memory.ts';
import type { CliServices } from '../services.ts';

/** What `doctor` found about one thing. */
export interface Check {
  /** The kind of an agent, or what of the machine was checked. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly warnings?: readonly string[];
}

/** What was found, by what is asked, in the order in which problems are best fixed. */
export interface Checks {
  readonly agents: readonly Check[];
  readonly all: readonly Check[];
}

export async function runChecks(io: CliIo, services: CliServices): Promise<Checks> {
  const plugins = await ownKinds(io, services);
  const [asked, machine] = await Promise.all([
    Promise.all([...INSTALLED, ...plugins.kinds].map(kind => checkAgent(kind, io, services))),
    Promise.all([checkGit(io), checkProcesses(), checkMemory(io), checkRuntimeFolder(), checkWorkspaces(io)]),
  ]);
  const agents = asked.flat();
  const node = { name: 'node', ok: true, detail: process.versions.node }; // `bin` has refused older versions
  return { agents, all: [node, ...agents, ...plugins.failed, ...machine] };
}

/** The kinds that the user's plugins register. */
async function ownKinds({ env }: CliIo, services: CliServices) {
  try {
    return { kinds: Object.keys(await services.pluginAgents(env)), failed: [] };
  } catch (error) {
    if (!(error instanceof SessionGroupsError)) throw error;
    const { message, hint } = error;
    return { kinds: [], failed: [{ name: 'plugins', ok: false, detail: message, ...given({ hint }) }] };
  }
}

const INSTALLED = Object.values(AGENT_KINDS).flatMap(({ config, capabilities }) =>
  capabilities.installed ? [config.shape.kind.value] : [],
);

/** Whether it can start, and whether it is logged in. */
async function checkAgent(name: string, io: CliIo, services: CliServices): Promise<readonly Check[]> {
  const found = await services.checkAgent(name, io.env);
  if (!found.ok) return [{ name, ok: false, detail: found.message, hint: found.hint }];
  const { version, path, warnings } = found;
  const detail = [version, path].filter(part => part !== undefined).join(', ') || 'ready';
  const check = { name, ok: true, detail, warnings };
  const isBuiltIn = INSTALLED.some(kind => kind === name);
  return isBuiltIn && version !== undefined ? [check, ...(await checkLogin(version, io, services))] : [check];
}

/** No check where the client can't tell. */
async function checkLogin(version: string, { env }: CliIo, services: CliServices): Promise<readonly Check[]> {
  const login = await services.checkLogin(version, env);
  if (login === undefined) return [];
  const hint = 'Log in with `claude auth login`, or set ANTHROPIC_API_KEY.';
  return login.loggedIn
    ? [{ name: 'login', ok: true, detail: login.method || 'logged in' }]
    : [{ name: 'login', ok: false, detail: 'Claude Code is not logged in', hint }];
}

function checkGit({ env }: CliIo): Promise<Check> {
  return new Promise(resolve => {
    execFile('git', ['--version'], { env: { ...env }, timeout: 10_000 }, (error, stdout) => {
      if (error === null) {
        const detail = stdout.trim().replace(/^git version /, '');
        const [major = 0, minor = 0] = detail.split('.').map(Number);
        const isOld = major < 2 || (major === 2 && minor < 38);
        resolve({ name: 'git', ok: true, detail, ...(isOld ? { warnings: [OLD_GIT] } : {}) });
        return;
      }
      resolve({
        name: 'git',
        ok: false,
        detail: 'git could not be run',
        hint: 'Install git: it determines which folders belong to one project, so that only one session at a time works in it.',
      });
    });
  });
}

const OLD_GIT =
  'Sessions cannot have workspaces of their own: merging without a tree needs git 2.38 or later. Update git.';

const NO_LIMIT_MARK =
  '/usr/bin/prlimit is missing or does not work: what an agent starts and then hides from its parents may outlive it. Install util-linux.';

/** The process table is where leftover processes of a session are found. */
async function checkProcesses(): Promise<Check> {
  const name = 'processes';
  if (process.platform !== 'linux') {
    return { name, ok: true, detail: `${process.platform}: through ps, best effort` };
  }
  if (readProcessTable().some(({ pid }) => pid === process.pid)) {
    const detail = '/proc is readable';
    return hasLimitMark()
      ? { name, ok: true, detail }
      : { name, ok: true, detail, warnings: [NO_LIMIT_MARK] };
  }
  return {
    name,
    ok: false,
    detail: '/proc is not readable',
    hint: 'Mount /proc: without it, leftover processes of a session cannot be found.',
  };
}

/** Agents are processes: too many at a time, and the system ends some. */
async function checkMemory(io: CliIo): Promise<Check> {
  const available = io.availableMemory();
  const each = Math.max(...Object.values(AGENT_KINDS).map(({ capabilities }) => capabilities.memoryBytes));
  const room = roomFor(each, available);
  const { maxConcurrent } = ConcurrencyConfig.parse({});
  const many = `${counted(room, 'agent')} at a time, about ${formatBytes(each)} each`;
  const warning = `Room for ${many}, and groups run ${maxConcurrent} unless their maxConcurrent is lower. Free some memory.`;
  const check = { name: 'memory', ok: true, detail: `${formatBytes(available)} free, for ${many}` };
  return room < maxConcurrent ? { ...check, warnings: [warning] } : check;
}

/** The runtime folder has the locks of projects. */
async function checkRuntimeFolder(): Promise<Check> {
  const name = 'runtime-folder';
  try {
    const folder = runtimeFolder();
    const probe = await mkdtemp(join(folder, 'doctor-'));
    await rm(probe, { recursive: true });
    return { name, ok: true, detail: folder };
  } catch (error) {
    const hint = 'Set XDG_RUNTIME_DIR (or TMPDIR) to a folder of your own.';
    const detail = textOfThrown(error);
    return { name, ok: false, detail: `not writable: ${detail}`, hint };
  }
}

/** Below it, a few trees of a large repository fill the disk. */
const LITTLE_BYTES = 2 * 1024 ** 3;

/** The folder in which sessions get trees of their own. */
async function checkWorkspaces({ env }: CliIo): Promise<Check> {
  const name = 'workspaces';
  const folder = workDir(env);
  try {
    const probe = await mkdtemp(join(existing(folder), '.doctor-'));
    await rm(probe, { recursive: true });
  } catch (error) {
    const why = `No trees can be made in ${folder}: ${textOfThrown(error)}.`;
    return {
      name,
      ok: true,
      detail: folder,
      warnings: [`${why} Set SESSION_GROUPS_WORK_DIR to a folder that you may write.`],
    };
  }
  try {
    const { bavail, bsize } = await statfs(existing(folder));
    const detail = `${folder}, ${((bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free`;
    const warnings = [`Little space for trees: ${folder}. Free some, or set SESSION_GROUPS_WORK_DIR.`];
    return { name, ok: true, detail, ...(bavail * bsize < LITTLE_BYTES ? { warnings } : {}) };
  } catch (error) {
    return { name, ok: true, detail: folder, warnings: [`Its disk cannot be read: ${textOfThrown(error)}`] };
  }
}

/** The folder, or the nearest one above it that is there. */
const existing = (folder: string): string => {
  const above = dirname(folder);
  return existsSync(folder) || above === folder ? folder : existing(above);
};
