import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Disk } from '../sdk/disk/disk.ts';
import { readIfThere, writeFile } from '../sdk/disk/disk-files.ts';
import { parseJson } from '../sdk/json.ts';

/**
 * That a stored definition has passed the schema, written beside it by the program that checked it: checking the ten
 * thousand sessions of a group again takes as long as everything else that opening it does.
 *
 * DEFINITION-CHECK-1 a definition is trusted only as it was written, byte for byte, and only by a program with the same schema.
 *    One that was edited, or that another release has stored, is checked whenever it is read.
 */
const CHECK_FILE = 'definition.checked.json';

/**
 * Increment when the schema of definitions changes in any way: what passed the old one may lack defaults of the new one.
 * A test compares `schema.json` with the one that this number was given for.
 */
export const SCHEMA_NUMBER = 6;

const Check = z.object({ schema: z.literal(SCHEMA_NUMBER), sha256: z.string() });

/** @param bytes the definition's file as it is written. */
export function writeCheck(disk: Disk, folder: string, bytes: Buffer): void {
  const check: z.output<typeof Check> = { schema: SCHEMA_NUMBER, sha256: sha256(bytes) };
  writeFile(disk, join(folder, CHECK_FILE), `${JSON.stringify(check)}\n`);
}

/** Whether this program need not check the definition that it has read. Without the file, or an unreadable one, it has to. */
export function hasPassed(disk: Disk, folder: string, bytes: Buffer): boolean {
  const check = Check.safeParse(parseJson(textOf(disk, join(folder, CHECK_FILE)))).data;
  return check !== undefined && check.sha256 === sha256(bytes);
}

function textOf(disk: Disk, path: string): string {
  try {
    return readIfThere(disk, path)?.toString('utf8') ?? '';
  } catch {
    return '';
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
