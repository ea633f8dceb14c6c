import { z } from 'zod';
import type { GroupServer } from '../../serve/server.ts';
import { resumeCommand } from '../advice.ts';
import type { Register } from '../context.ts';
import { asUsage, EXIT, SIGNAL_EXIT, UsageError } from '../exit-codes.ts';
import type { CliIo, CliSignal } from '../io.ts';
import { type Door, doorTo } from '../open-page.ts';
import { DEBUG_OPTION, PORT_OPTION } from '../options.ts';
import { jsonLine } from '../text.ts';

const ServeOptions = z.object({
  json: z.boolean().default(false),
  open: z.boolean().default(false),
  port: z.number().default(0),
});

/** `serve`: the page and the HTTP API of all groups that are kept, until a signal ends it. */
export const registerServe: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('serve')
    .description('Show all groups on a local page, and offer the HTTP API, until Ctrl-C')
    .option(...PORT_OPTION)
    .option('--open', 'open the page in the browser')
    .option('--json', 'print the address and the token as a line of JSON')
    .option(...DEBUG_OPTION)
    .addHelpText('after', NOTES)
    .action(async (given: unknown) => {
      const { json, open, port } = ServeOptions.parse(given);
      const store = await services.openStore(io.env);
      const chosen = { store, env: io.env, port, ...tokenOf(io.env) };
      const server = await services.createServer(chosen).catch(asUsage);
      // Before anybody is told that it is there.
      const signals = takeSignals(io);
      let door: Door | undefined;
      try {
        const url = server.pageUrl();
        if (json) io.stdout.write(jsonLine({ type: 'serving', url, port: server.port, token: server.token }));
        io.stderr.write(`Page: ${url}\n`);
        door = open ? await doorTo(url) : undefined;
        if (door && !(await services.openInBrowser(door.path, io.env))) {
          io.stderr.write('No browser could be opened: open the address yourself.\n');
        }
        context.exitCode = await Promise.race([signals.first.then(() => closed(server, io)), signals.cut]);
      } catch (error) {
        await server.close();
        throw error;
      } finally {
        signals.release();
        await door?.remove();
      }
    });
};

/** Windows that are open when it is started again go on, if it keeps its token and port. */
function tokenOf({ SESSION_GROUPS_TOKEN: token }: CliIo['env']): { readonly token?: string } {
  if (!token) return {};
  if (/^[\w-]{32,}$/.test(token)) return { token };
  const hint = 'For example what `openssl rand -hex 32` prints.';
  throw new UsageError('SESSION_GROUPS_TOKEN needs at least 32 letters, digits, - or _.', hint);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly CliSignal[];

interface Signals {
  /** It is to end, in good order. */
  readonly first: Promise<void>;
  /** It is to end at once, with this exit code; rejects with an error that nobody caught. */
  readonly cut: Promise<number>;
  release(): void;
}

function takeSignals(io: CliIo): Signals {
  const releases: (() => void)[] = [];
  let count = 0;
  let leave = () => {};
  const first = new Promise<void>(resolve => {
    leave = resolve;
  });
  const cut = new Promise<number>((resolve, reject) => {
    releases.push(io.onCrash(reject));
    for (const signal of SIGNALS) {
      const onSignal = () => {
        count += 1;
        if (count === 1) leave();
        else resolve(SIGNAL_EXIT[signal]);
      };
      releases.push(io.onSignal(signal, onSignal));
    }
  });
  cut.catch(() => {}); // it may come when nobody waits for it any more
  return {
    first,
    cut,
    release: () => {
      for (const release of releases) release();
    },
  };
}

async function closed(server: GroupServer, io: CliIo): Promise<number> {
  const running = [...server.running];
  if (running.length > 0) io.stderr.write('Pausing what runs here …\n');
  await server.close();
  for (const id of running) io.stderr.write(`Resume it with: ${resumeCommand(id)}\n`);
  return EXIT.completed;
}

const NOTES = `
Examples:
  session-groups serve
  session-groups serve --port 4321 --open
  session-groups serve --json | jq -r .token

It listens on 127.0.0.1 only, and everything but the page itself needs the token of the address. Groups that are
started or resumed through it are run by it, and paused when it ends; those of other processes go on.
The token is a new one at each start, unless SESSION_GROUPS_TOKEN holds one.
Needs the packages hono, @hono/node-server and @dagrejs/dagre.
`;
