import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../sdk/clock.ts';
import { textOfThrown } from '../sdk/errors.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import { unpackResults } from '../sdk/group/attempt/order/carried-results.ts';
import { makeOwnConfigDir, writeConfig } from '../sdk/group/attempt/order/config-folder.ts';
import { resolveOrder } from '../sdk/group/attempt/order/resolve-order.ts';
import { commonVariables, type HostEnvironment, resolveReferences } from '../sdk/group/config/environment.ts';
import { withCommitter } from '../sdk/group/tree/committer.ts';
import type { OrderedTree } from '../sdk/group/tree/tree-call.ts';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from '../sdk/session/agent.ts';
import { type Agents, capabilitiesOf, registered } from '../sdk/session/own/registered.ts';
import { superviseAttempt } from '../sdk/session/supervised-attempt.ts';
import type { ToldWork } from './protocol.ts';
import { SiteFolders } from './site-folders.ts';
import type { WorkerTrees } from './trees/worker-trees.ts';
import type { EventSink } from './worker-attempt.ts';

/** What a machine gives to the orders that are carried out on it; nothing else of it reaches them. */
export interface WorkerSiteOptions {
  readonly clock: Clock;
  /** By kind. */
  readonly agents: Agents;
  /** The kinds that orders may name. */
  readonly kinds: readonly string[];
  readonly env: HostEnvironment;
  /** The variables of `env` that orders may refer to and agents inherit, besides those without which no program runs. */
  readonly variables: readonly string[];
  /** Each session gets a folder below it; absolute. */
  readonly folder: string;
  /** The trees of sessions, below the same folder. Default: none are there. */
  readonly trees?: WorkerTrees;
}

/** What set-up, checks and agents of a machine may refer to and inherit: what its owner has listed, and what every program needs. */
export const listedVariables = (env: HostEnvironment, variables: readonly string[]): HostEnvironment => ({
  ...commonVariables(env),
  ...Object.fromEntries(variables.map(name => [name, env[name]])),
});

/**
 * Carries out orders on this machine.
 *
 * SITE-1 an order gets what the machine's owner has listed, kinds of agents and variables, and is refused if it needs more.
 * SITE-2 all attempts of a session have the same folders, so that a conversation is found again.
 */
export class WorkerSite {
  readonly #options: WorkerSiteOptions;
  readonly #host: HostEnvironment;
  readonly folders: SiteFolders;

  constructor(options: WorkerSiteOptions) {
    this.#options = options;
    const { env, variables, folder, clock } = options;
    this.folders = new SiteFolders(folder, clock);
    this.#host = listedVariables(env, variables);
  }

  /** @throws why it is refused. */
  start(order: AttemptOrder, sink: EventSink): Attempt {
    const agent = this.#agentOf(order);
    this.#checkVariables(order);
    const { clock, trees } = this.#options;
    const { tree } = order;
    if (tree && !trees) throw new Error('this worker has no trees of sessions');
    const cwd = tree && trees?.cwdOf(tree);
    const top = this.folders.enter(order);
    const ended = (event: AgentEvent, kept?: ToldWork) => {
      this.folders.leave(order);
      sink(event, kept);
    };
    try {
      return superviseAttempt(agent, this.#spec(order, top, cwd), clock, event => {
        if (event.type !== 'ended') sink(event);
        else if (!tree || !trees) ended(event);
        else void keptBy(trees, order, tree, sink).then(kept => ended(event, kept));
      });
    } catch (error) {
      this.folders.leave(order);
      throw error;
    }
  }

  #agentOf({ agent }: AttemptOrder): Agent {
    const { agents, kinds } = this.#options;
    const found = kinds.includes(agent.kind) ? registered(agents, agent.kind) : undefined;
    if (!found)
      throw new Error(`this worker runs no agent of the kind ${agent.kind}: ${listed('agents', kinds)}`);
    if ('executable' in agent && agent.executable !== undefined)
      throw new Error('its agent names an executable, which is a path of another machine');
    return found;
  }

  #checkVariables({ env, config }: AttemptOrder): void {
    const { variables } = this.#options;
    for (const text of Object.values({ ...config?.variables, ...env })) {
      const missing = resolveReferences(text, {}).unset.find(name => !Object.hasOwn(this.#host, name));
      if (missing !== undefined)
        throw new Error(`this worker does not resolve ${missing}: ${listed('variables', variables)}`);
    }
  }

  /** @param tree where it works. Default: in an empty folder. */
  #spec(ordered: AttemptOrder, top: string, tree?: string): AttemptSpec {
    const order = unpackResults(ordered, join(top, 'results'));
    const { agents } = this.#options;
    const [cwd, config, logs] = [tree ?? join(top, 'work'), join(top, 'config'), join(top, 'logs')];
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    const { files, isolated } = order.config ?? {};
    if (files) writeConfig(config, files);
    if (isolated) makeOwnConfigDir(config);
    return resolveOrder(order, {
      ...{
        cwd,
        host: this.#host,
        environment: tree === undefined ? env => env : withCommitter,
        configFolder: config,
        logDir: logs,
      },
      can: capabilitiesOf(agents)(order.agent.kind),
    });
  }
}

/** What is in the tree comes with the end. undefined: that can't be told, which is a warning. */
async function keptBy(
  trees: WorkerTrees,
  order: AttemptOrder,
  tree: OrderedTree,
  sink: EventSink,
): Promise<ToldWork | undefined> {
  try {
    return await trees.keep(order, tree);
  } catch (reason) {
    const message = `what is in its tree is not saved anywhere else: ${textOfThrown(reason)}`;
    sink({ type: 'warning', message });
    return undefined;
  }
}

const listed = (what: string, names: readonly string[]): string =>
  `worker.${what} of its config.yaml has ${names.length > 0 ? names.join(', ') : 'none'}`;
