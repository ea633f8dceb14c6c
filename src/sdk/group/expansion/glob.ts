import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { shown } from '../document/visible.ts';

/** What a glob matches below a folder, relative to it, sorted; or why it can't be used. */
export type GlobResult =
  | { readonly ok: true; readonly paths: readonly string[] }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly suggestion?: string };

/**
 * Paths below a folder that match a pattern of `*`, `?` and `**`. Invariants:
 *
 * GLOB-1 nothing outside of the folder is read, and no link is followed: a pattern that leads through one is refused.
 * GLOB-2 the number of entries that are looked at and of paths that are kept is bounded.
 *
 * As in a shell, wildcards match no name that begins with a dot; `**` doesn't enter `node_modules`.
 */
export async function glob(base: string, pattern: string, options: GlobOptions): Promise<GlobResult> {
  const parts = pattern.replace(/\/+$/, '').split('/');
  const problem = patternProblem(pattern, parts);
  if (problem !== undefined) return problem;
  const found = new Set<string>();
  const pending: Step[] = [{ path: '', at: 0 }];
  const seen = new Set<string>();
  let looked = 0;
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const { path, at } = step;
    const part = parts[at] ?? '';
    const isLast = at === parts.length - 1;
    const key = `${at} ${path}`;
    if (seen.has(key)) continue; // several ** lead to the same folder
    seen.add(key);
    const entries = await entriesOf(join(base, path), MOST_ENTRIES - looked);
    looked += entries.length;
    if (looked > MOST_ENTRIES) return tooMany(pattern, `has to look at more than ${MOST_ENTRIES} files`);
    const matches = part === '**' ? isVisible : matcher(part);
    if (part === '**' && !isLast) pending.push({ path, at: at + 1 });
    for (const entry of entries) {
      if (!matches(entry.name)) continue;
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isSymbolicLink()) {
        if (part === '**') continue;
        const message = `the glob ${shown(pattern)} leads through a link: ${shown(inner)}`;
        return { ok: false, code: 'glob_through_link', message, suggestion: 'list the values instead' };
      }
      const isFolder = entry.isDirectory();
      if (isLast && (options.files ? entry.isFile() : isFolder)) {
        const unusable = nameProblem(inner);
        if (unusable !== undefined) return unusable;
        found.add(inner);
        if (found.size > options.most) return tooMany(pattern, `matches more than ${options.most} paths`);
      }
      if (!isFolder) continue;
      if (part === '**') {
        if (entry.name !== 'node_modules') pending.push({ path: inner, at });
      } else if (!isLast) pending.push({ path: inner, at: at + 1 });
    }
  }
  return { ok: true, paths: [...found].sort((a, b) => (a < b ? -1 : 1)) };
}

export interface GlobOptions {
  /** Files instead of folders. */
  readonly files: boolean;
  /** The most paths that are wanted. */
  readonly most: number;
}

/** A folder that is still to be read, and the part of the pattern for what is in it. */
interface Step {
  readonly path: string;
  readonly at: number;
}

const MOST_ENTRIES = 100_000;

/** At most one more than `most`; of a folder that can't be read, none. */
async function entriesOf(path: string, most: number): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(path)) {
      entries.push(entry);
      if (entries.length > most) break;
    }
  } catch {
    // what can't be read matches nothing
  }
  return entries;
}

function patternProblem(pattern: string, parts: readonly string[]): GlobResult | undefined {
  const bad = (message: string, suggestion: string): GlobResult => ({
    ok: false,
    code: 'invalid_glob',
    message: `the glob ${shown(pattern)} ${message}`,
    suggestion,
  });
  if (/^[/~]/.test(pattern))
    return bad('is not relative', 'write it relative to the definition file: packages/*');
  if (parts.some(part => part === '..' || part === '.' || part === '')) {
    return bad('leads out of its folder, or nowhere', 'write it relative to the definition file: packages/*');
  }
  if (/[[\]{}!\\]/.test(pattern)) return bad('has a character that it cannot have', 'use only *, ? and **');
  if (parts.some(part => part.includes('**') && part !== '**'))
    return bad('has ** beside other characters', 'write **/*');
  return undefined;
}

/** Values end up in commands and terminals. */
function nameProblem(path: string): GlobResult | undefined {
  if (!/[\p{Cc}\u2028\u2029]|\{\{|^-/u.test(path)) return undefined;
  const message = `${shown(path)} cannot be a value: it begins with a hyphen, or has {{ or a control character`;
  return { ok: false, code: 'invalid_value', message, suggestion: 'rename it, or list the values instead' };
}

const tooMany = (pattern: string, what: string): GlobResult => ({
  ok: false,
  code: 'too_many_sessions',
  message: `the glob ${shown(pattern)} ${what}`,
  suggestion: 'make it match less',
});

const isVisible = (name: string): boolean => !name.startsWith('.');

/** Without backtracking between wildcards, so that no pattern takes long: the last `*` is the only one that moves. */
function matcher(part: string): (name: string) => boolean {
  const hidden = part.startsWith('.');
  if (!/[*?]/.test(part)) return name => name === part;
  return name => (hidden || isVisible(name)) && matchesPart(part, name);
}

function matchesPart(part: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resumed = 0;
  for (let i = 0; i < name.length; ) {
    if (at < part.length && (part[at] === '?' || (part[at] === name[i] && part[at] !== '*'))) {
      at += 1;
      i += 1;
    } else if (part[at] === '*') {
      star = at;
      at += 1;
      resumed = i;
    } else if (star >= 0) {
      at = star + 1;
      resumed += 1;
      i = resumed;
    } else return false;
  }
  while (part[at] === '*') at += 1;
  return at === part.length;
}
