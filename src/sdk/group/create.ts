import { createActor } from 'xstate';
import type { GroupInput } from '../../../machines/contract.ts';
import { MemoryJournal } from '../../store/memory-journal.ts';
import { type Clock, LONGEST_TIMEOUT_MS, systemClock } from '../clock.ts';
import type { Agent } from '../session/agent.ts';
import { createClaudeAgent } from '../session/claude-code/claude-agent.ts';
import { createCommandAgent } from '../session/command.ts';
import { fileProjectGate, projectKey } from '../session/project-gate.ts';
import { createScriptedAgent } from '../session/scripted.ts';
import { checkAgents } from './check-agents.ts';
import { loadDefinition, parseDefinition } from './definition.ts';
import { groupIdOf, slugOf } from './group-id.ts';
import type { SessionGroupHandle, SessionGroupOptions } from './handle.ts';
import { toMicroUsd } from './ledger.ts';
import type { GroupResult } from './progress.ts';
import { progressStream } from './progress-stream.ts';
import type { ProvidedGroup } from './provide.ts';
import { QuotaGate } from './quota-gate.ts';
import { GroupRunner } from './runner.ts';
import { SafeObservable } from './safe-observable.ts';
import type { SessionGroup, SessionGroupInput } from './types.ts';

/**
 * Creates a group from a definition file or object; nothing starts before `run`.
 *
 * @param definition path of a YAML or JSON file, or the definition itself.
 * @throws DefinitionError with every problem of the definition.
 */
export async function createSessionGroup(
  definition: string | SessionGroupInput,
  options: SessionGroupOptions = {},
): Promise<SessionGroupHandle> {
  const { machine, input, start } = await createGroupLogic(definition, options);
  const clock = options.clock ?? systemClock;
  const actor = createActor(machine, {
    input: input(),
    clock: {
      setTimeout: (fn, delayMs) => clock.setTimeout(fn, delayMs),
      clearTimeout: handle => clock.clearTimeout(handle),
    },
    ...(options.inspect ? { inspect: options.inspect } : {}),
  });
  return start(actor);
}

/** A group's chart for a machine of the host's to invoke, and the handle that drives it from outside. */
export interface GroupLogic {
  /** `groupMachine` with its I/O provided: invoke or spawn it once, with `input`. */
  readonly machine: ProvidedGroup;
  /** Pass `self` as parent to be told by `group.report` when the group pauses or settles. */
  readonly input: (parent?: GroupInput['parent']) => GroupInput;
  /** Usable as soon as the machine runs. Its `dispose` does not stop an actor that the host created. */
  readonly group: SessionGroupHandle;
}

/**
 * For hosts whose own machine runs the group: the same as `createSessionGroup`, without an actor.
 * @throws DefinitionError with every problem of the definition.
 */
export async function createGroupMachine(
  definition: string | SessionGroupInput,
  options: SessionGroupOptions = {},
): Promise<GroupLogic> {
  const { machine, input, attach } = await createGroupLogic(definition, options);
  return { machine, input, group: attach(() => {}) };
}

type GroupActor = ReturnType<typeof createActor<ProvidedGroup>>;

async function createGroupLogic(definition: string | SessionGroupInput, options: SessionGroupOptions) {
  const clock = options.clock ?? systemClock;
  const env = { ...(options.env ?? process.env) }; // reading process.env is slow: it asks the system each time
  const loaded =
    typeof definition === 'string'
      ? await loadDefinition(definition, { env })
      : await parseDefinition(definition, { env, baseDir: options.baseDir ?? process.cwd() });
  const slug = loaded.definition.slug ?? slugOf(loaded.definition.name);
  const id = groupIdOf(slug, clock.now(), candidate => taken.has(candidate));
  taken.add(id);
  const group: SessionGroup = {
    id,
    slug,
    createdAt: new Date(clock.now()).toISOString(),
    definition: loaded.definition,
  };
  const runner = new GroupRunner({
    group,
    agents: agentsOf(options, clock),
    clock,
    journal: new MemoryJournal({ keep: false }),
    projects: options.projects ?? machineProjects(),
    projectKey,
    quota: options.quota ?? quotaOf(clock),
    env,
  });
  const attach = (stop: () => void) => handleOf(runner, stop);
  return {
    machine: runner.machine,
    input: (parent?: GroupInput['parent']): GroupInput => ({
      roster: runner.state.roster,
      ...(parent ? { parent } : {}),
    }),
    attach,
    start: (actor: GroupActor): SessionGroupHandle => {
      actor.subscribe({ error: error => runner.crashed(error) });
      actor.start();
      return attach(() => actor.stop());
    },
  };
}

