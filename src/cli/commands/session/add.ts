import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { SessionInput } from '../../../sdk/group/definition/next-definition.ts';
import { DefinitionError } from '../../../sdk/group/document/diagnostics.ts';
import { readText } from '../../../sdk/group/document/read-text.ts';
import { Usd } from '../../../sdk/usd.ts';
import { type CliContext, definitionPath } from '../../context.ts';
import { UsageError } from '../../exit-codes.ts';
import { changeGroup } from '../../groups/change.ts';

const AddOptions = z.object({
  id: z.string().optional(),
  project: z.string().optional(),
  prompt: z.string().optional(),
  promptFile: z.string().optional(),
  template: z.string().optional(),
  dependsOn: z.array(z.string()).optional(),
  model: z.string().optional(),
  maxBudgetUsd: Usd.optional(),
  dryRun: z.boolean().default(false),
  json: z.boolean().default(false),
  takeOver: z.boolean().default(false),
});
type Given = Omit<z.output<typeof AddOptions>, 'takeOver'>;

/** `session add GROUP`: adds a session, from options or a file, even while the group runs. */
export async function sessionAdd(
  context: CliContext,
  word: string,
  file: string | undefined,
  options: unknown,
): Promise<void> {
  const { io } = context;
  const { takeOver, ...given } = AddOptions.parse(options);
  const { dryRun, json } = given;
  const baseDir = file === undefined ? io.cwd : dirname(resolve(io.cwd, file));
  const written = file === undefined ? {} : await readSession(definitionPath(file, io));
  const session = {
    ...(await absolute(written, baseDir)),
    ...(await absolute(sessionOf(given), io.cwd)),
  };
  if (file === undefined) checkGiven(given);
  context.exitCode = await changeGroup(
    word,
    {
      change: { kind: 'add', session },
      here: group => group.addSession(session as SessionInput, { dryRun }), // validated there
      dryRun,
      json,
      takeOver,
    },
    context,
  );
}

function checkGiven({ id, project, prompt, promptFile, template }: Given): void {
  const missing = [
    ...(id === undefined ? ['--id ID'] : []),
    ...(project === undefined ? ['--project FOLDER'] : []),
    ...([prompt, promptFile, template].every(one => one === undefined) ? ['--prompt TEXT'] : []),
  ];
  if (missing.length === 0) return;
  throw new UsageError(`the session needs ${missing.join(', ')}`, 'Or describe the session in a file.');
}

function sessionOf({ project, dryRun: _, json: __, ...given }: Given): Record<string, unknown> {
  const keys = { ...given, projectPath: project };
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}

/** Makes paths absolute: the owner may have another working directory. */
async function absolute(session: Record<string, unknown>, baseDir: string): Promise<Record<string, unknown>> {
  const { absoluteProject } = await import('../../../sdk/group/findings/project-findings.ts');
  const { promptFile } = session;
  const isOwn = typeof promptFile === 'string' && !promptFile.startsWith('~');
  return {
    ...absoluteProject(session, baseDir),
    ...(isOwn ? { promptFile: resolve(baseDir, promptFile) } : {}),
  };
}

/** @throws DefinitionError if the file isn't YAML or JSON; UsageError if it isn't a session. */
async function readSession(file: string): Promise<Record<string, unknown>> {
  const text = await readText(file);
  if (!text.ok) throw new UsageError(`${file} ${text.message}`, undefined, text.code);
  const { readDocument } = await import('../../../sdk/group/document/read-document.ts');
  const read = readDocument(text.text, file, 'variables');
  if (!read.ok)
    throw new DefinitionError(`${file}: ${read.problems[0]?.message ?? 'invalid'}`, read.problems);
  const session = z.record(z.string(), z.unknown()).safeParse(read.document.value);
  if (session.success && !('sessions' in session.data)) return session.data;
  throw new UsageError(
    `${file} is not a single session: expected id, projectPath, prompt …`,
    'To apply a whole definition: session-groups group update GROUP FILE',
  );
}
