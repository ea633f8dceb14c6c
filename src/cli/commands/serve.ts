import { z } from 'zod';
import type { GroupServer } from '../../serve/server.ts';
import { resumeCommand } from '../advice.ts';
import type { CliContext } from '../context.ts';
import { asUsage, EXIT, UsageError } from '../exit-codes.ts';
import { executorsOf } from '../fleet/executors.ts';
import { RedisOption } from '../fleet/redis-option.ts';
import type { CliIo } from '../io.ts';
import { NO_NOTICES, notifyOfAll } from '../notify/notify-user.ts';
import { type PageFile, pageFileFor } from '../page-file.ts';
import { jsonLine } from '../text.ts';
import { takeSignals } from './take-signals.ts';

const ServeOptions = RedisOption.extend({
  json: z.boolean().default(false),
  open: z.boolean().default(false),
  port: z.number().default(0),
});

/** `serve`: the page and the HTTP API of all saved groups, until a signal ends it. */
export async function serve(context: CliContext, given: unknown): Promise<void> {
  const { services, io } = context;
  const { json, open, port, ...redis } = ServeOptions.parse(given);
  const store = await services.openStore(io.env);
  const chosen = {
    ...{ store, env: io.env, port, executors: executorsOf(redis, context) },
    ...tokenOf(io.env),
  };
  const server = await services.createServer(chosen).catch(asUsage);
  // Before the address is printed.
  const signals = takeSignals(io);
  let pageFile: PageFile | undefined;
  let notices = NO_NOTICES;
  try {
    notices = await notifyOfAll(server.manager.groups$, io, line => void io.stderr.write(`${line}\n`));
    const url = server.pageUrl();
    if (json) io.stdout.write(jsonLine({ type: 'serving', url, port: server.port, token: server.token }));
    io.stderr.write(`Page: ${url}\n`);
    pageFile = open ? await pageFileFor(url) : undefined;
    if (pageFile && !(await services.openInBrowser(pageFile.path, io.env))) {
      io.stderr.write('No browser could be opened. Open the address yourself.\n');
    }
    context.exitCode = await Promise.race([signals.first.then(() => closed(server, io)), signals.cut]);
  } catch (error) {
    await server.close();
    throw error;
  } finally {
    await notices.finish();
    signals.release();
    await pageFile?.remove();
  }
}

/** With the same token and port, open pages keep working after a restart. */
function tokenOf({ SESSION_GROUPS_TOKEN: token }: CliIo['env']): { readonly token?: string } {
  if (!token) return {};
  if (/^[\w-]{32,}$/.test(token)) return { token };
  const hint = 'Generate one with: openssl rand -hex 32';
  throw new UsageError(
    'SESSION_GROUPS_TOKEN must have at least 32 characters: letters, digits, - or _',
    hint,
  );
}

async function closed(server: GroupServer, io: CliIo): Promise<number> {
  const running = [...server.running];
  if (running.length > 0) io.stderr.write('Pausing the groups that run here …\n');
  await server.close();
  for (const id of running) io.stderr.write(`Resume it with: ${resumeCommand(id)}\n`);
  return EXIT.completed;
}
