import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { findProgram } from '../program-problem.ts';

/**
 * A second mark of an attempt's processes, for those that the first one (MARKER_VARIABLE) does not show: a limit that
 * Linux has not enforced since 2.4.30, the soft limit of the resident set. Every child inherits it, also one that
 * clears its environment, leaves its process session, and whose parents all exit before anyone looks. The number is
 * derived from the marker, so whoever knows the marker knows it.
 *
 * LIMIT-MARK-1 without `prlimit`, or where the system refuses or does not show the limit, programs start without it.
 * LIMIT-MARK-2 a program that could not be started fails as it does without it.
 */
export const limitOfMarker = (marker: string): string =>
  `${groupPart(groupOf(marker)) | attemptPart(marker)}`;

/** Whether a limit is the mark of an attempt of this group. */
export function isLimitOfGroup(limit: string | undefined, groupId: string): boolean {
  return limit !== undefined && BigInt(limit) >> ATTEMPT_BITS === groupPart(groupId) >> ATTEMPT_BITS;
}

/** Over four exabytes: nobody sets a limit that could be mistaken for a mark. */
const MARKED = 1n << 62n;
const GROUP_BITS = 30n;
const ATTEMPT_BITS = 32n;

const groupOf = (marker: string): string => marker.slice(0, marker.indexOf(':'));
const groupPart = (groupId: string): bigint => MARKED | (bits(groupId, GROUP_BITS) << ATTEMPT_BITS);
const attemptPart = (marker: string): bigint => bits(marker, ATTEMPT_BITS);

const bits = (text: string, count: bigint): bigint =>
  createHash('sha256').update(text).digest().readBigUInt64BE() >> (64n - count);

interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** The program, started through `prlimit`, which becomes it: same pid, same environment. */
export function withLimit(
  program: Program,
  marker: string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Program {
  // What cannot be started is started without it, so that the system's own error says why.
  const { command } = program;
  const found = findProgram(command.includes('/') ? resolve(cwd, command) : command, env.PATH);
  if (found === undefined || !hasLimitMark()) return program;
  return {
    command: PRLIMIT,
    args: [`--rss=${limitOfMarker(marker)}:`, '--', command, ...program.args],
  };
}

/** The error of a program that passed the check of `withLimit` and could still not be started. */
export function startError(code: number | null, stderr: string): NodeJS.ErrnoException | undefined {
  const name = code === 127 ? 'ENOENT' : 'EACCES';
  if ((code !== 126 && code !== 127) || !stderr.startsWith('prlimit: ')) return undefined;
  return Object.assign(new Error(stderr.trim()), { code: name });
}

const PRLIMIT = '/usr/bin/prlimit';

let supported: boolean | undefined;

/** Whether programs can carry it. Tried once: a child has the limit, and shows it. */
export function hasLimitMark(): boolean {
  supported ??= process.platform === 'linux' && shows(`${MARKED}`);
  return supported;
}

function shows(limit: string): boolean {
  const { stdout } = spawnSync(PRLIMIT, [`--rss=${limit}:`, '--', 'cat', '/proc/self/limits'], {
    encoding: 'utf8',
    env: {},
    timeout: 5_000,
  });
  return new RegExp(`^Max resident set +${limit} `, 'm').test(stdout ?? '');
}
