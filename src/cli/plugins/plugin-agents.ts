import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { afterAwake, systemClock } from '../../sdk/clock.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import { isBuiltIn } from '../../sdk/session/agent-config.ts';
import { type Agents, problemOf } from '../../sdk/session/own/registered.ts';
import { UsageError } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';
import { readUserConfig } from './user-config.ts';

/**
 * The agents of the user's plugins, by kind. Loads nothing unless the user's own configuration names plugins.
 * @throws UsageError `invalid_config`, `plugin_failed`.
 */
export async function pluginAgents(env: CliIo['env']): Promise<Agents> {
  const config = await readUserConfig(env);
  const agents = new Map<string, { readonly agent: Agents[string]; readonly plugin: string }>();
  for (const plugin of config?.plugins ?? []) {
    const fail = (problem: string, cause?: unknown) => failed(config?.file ?? '', plugin, problem, cause);
    const found = await agentsOf(plugin, config?.file ?? '', fail);
    for (const [kind, agent] of readable(() => Object.entries(found), fail)) {
      const problem = readable(() => problemOf(agent), fail);
      if (problem) throw fail(`${kind}: ${problem}`);
      if (isBuiltIn(kind)) throw fail(`the kind "${kind}" is built in; its agent needs another name`);
      const other = agents.get(kind)?.plugin;
      if (other !== undefined) throw fail(`the kind "${kind}" is already registered by ${other}`);
      agents.set(kind, { agent, plugin });
    }
  }
  return Object.fromEntries([...agents].map(([kind, { agent }]) => [kind, agent]));
}

type Fail = (problem: string, cause?: unknown) => UsageError;

async function agentsOf(
  plugin: string,
  file: string,
  fail: Fail,
): Promise<Readonly<Record<string, Agents[string]>>> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await inTime(importAsIn(file, plugin));
  } catch (reason) {
    const isFile = !isPath(plugin) && existsSync(resolve(dirname(file), plugin));
    const more = isFile ? ` (a path begins with ./ or /: ./${plugin})` : '';
    throw fail(`it cannot be loaded: ${textOfThrown(reason)}${more}`, reason);
  }
  const found = readable(() => module.default ?? module.agents, fail);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw fail(
      'it exports no agents: neither its default export nor "agents" is an object of agents by kind',
    );
  }
  if (readable(() => problemOf(found), fail) === undefined) {
    throw fail('it exports an agent; export an object of agents by kind, such as { mine: agent }');
  }
  return found as Readonly<Record<string, Agents[string]>>; // each is checked by the caller
}

/** A plugin's objects may throw when they are looked at. */
function readable<T>(look: () => T, fail: Fail): T {
  try {
    return look();
  } catch (reason) {
    throw fail(`what it exports cannot be read: ${textOfThrown(reason)}`, reason);
  }
}

const isPath = (specifier: string): boolean => isAbsolute(specifier) || /^\.{1,2}\//.test(specifier);

const LOADING_MS = 30_000;

/** A module that waits at its top level for what never comes. The timer also keeps the process alive until then. */
async function inTime<T>(loading: Promise<T>): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    const giveUp = (): void => reject(new Error(`it has not loaded within ${LOADING_MS / 1_000} s`));
    cancel = afterAwake(systemClock, giveUp, LOADING_MS);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    cancel();
  }
}

/**
 * Imports as a module in that file would. `import.meta.resolve` knows no other parent than its own module, so that a
 * package takes a script's loader, of which Node 20 warns that it's experimental; a path doesn't.
 */
function importAsIn(file: string, specifier: string): Promise<Readonly<Record<string, unknown>>> {
  if (isPath(specifier)) return import(pathToFileURL(resolve(dirname(file), specifier)).href);
  const script = new Script('specifier => import(specifier)', {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const load = script.runInThisContext() as (specifier: string) => Promise<Readonly<Record<string, unknown>>>;
  return load(specifier);
}

function failed(file: string, plugin: string, problem: string, cause: unknown): UsageError {
  const hint = `It is listed under plugins in ${file}: correct it there, install it in that folder, or remove it.`;
  const error = new UsageError(`the plugin ${plugin}: ${problem}`, hint, 'plugin_failed');
  return cause === undefined ? error : Object.assign(error, { cause });
}
