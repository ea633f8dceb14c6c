import { resolve } from 'node:path';
import { createActor } from 'xstate';
import type { GroupInput } from '../../../../machines/contract.ts';
import { abortable } from '../../abort.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { machineProjects, workspacesOf } from '../../delivery/machine-workspaces.ts';
import { given } from '../../given.ts';
import { projectKey } from '../../project/project-key.ts';
import { builtInAgents } from '../../session/built-in-agents.ts';
import { checkAgents } from '../../session/own/registered.ts';
import { loadDefinition, parseDefinition } from '../definition/definition.ts';
import { Engine } from '../engine/engine.ts';
import type { ProvidedGroup } from '../engine/provide.ts';
import { storeFailure } from '../journal/buffered-records.ts';
import { eventsOf } from '../journal/streams/journal-stream.ts';
import { shieldedOnce } from '../journal/streams/safe-observable.ts';
import { GroupRunner } from '../runner.ts';
import { foldOf } from '../standing/saved-group.ts';
import { slugOf } from '../store/group-id.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { GroupStore, OwnedGroup } from '../store/store.ts';
import type { SessionGroupInput } from '../types.ts';
import { checkOptions, checkStoredOptions } from './check-options.ts';
import { quotaOf } from './defaults.ts';
import { MetaKeeper, saveMeta, warningsOf } from './keep-meta.ts';
import type { SessionGroupOptions } from './options.ts';
import {
  bestEffort,
  kept,
  keptLater,
  shieldedClock,
  shieldedProjects,
  shieldedQuota,
  typedError,
} from './shielded-parts.ts';
import { releaseInTime, shieldedStore } from './shielded-store.ts';
import { executorFor, type OpenOptions, takeOver } from './take-over.ts';

/** Whether somebody still wants what is being set up. */
export interface SetUpOption {
  /** Rejects with its reason when it aborts meanwhile, once nothing of the set-up is left. Default: none. */
  readonly signal?: AbortSignal;
}

/**
 * Creates a group from a definition file or object; nothing starts before `run`.
 *
 * @param definition path of a YAML or JSON file, or the definition itself.
 * @throws DefinitionError with every problem of the definition; SessionGroupsError `invalid_argument` for an option that
 * can't be used; the signal's reason.
 */
export async function createSessionGroup(
  definition: string | SessionGroupInput,
  options: SessionGroupOptions & SetUpOption = {},
): Promise<GroupRunner> {
  checkOptions(options);
  const store = storeOf(options);
  const owned = await createOwned(definition, options, store);
  return startActor(owned, options).catch(error => removed(owned, store, error, options.signal));
}

const storeOf = ({ store = createMemoryStore(), clock = systemClock }: SessionGroupOptions): GroupStore =>
  shieldedStore(store, shieldedClock(clock));

/** What only a pause brings to rest: an engine that died in `pausing` has done so by being opened again. */
const GOES_ON: ReadonlySet<string> = new Set(['running', 'delivering']);

/**
 * Takes over a saved group: paused, settled, not yet started, or interrupted by the death of its engine. Nothing
 * starts before `run`, `resume` or `retry`.
 *
 * @throws GroupOwnedError while another process runs it; RefusedError `store_failed` while its folder isn't writable;
 * SessionGroupsError `unknown_group`, `invalid_argument`, `executor_required`; the signal's reason.
 */
export async function openSessionGroup(
  id: string,
  options: SessionGroupOptions & { readonly store: GroupStore } & OpenOptions & SetUpOption,
): Promise<GroupRunner> {
  checkStoredOptions(options);
  const owned = await takeOver(id, options);
  const executor = await executorFor(owned, options);
  const group = await startActor(owned, { ...options, ...given({ executor }) });
  if (!options.pauseInterrupted || !GOES_ON.has(group.getProgress().status)) return group;
  try {
    await group.pause(given({ signal: options.signal }));
    return group;
  } catch (error) {
    await group.dispose().catch(() => {}); // the error says what is wrong
    throw error;
  }
}

/** A group's chart, for the host's own machine to invoke, and the handle that drives it from outside. */
export interface GroupLogic {
  /** `groupMachine` with its I/O provided: invoke or spawn it once, with `input`. */
  readonly machine: ProvidedGroup;
  /** Pass `self` as parent to receive `group.report` when the group pauses or settles. */
  readonly input: (parent?: GroupInput['parent']) => GroupInput;
  /** Usable as soon as the machine runs. Its `dispose` doesn't stop an actor that the host created. */
  readonly group: GroupRunner;
}

/**
 * Like `createSessionGroup`, but without an actor: for hosts whose own machine runs the group.
 * @throws DefinitionError with every problem of the definition; the signal's reason.
 */
export async function createGroupMachine(
  definition: string | SessionGroupInput,
  options: SessionGroupOptions & SetUpOption = {},
): Promise<GroupLogic> {
  checkOptions(options);
  const store = storeOf(options);
  const owned = await createOwned(definition, options, store);
  const assembly = await assembled(owned, options).catch(error =>
    removed(owned, store, error, options.signal),
  );
  const { engine } = assembly;
  return {
    machine: engine.machine,
    input: inputOf(engine),
    group: drive(assembly, owned, undefined, options),
  };
}

