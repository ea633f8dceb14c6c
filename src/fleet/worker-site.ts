import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../sdk/clock.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import { unpackResults } from '../sdk/group/attempt/order/carried-results.ts';
import { makeOwnConfigDir, writeConfig } from '../sdk/group/attempt/order/config-folder.ts';
import { resolveOrder } from '../sdk/group/attempt/order/resolve-order.ts';
import { commonVariables, type HostEnvironment, resolveReferences } from '../sdk/group/config/environment.ts';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from '../sdk/session/agent.ts';
import { type Agents, capabilitiesOf, registered } from '../sdk/session/own/registered.ts';
import { superviseAttempt } from '../sdk/session/supervised-attempt.ts';
import { SiteFolders } from './site-folders.ts';

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
}

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
    this.#host = { ...commonVariables(env), ...Object.fromEntries(variables.map(name => [name, env[name]])) };
  }

  /** @throws why it is refused. */
  start(order: AttemptOrder, sink: (event: AgentEvent) => void): Attempt {
    const agent = this.#agentOf(order);
    this.#checkVariables(order);
    const top = this.folders.enter(order);
    try {
      return superviseAttempt(agent, this.#spec(order, top), this.#options.clock, event => {
        if (event.type === 'ended') this.folders.leave(order);
        sink(event);
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

  #spec(ordered: AttemptOrder, top: string): AttemptSpec {
    const order = unpackResults(ordered, join(top, 'results'));
    const { agents } = this.#options;
    const [cwd, config, logs] = [join(top, 'work'), join(top, 'config'), join(top, 'logs')];
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    const { files, isolated } = order.config ?? {};
    if (files) writeConfig(config, files);
    if (isolated) makeOwnConfigDir(config);
    return resolveOrder(order, {
      ...{ cwd, host: this.#host, environment: env => env, configFolder: config, logDir: logs },
      can: capabilitiesOf(agents)(order.agent.kind),
    });
  }
}

const listed = (what: string, names: readonly string[]): string =>
  `worker.${what} of its config.yaml has ${names.length > 0 ? names.join(', ') : 'none'}`;