function handleOf(runner: GroupRunner, stop: () => void): SessionGroupHandle {
  const rest = async (request: Promise<void>, resting: Promise<GroupResult>): Promise<GroupResult> => {
    resting.catch(() => {}); // the request's own error is the one to report
    const release = keepAlive(runner.clock);
    try {
      await request;
      return await resting;
    } finally {
      release();
    }
  };
  let disposed: Promise<void> | undefined;
  const dispose = async () => {
    if (LIVE.has(runner.status)) {
      const resting = runner.rest();
      await runner.request({ type: 'stop' }).catch(() => {});
      await resting.catch(() => {});
    }
    stop();
    runner.close();
  };
  return {
    id: runner.groupId,
    group: runner.group,
    events$: new SafeObservable(subscriber => {
      for (const event of runner.recorder.prelude) subscriber.next(event);
      return runner.recorder.events.subscribe(subscriber);
    }),
    progress$: progressStream(runner.recorder.changes, () => runner.progress.getProgress(), runner.clock),
    getProgress: () => runner.progress.getProgress(),
    getResult: () => runner.result(),
    async run() {
      await checkAgents(runner);
      return rest(runner.request({ type: 'run' }), runner.rest());
    },
    pause: ({ reason = 'manual' } = {}) => rest(runner.request({ type: 'pause', reason }), runner.rest()),
    async resume({ maxBudgetUsd } = {}) {
      if (maxBudgetUsd !== undefined) {
        await runner.request({ type: 'budget.change', limitMicroUsd: toMicroUsd(maxBudgetUsd) });
      }
      return rest(runner.request({ type: 'resume' }), runner.rest());
    },
    stop: () => rest(runner.request({ type: 'stop' }), runner.rest()),
    why: sessionId => runner.why(sessionId),
    dispose: () => (disposed ??= dispose()),
  };
}

/** A group that waits for another process's project has no timer of its own that would keep this one alive. */
function keepAlive(clock: Clock): () => void {
  if (clock !== systemClock) return () => {};
  const timer = setInterval(() => {}, LONGEST_TIMEOUT_MS);
  return () => clearInterval(timer);
}

const LIVE: ReadonlySet<string> = new Set(['running', 'pausing', 'stopping']);

/** Ids given out by this process; a store on disk also looks at its folders. */
const taken = new Set<string>();

function agentsOf(options: SessionGroupOptions, clock: Clock): ReadonlyMap<string, Agent> {
  const builtIn: Record<string, Agent> = {
    claude: createClaudeAgent({ clock }),
    command: createCommandAgent(clock),
    scripted: createScriptedAgent(clock),
  };
  return new Map(Object.entries({ ...builtIn, ...options.agents }));
}

let projects: ReturnType<typeof fileProjectGate> | undefined;

/** One gate for all groups of this process. */
function machineProjects() {
  projects ??= fileProjectGate({ clock: systemClock });
  return projects;
}

const quotas = new WeakMap<Clock, QuotaGate>();

/** Groups of one process share what they learn about an account. */
function quotaOf(clock: Clock): QuotaGate {
  const gate = quotas.get(clock) ?? new QuotaGate(clock);
  quotas.set(clock, gate);
  return gate;
}
