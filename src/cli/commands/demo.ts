import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { EXTERNAL_HINT, packageFolder } from '../../sdk/process/own-files.ts';
import type { CliContext } from '../context.ts';
import { runFile } from './run.ts';

/*
 * Invariant: the demo leaves nothing behind. Its repositories and its group are in one temporary folder, which is removed
 * once the run has ended, however it ends.
 */

/** `demo`: the example that comes with this package, on scripted agents, in a temporary folder. */
export async function demo(context: CliContext, given: unknown): Promise<void> {
  const { io, services } = context;
  const { setUp } = await example();
  io.stderr.write(BEFORE);
  const folder = setUp();
  const place = {
    cwd: { value: join(folder, 'group') },
    env: { value: { ...io.env, SESSION_GROUPS_DATA_DIR: join(folder, 'kept') } },
  };
  const there: CliContext = { io: Object.create(io, place), services, exitCode: 0 };
  try {
    await runFile(there, 'demo.yaml', given, { passing: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  context.exitCode = there.exitCode;
  io.stderr.write(AFTER);
}

interface Example {
  /** Makes its repositories in a new temporary folder; @returns that. */
  setUp(): string;
}

async function example(): Promise<Example> {
  const file = join(packageFolder() ?? '', 'examples', 'cross-project-refactor', 'setup.mjs');
  if (packageFolder() !== undefined && existsSync(file)) return import(pathToFileURL(file).href);
  throw new SessionGroupsError('package_incomplete', 'the example is not beside the command line', {
    hint: EXTERNAL_HINT,
  });
}

const BEFORE = `A demo: six sessions in three small repositories, with scripted agents. No model is called, and
nothing is spent. shared-lib goes first; gateway and web get its result. web meets an overloaded
service and is retried. Each works in a tree of its own, its tests decide whether it is done, and
its commit is merged. explain-failure is only for a failure, so it is skipped.

`;

const AFTER = `
That was the demo; its folder has been removed, and its group with it. Next, in one of your own:
  session-groups doctor                    check that this machine is ready
  session-groups init                      write a definition to start from
  session-groups plan session-groups.yaml  see what it would do, without spending
`;
