import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

/** What is wrong with a file that should be a program, and the way out. */
export interface ProgramProblem {
  readonly message: string;
  readonly hint: string;
}

/** What keeps this file from being started; undefined if nothing can be seen from outside. */
export function programProblem(path: string, searchPath?: string): ProgramProblem | undefined {
  try {
    return problemOf(path, searchPath);
  } catch {
    return undefined; // a folder may hide it, or it has just gone
  }
}

function problemOf(path: string, searchPath: string | undefined): ProgramProblem | undefined {
  const named = (message: string, hint: string) => ({ message: `${path} ${message}`, hint });
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (!link) return named('does not exist', 'Check the path.');
  if (link.isSymbolicLink() && !existsSync(path)) {
    return named(
      `is a link to ${readlinkSync(path)}, which does not exist`,
      'Mend the link, or install the program again.',
    );
  }
  const file = statSync(path);
  if (file.isDirectory()) return named('is a folder', 'Name the program in it.');
  if (!file.isFile()) return named('is not a file', 'Name a program.');
  if (!isExecutable(path)) return named('is not executable', `Make it so with \`chmod +x ${path}\`.`);
  const interpreter = interpreterOf(path);
  if (interpreter !== undefined && findProgram(interpreter, searchPath) === undefined) {
    return named(
      `needs the interpreter ${interpreter}, which is not there`,
      `Install ${interpreter}, or correct the first line of ${path}.`,
    );
  }
  return undefined;
}

/** The same for a name that is looked up: the first file of that name that is none of a program; undefined if there is none. */
export function problemOnPath(name: string, searchPath = process.env.PATH ?? ''): ProgramProblem | undefined {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder === '' ? '.' : folder, name);
    if (existsSync(path) || isLink(path)) return programProblem(path, searchPath);
  }
  return undefined;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** Why a program that was started doesn't do what it should: it is a text that a shell took for commands. */
export function notAProgram(path: string): string | undefined {
  const start = beginningOf(path);
  if (start === undefined || start.startsWith('#!') || /[^\t\n\r\x20-\x7e\x80-\uffff]/.test(start))
    return undefined;
  return start.trim() === '' ? 'the file is empty' : 'the file is a text without a `#!` line';
}

/** What the first line of a script names; of `/usr/bin/env NAME`, the name. */
function interpreterOf(path: string): string | undefined {
  const words = /^#![ \t]*([^\n\r]*)/
    .exec(beginningOf(path) ?? '')?.[1]
    ?.trim()
    .split(/[ \t]+/);
  const [command, ...args] = words ?? [];
  if (command === undefined || command === '') return undefined;
  if (!command.endsWith('/env') || !isExecutable(command)) return command;
  return args.find(word => !word.startsWith('-') && !word.includes('=')) ?? command;
}

function beginningOf(path: string): string | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(256);
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined; // it may be started all the same, if it may not be read
  }
}

/** Where the system would find a program, or undefined. A name with a slash is a path. */
export function findProgram(command: string, searchPath = process.env.PATH ?? ''): string | undefined {
  if (command.includes('/')) return isExecutable(command) ? command : undefined;
  return searchPath
    .split(delimiter)
    .map(folder => join(folder === '' ? '.' : folder, command))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