async function createOwned(
  definition: string | SessionGroupInput,
  options: SessionGroupOptions & SetUpOption,
  store: GroupStore,
): Promise<OwnedGroup> {
  const clock = options.clock ?? systemClock;
  const { env = process.env, baseDir, files, workspaces, agents, variables, rehearsal, signal } = options;
  const loading = { env, ...given({ workspaces, agents, variables }) };
  const load = async () =>
    typeof definition === 'string'
      ? loadDefinition(definition, loading)
      : parseDefinition(definition, { ...loading, ...given({ baseDir, files }) });
  const loaded = await abortable(load, signal);
  const source = loaded.source ?? options.source;
  const created = {
    slug: loaded.definition.slug ?? slugOf(loaded.definition.name),
    createdAt: shieldedClock(clock).now(),
    definition: loaded.definition,
    files: loaded.files,
    checked: true,
    ...(rehearsal ? { rehearsal } : {}),
    ...given({ executor: options.executor?.saved }),
    ...(source ? { source: { ...source, file: resolve(source.file) } } : {}),
  };
  try {
    return await store.create(created);
  } catch (reason) {
    throw storeFailure(reason);
  }
}

/** Removes a new group that can't run, for example because an agent or disk space is missing. */
async function removed(
  owned: OwnedGroup,
  store: GroupStore,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<never> {
  await store.remove(owned.group.id).catch(() => {}); // the original error says what is wrong
  throw failureOf(error, signal);
}

const failureOf = (error: unknown, signal: AbortSignal | undefined): unknown =>
  signal?.aborted && error === signal.reason ? error : typedError(error);

interface Assembly {
  readonly engine: Engine;
  readonly meta: MetaKeeper;
}

/** Releases ownership if the engine can't be created. */
async function assembled(owned: OwnedGroup, options: SessionGroupOptions & SetUpOption): Promise<Assembly> {
  const { signal } = options;
  try {
    signal?.throwIfAborted();
    const assembly = assemble(owned, options);
    const { recorder } = assembly.engine;
    const isNew = recorder.prelude.length > 0;
    const written = isNew ? recorder.written() : recorder.answered();
    const wanted = written?.then(() => signal?.throwIfAborted());
    if (wanted) await ending(assembly.engine, wanted); // a new group is there once its journal says so
    return assembly;
  } catch (error) {
    await releaseInTime(owned, shieldedClock(options.clock ?? systemClock)).catch(() => {});
    throw failureOf(error, signal);
  }
}

/** @throws if it can't be written; then the engine is closed. */
async function ending(engine: Engine, written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    engine.close(typedError(error));
    throw error;
  }
}

function assemble(owned: OwnedGroup, options: SessionGroupOptions): Assembly {
  const clock = shieldedClock(options.clock ?? systemClock);
  const fold = foldOf(owned);
  let engine: Engine | undefined;
  const meta = new MetaKeeper(
    clock,
    () => engine?.live ?? false,
    () => (engine ? saveMeta(engine, owned) : undefined),
  );
  engine = new Engine({
    group: owned.group,
    journal: owned.journal,
    onRecord: record => meta.saw(record),
    ...(fold.seq > 0 ? { fold } : {}),
    agents: new Map(Object.entries({ ...builtInAgents(clock), ...checkAgents(options.agents ?? {}) })),
    clock,
    projects: options.projects ? shieldedProjects(options.projects) : machineProjects(),
    projectKey,
    quota: options.quota ? shieldedQuota(options.quota, clock) : quotaOf(clock),
    workspaces: () => workspacesOf(options, clock),
    ...given({ commands: options.commands, executor: options.executor }),
    env: { ...(options.env ?? process.env) }, // a copy: each read of process.env is a system call
    ...(options.slots
      ? { slots: options.slots.join(() => engine?.send({ type: 'admission.changed' })) }
      : {}),
    logDirOf: id => kept('sessionDir()', () => owned.sessionDir(id)),
    keep: (revision, next) => keptLater(clock, () => owned.redefine(revision, { ...next, checked: true })),
    onRest: () => meta.save(),
    ...(options.attended === undefined ? {} : { attended: options.attended }),
  });
  return { engine, meta };
}

const inputOf =
  (engine: Engine) =>
  (parent?: GroupInput['parent']): GroupInput => ({
    roster: engine.state.roster,
    id: engine.group.id,
    ...(parent ? { parent } : {}),
  });

async function startActor(
  owned: OwnedGroup,
  options: SessionGroupOptions & SetUpOption,
): Promise<GroupRunner> {
  const assembly = await assembled(owned, options);
  const { engine } = assembly;
  const { inspect } = options;
  const actor = createActor(engine.machine, {
    id: owned.group.id,
    input: inputOf(engine)(),
    clock: timersOf(engine.clock),
    // XState would let what an inspector throws end the group, or leave it without an answer to anybody.
    ...(inspect ? { inspect: shieldedOnce(inspect) } : {}),
  });
  actor.subscribe({ error: error => engine.crashed(error) });
  actor.start();
  return drive(assembly, owned, actor, options);
}

function drive(
  { engine, meta }: Assembly,
  owned: OwnedGroup,
  actor: ReturnType<typeof createActor<ProvidedGroup>> | undefined,
  { env = process.env, workspaces, agents }: Pick<SessionGroupOptions, 'env' | 'workspaces' | 'agents'>,
) {
  meta.save();
  return GroupRunner.of(engine, {
    actor,
    history: fromSeq => eventsOf(owned.history({ fromSeq }), engine.recorder.toldUnwritten, fromSeq),
    dir: owned.dir,
    announce: address => void bestEffort(engine.clock, () => owned.announce(address), warningsOf(owned)),
    onDispose: owned.dir === undefined ? 'stop' : 'pause',
    loading: { env, ...given({ workspaces, agents }) },
    onUpdated: () => meta.save(),
    async release() {
      engine.state.slots?.leave();
      const saving = meta.close();
      if (saving) await saving;
      await releaseInTime(owned, engine.clock);
    },
  });
}

function timersOf(clock: Clock) {
  return {
    setTimeout: (fn: (...args: unknown[]) => void, delayMs: number) => clock.setTimeout(fn, delayMs),
    clearTimeout: (handle: unknown) => clock.clearTimeout(handle),
  };
}
