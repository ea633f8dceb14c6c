import type { GroupStore } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { asUsage } from '../exit-codes.ts';
import { executorsOf } from '../fleet/executors.ts';
import type { RedisOption } from '../fleet/redis-option.ts';
import type { DrivenGroup, GroupOptions } from '../services.ts';
import type { ForegroundOptions } from './run-options.ts';

export type CompanionOptions = Partial<Pick<ForegroundOptions, 'attended' | 'inspect' | 'web'>>;

/**
 * Creates a group with the inspector and the page that are asked for. They close when it ends or cannot be created, the
 * page once its viewers have seen the end. Someone can answer permission requests at the terminal, on the page, or as
 * `--attended` promises.
 */
export async function withCompanions(
  { attended = false, inspect, web, redis, redisFile }: CompanionOptions & RedisOption,
  store: GroupStore,
  context: CliContext,
  make: (options: GroupOptions) => Promise<DrivenGroup>,
): Promise<DrivenGroup> {
  const { io, services } = context;
  const hasTerminal = io.stdin.isTTY === true && io.stderr.isTTY === true;
  const options = { store, env: io.env, attended: attended || web !== undefined || hasTerminal };
  const inspected = async () => {
    if (inspect === undefined) return make(options);
    const inspector = await services.createInspector(portOf(inspect)).catch(asUsage);
    const group = await closing(inspector, () => make({ ...options, inspect: inspector.inspect }));
    io.stderr.write(`Inspector: ${inspector.url}\n`);
    return group;
  };
  if (web === undefined) return inspected();
  const page = {
    store,
    env: io.env,
    port: portOf(web),
    executors: executorsOf({ redis, redisFile }, context),
  };
  const server = await services.createServer(page).catch(asUsage);
  const group = await closing(server, inspected);
  const address = server.pageUrl(group.id);
  io.stderr.write(`Page: ${address}\n`);
  return Object.defineProperty(group, 'page', { value: address });
}

/** 0: any free port. */
const portOf = (given: number | true): number => (given === true ? 0 : given);

/** Creates a group that closes its companion when it ends or cannot be created. */
async function closing(
  companion: { close(): Promise<void> },
  make: () => Promise<DrivenGroup>,
): Promise<DrivenGroup> {
  let group: DrivenGroup;
  try {
    group = await make();
  } catch (error) {
    await companion.close();
    throw error;
  }
  return {
    ...group,
    // A getter, because it changes with the definition.
    get group() {
      return group.group;
    },
    dispose: () => group.dispose().finally(() => companion.close()),
  };
}
