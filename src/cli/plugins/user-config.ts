import { stat } from 'node:fs/promises';
import { z } from 'zod';
import type { Diagnostic } from '../../sdk/group/document/diagnostics.ts';
import { locateAll } from '../../sdk/group/document/finding.ts';
import { readDocument } from '../../sdk/group/document/read-document.ts';
import { readText } from '../../sdk/group/document/read-text.ts';
import { shapeFindings } from '../../sdk/group/document/shape-findings.ts';
import { userConfigFile } from '../../sdk/user-folders.ts';
import { UsageError } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';
import { NotifyConfig } from '../notify/notify-config.ts';
import { FleetConfig } from './fleet-config.ts';
import { WorkerConfig } from './worker-config.ts';

/** The user's own settings, for the command line. */
const UserConfig = z.strictObject({
  /** Modules with agents: paths and package names, as seen from the file. */
  plugins: z.array(z.string().min(1)).default([]),
  notify: NotifyConfig.optional(),
  worker: WorkerConfig.optional(),
  fleet: FleetConfig.optional(),
});
export type UserConfig = z.output<typeof UserConfig> & { readonly file: string };

/**
 * Reads `config.yaml` in the user's configuration folder: never one of a project, nor what a definition says, because
 * plugins and commands are code. For the same reason, it names any only if no other user can write to it.
 * @throws UsageError `invalid_config`, with the first thing that is wrong and its place.
 */
export async function readUserConfig(env: CliIo['env']): Promise<UserConfig | undefined> {
  const file = userConfigFile(env);
  const read = await readText(file);
  if (!read.ok && read.code === 'missing_file') return undefined;
  if (!read.ok) throw invalid(file, `the file ${read.message}`);
  const outcome = readDocument(read.text, file);
  if (!outcome.ok && outcome.problems.every(({ code }) => code === 'empty_file')) return undefined;
  if (!outcome.ok) throw invalid(file, ...outcome.problems);
  const { value, source } = outcome.document;
  const parsed = UserConfig.safeParse(value);
  if (!parsed.success) {
    throw invalid(file, ...locateAll(shapeFindings(value, parsed.error.issues, UserConfig), source));
  }
  const { plugins, notify, worker, fleet } = parsed.data;
  if (plugins.length > 0) await checkOwn(file, 'plugins, which are code');
  else if (notify?.command || notify?.webhook) await checkOwn(file, 'a command or an address to notify');
  else if (worker) await checkOwn(file, 'what a worker gives to others');
  else if (fleet) await checkOwn(file, 'who sees what sessions do');
  return { ...parsed.data, file };
}

async function checkOwn(file: string, what: string): Promise<void> {
  const user = process.getuid?.();
  const { uid, mode } = await stat(file);
  if (user !== undefined && uid !== user && uid !== 0) {
    throw invalid(file, `it names ${what}, and belongs to another user`);
  }
  if (mode & WRITABLE_BY_ALL) {
    throw invalid(file, `it names ${what}, and every user may write to it: chmod o-w`);
  }
}

const WRITABLE_BY_ALL = 0o002;

function invalid(file: string, ...problems: readonly (Diagnostic | string)[]): UsageError {
  const [first] = problems;
  if (first === undefined || typeof first === 'string') return asError(`${file}: ${first ?? 'not valid'}`);
  const place = [file, first.line, first.column].filter(part => part !== undefined).join(':');
  const more = first.suggestion === undefined ? '' : ` (${first.suggestion})`;
  return asError(`${place}: ${first.message}${more}`);
}

const asError = (message: string): UsageError =>
  new UsageError(message, 'Your own settings are in this file: correct it, or remove it.', 'invalid_config');
