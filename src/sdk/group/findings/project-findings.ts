import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Finding } from '../document/finding.ts';
import { readText } from '../document/read-text.ts';
import { isMap, type SessionView, text } from '../document/session-view.ts';
import { createSourceText, type SourceText } from '../document/source-text.ts';
import { didYouMean } from '../document/suggest.ts';
import type { PromptFiles } from './prompt-texts.ts';

export interface ProjectFindings {
  readonly findings: readonly Finding[];
  readonly promptFiles: PromptFiles;
  /** Of projects that exist, absolute, by the index of their session. */
  readonly folders: ReadonlyMap<number, string>;
}

/**
 * Checks what a definition refers to on disk: project folders and prompt files. Invariant: each path is checked once,
 * and only a few at the same time, however many sessions share it.
 */
export async function projectFindings(
  sessions: readonly SessionView[],
  baseDir: string,
): Promise<ProjectFindings> {
  const folders = pathsOf(sessions, baseDir, raw => raw.projectPath);
  const clones = pathsOf(sessions, baseDir, raw =>
    localGit(isMap(raw.project) ? raw.project.git : undefined),
  );
  const prompts = pathsOf(sessions, baseDir, raw => raw.promptFile);
  const folderProblems = await each([...new Set([...folders.values(), ...clones.values()])], checkFolder);
  const promptTexts = await each([...new Set(prompts.values())], readPrompt);
  const findings: Finding[] = [];
  const promptFiles = new Map<number, SourceText>();
  const usable = new Map<number, string>();
  for (const session of sessions) {
    const path = folders.get(session);
    const folder = folderProblems.get(path ?? '');
    if (folder !== undefined)
      findings.push({ ...folder, ...eachHint(session), path: [...session.path, 'projectPath'] });
    else if (path !== undefined) usable.set(session.index, path);
    const clone = folderProblems.get(clones.get(session) ?? '');
    if (clone !== undefined) findings.push({ ...clone, path: [...session.path, 'project', 'git'] });
    const prompt = promptTexts.get(prompts.get(session) ?? '');
    if (prompt === undefined) continue;
    if ('text' in prompt) promptFiles.set(session.index, prompt);
    else findings.push({ ...prompt, path: [...session.path, 'promptFile'] });
  }
  return { findings, promptFiles, folders: usable };
}

/** For a folder that only a fan-out can have. */
const eachHint = ({ raw }: SessionView): Pick<Finding, 'suggestion'> =>
  raw.forEach === undefined && /\{\{\s*each\b/.test(text(raw.projectPath) ?? '')
    ? { suggestion: 'give this session forEach: [VALUE, …], whose values each stands for' }
    : {};

/** An absolute path; `~/` is the user's home, as in a shell. */
export function absolutePath(path: string, baseDir: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? resolve(path) : resolve(baseDir, path);
}

/** A session whose project's folder or repository has an absolute path; a URL stays as it is. */
export function absoluteProject<T extends object>(session: T, baseDir: string): T {
  const { projectPath, project }: { readonly projectPath?: unknown; readonly project?: unknown } = session;
  const git = localGit(isMap(project) ? project.git : undefined);
  return {
    ...session,
    ...(typeof projectPath === 'string' && { projectPath: absolutePath(projectPath, baseDir) }),
    ...(isMap(project) && git !== undefined && { project: { ...project, git: absolutePath(git, baseDir) } }),
  };
}

/** A repository that is named by its path, as git tells them from URLs and `host:path`; undefined for anything else, options too. */
function localGit(git: unknown): string | undefined {
  const name = text(git);
  return name !== undefined && /^-|^[^/]*:/.test(name) ? undefined : name;
}

function pathsOf(
  sessions: readonly SessionView[],
  baseDir: string,
  pathIn: (session: SessionView['raw']) => unknown,
): Map<SessionView, string> {
  const paths = new Map<SessionView, string>();
  for (const session of sessions) {
    const path = text(pathIn(session.raw));
    if (path !== undefined) paths.set(session, absolutePath(path, baseDir));
  }
  return paths;
}

type Problem = Omit<Finding, 'path'>;

async function checkFolder(path: string): Promise<Problem | undefined> {
  try {
    if ((await stat(path)).isDirectory()) return undefined;
    return { code: 'not_a_folder', message: `${path} is not a folder` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    const message = missing
      ? `the folder ${path} does not exist`
      : `the folder ${path} can't be accessed (${String(code)})`;
    return { code: 'missing_folder', message, suggestion: await similarName(path) };
  }
}

async function readPrompt(path: string): Promise<SourceText | Problem> {
  const read = await readText(path);
  if (!read.ok) {
    return { code: read.code, message: `${path} ${read.message}`, suggestion: await similarName(path) };
  }
  if (read.text.trim() === '') return { code: 'empty_file', message: `${path} contains no prompt` };
  return createSourceText(read.text, path);
}

/** A similar name in the same folder. */
async function similarName(path: string): Promise<string | undefined> {
  const names = await readdir(dirname(path)).catch(() => []);
  return didYouMean(basename(path), names);
}

const AT_ONCE = 16;

/** Asks of each path; only a few at the same time. */
export async function each<T>(
  paths: readonly string[],
  look: (path: string) => Promise<T>,
): Promise<Map<string, T>> {
  const results = new Map<string, T>();
  const waiting = [...paths];
  const worker = async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
      results.set(path, await look(path));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
