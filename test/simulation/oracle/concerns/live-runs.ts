import type { Observation, Pid, RunId } from '../../history.ts';
import { type Concern, type Court, isStart } from '../concern.ts';

/** How long after the death of an engine its agents may live (I7). */
const REAPED_WITHIN = 2_000;
/** A session of another group. */
const OTHER = 'a session of the neighbour';

/** I1, I3, I6, I7 and I12, by the logs of the agents: which of them live at one time. */
export function liveRuns(court: Court): Concern {
  const { truth, runs, neighbours } = court;
  /** The group was running at some time in this step. */
  let ran = false;
  let startedNow: RunId[] = [];
  /** Engines without a reaper that died, and that nobody has taken over from: their agents live on. */
  const unclaimed = new Set<Pid>();

  /** How many lived when each run of this step started: what may live is known with the step's end. */
  let crowds: {
    readonly session: string;
    readonly project: string;
    readonly all: number;
    readonly inside: number;
  }[] = [];
  let definition = truth.definition;

  function started(seen: Extract<Observation, { kind: 'agent.started' }>): void {
    startedNow.push(seen.run);
    const twice = runs.liveOf(seen.session).filter(run => run.id !== seen.run);
    if (twice.length > 0) court.report('I1', `${seen.session} runs twice at once`);
    const { session, project } = seen;
    shared(seen.pid, session);
    crowds.push({ session, project, all: runs.live.size, inside: runs.inProject(project) });
    for (const run of runs.live.values()) {
      if (run.pid === seen.pid) continue;
      const other = court.processes.get(run.pid);
      if (other?.state === 'alive' || other?.state === 'frozen') {
        court.report('I12', `${seen.session} starts in ${seen.pid}, and ${run.pid} runs ${run.session}`);
      } else {
        court.report('I7', `${seen.session} starts, and ${run.session} of a dead engine is alive`);
      }
    }
    const state = court.processes.get(seen.pid)?.state;
    if (state !== 'alive')
      court.report('I6', `${seen.session} starts in a process that is ${state ?? 'unknown'}`);
  }

  /** I3, across the groups of a manager. */
  function shared(pid: Pid, session: string): void {
    const slots = neighbours.slots.get(pid);
    if (slots === undefined) return;
    let all = neighbours.liveIn(pid);
    for (const run of runs.live.values()) if (run.pid === pid) all++;
    if (all > slots)
      court.report('I3', `${session} starts as number ${all} of its manager, and ${slots} may run`);
  }

  function crowded(): void {
    // An update in this step: what started before it went by the definition before.
    const slots = Math.max(definition.maxConcurrent, truth.definition.maxConcurrent);
    const places = Math.max(definition.maxPerProject, truth.definition.maxPerProject);
    for (const { session, project, all, inside } of crowds) {
      if (all > slots) court.report('I3', `${session} starts as number ${all}, and ${slots} may run`);
      if (inside > places) {
        court.report(
          'I3',
          `${session} starts as number ${inside} in ${project}, and ${places} may run there`,
        );
      }
    }
    crowds = [];
    definition = truth.definition;
  }

  /** Whether the engine of a run that is alive is there; where it is not, the run must end. */
  function hasOwner(pid: Pid, session: string): boolean {
    const process = court.processes.get(pid);
    if (process?.state === 'exited' && court.at > process.since) {
      court.report('I7', `${session} outlives its engine's exit`);
    } else if (process?.state === 'crashed' && process.reaped && court.at > process.since + REAPED_WITHIN) {
      court.report('I7', `${session} lives more than two seconds after its engine's death`);
    }
    return process?.state === 'alive' || process?.state === 'frozen';
  }

  return {
    see(observation) {
      if (truth.status === 'running') ran = true;
      if (observation.kind === 'agent.started') started(observation);
      else if (observation.kind === 'neighbour.started') shared(observation.pid, OTHER);
      else if (observation.kind === 'process.crashed' && !observation.reaped) unclaimed.add(observation.pid);
      // Only an owner accepts.
      else if (observation.kind === 'answer' && observation.outcome === 'accepted') unclaimed.clear();
    },
    before(event) {
      if (truth.status === 'running') ran = true;
      if (isStart(event)) return;
      const ended = /^session_(completed|failed|stopped|skipped)$/.test(event.type);
      if (!ended) return;
      const session = String(event.sessionId);
      for (const run of runs.liveOf(session)) {
        // A run that started later in the same step belongs to a later event.
        if (run.startedStep !== court.step)
          court.report('I7', `${session} has settled, and a run of it is alive`);
      }
    },
    after() {
      if (truth.status === 'running') ran = true;
    },
    step() {
      if (truth.status === 'running') ran = true;
      if (startedNow.length > 0 && !ran && !court.trouble.disk) {
        const sessions = startedNow.map(id => runs.all.get(id)?.session).join(', ');
        court.report('I6', `${sessions} starts in a group that is ${truth.status}`);
      }
      ran = truth.status === 'running';
      startedNow = [];
      crowded();
      const resting = truth.settled || truth.status === 'paused' || truth.status === 'created';
      for (const run of runs.live.values()) {
        if (!hasOwner(run.pid, run.session)) continue;
        if (resting && !court.trouble.disk) {
          court.report('I7', `${run.session} is alive in a group that is ${truth.status}`);
        }
      }
      for (const pid of neighbours.live.values()) hasOwner(pid, OTHER);
    },
    end() {
      for (const { pid, session } of runs.live.values()) {
        if (!unclaimed.has(pid)) court.report('I7', `${session} is alive at rest`);
      }
      for (const pid of neighbours.live.values()) {
        if (court.processes.get(pid)?.state !== 'crashed') court.report('I7', `${OTHER} is alive at rest`);
      }
    },
  };
}
