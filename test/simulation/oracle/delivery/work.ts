import { type Corrections, NO_CORRECTIONS } from '../../../../machines/vocabulary.ts';
import type { Files, Observation } from '../../history.ts';
import { type Concern, type Court, fieldOf, listOf, textOf } from '../concern.ts';
import { RecordReader } from './record-reader.ts';
import { Repositories } from './repositories.ts';

interface Work {
  /** Its agent is done, and what follows is the engine's. */
  done: boolean;
  /** What was saved of it last; undefined: nothing since its agent was done. */
  result: string | undefined;
  integrated: boolean;
  /** How the last of its checks ended since then. */
  checked: 'green' | 'red' | undefined;
  /** How often its conversation was told of something to correct. */
  corrected: Corrections;
  /** What its conversation is to resolve. */
  theirs: string | undefined;
  /** The user had his hands in its tree. */
  disturbed: boolean;
  wrote: { readonly path: string; readonly text: string }[];
}

const CORRECTIONS = new Set(['verify_failed', 'merge_conflict']);

/** §5 (its tree), I5, I10: a session is completed once its work is saved, checked and merged; and none of it is lost. */
export function work(court: Court): Concern {
  const { truth } = court;
  const repositories = new Repositories();
  const reader = new RecordReader();
  const all = new Map<string, Work>();
  const commands = new Map<number, string>();
  /** Whatever agents wrote into trees that nobody has disturbed. */
  const written: { readonly session: string; readonly path: string; readonly text: string }[] = [];
  /** Somebody else has changed what is the engine's own, or the machine has forgotten it. */
  let meddled = false;
  let startedNow: number[] = [];
  let trees: readonly Files[] = [];

  function of(session: string): Work {
    const known = all.get(session) ?? fresh();
    all.set(session, known);
    return known;
  }

  function read(record: Readonly<Record<string, unknown>>, type: string): void {
    const session = textOf(record.sessionId);
    const one = of(session);
    switch (type) {
      case '_done':
        one.done = true;
        one.result = one.checked = undefined;
        one.integrated = false;
        return;
      case '_result':
        saved(session, one, textOf(fieldOf(record.order, 'commit')));
        return;
      case '_merging':
      case 'session_verified':
        one.checked = type === 'session_verified' ? 'green' : one.checked;
        return;
      case 'session_integrated':
        one.integrated = true;
        return;
      case 'session_conflict':
        conflict(session, record);
        return;
      case 'session_retrying':
        retrying(session, one, textOf(fieldOf(record.error, 'code')));
        return;
      case 'session_warning':
        warned(session, one, textOf(record.message));
        return;
      case 'session_paused':
      case 'quota_limited':
        left(session, one);
        return;
      case 'session_failed':
        failed(session, one, textOf(fieldOf(record.error, 'code')));
        return;
      case 'session_completed':
        completed(session, one);
        return;
      case 'group_retried':
        for (const id of listOf(record.sessions)) {
          const { wrote, disturbed } = of(id);
          all.set(id, { ...fresh(), disturbed, wrote: record.fresh === true ? [] : wrote });
        }
        return;
    }
  }

  function saved(session: string, one: Work, commit: string): void {
    const { theirs } = one;
    if (theirs !== undefined && !repositories.contains(commit, theirs))
      court.report('§5 tree', `${session} is saved without the conflict that it was to resolve`);
    one.theirs = undefined;
    one.result = commit;
    one.integrated = false;
    const files = repositories.commits.get(commit)?.files ?? {};
    const missing = one.disturbed
      ? undefined
      : one.wrote.find(({ path, text }) => !files[path]?.includes(text));
    if (missing) court.report('§5 tree', `${session} is saved without what it wrote in ${missing.path}`);
  }

  function conflict(session: string, record: Readonly<Record<string, unknown>>): void {
    const [ours, theirs] = [textOf(record.ours), textOf(record.theirs)];
    const isOne = repositories.contains(ours, theirs) || repositories.contains(theirs, ours);
    if (listOf(record.files).length === 0 || isOne)
      court.report('§5 tree', `${session} is said to be in conflict, and is not`);
    if (truth.definition.delivery?.onConflict === 'resolve') of(session).theirs = theirs;
    authors(session, listOf(record.with), listOf(record.files), theirs);
  }

  /** It is with those who wrote what is there. */
  function authors(
    session: string,
    named: readonly string[],
    files: readonly string[],
    theirs: string,
  ): void {
    const repository = truth.graph.session(session)?.repository;
    for (const id of named) {
      const { result } = of(id);
      const isThere = result !== undefined && repositories.contains(theirs, result);
      if (id === session || truth.graph.session(id)?.repository !== repository || !isThere)
        court.report('§5 tree', `${session} is said to be in conflict with ${id}, which has not merged`);
    }
    const there = repositories.commits.get(theirs)?.files ?? {};
    const author = written.find(
      ({ session: id, path, text }) =>
        id !== session && files.includes(path) && there[path]?.includes(text) && of(id).integrated,
    );
    if (author && named.length === 0)
      court.report('§5 tree', `${session} is in conflict with ${author.session}, which is not said`);
  }

  /** Nobody but the engine touches what is its own, unless that is seen. */
  function warned(session: string, one: Work, message: string): void {
    if (/is not saved anywhere else/.test(message)) one.disturbed = true;
    const isBlocked = /^cannot be merged without you: (?!conflict)/.test(message);
    if (isBlocked && !meddled && !court.trouble.disk)
      court.report('§5 tree', `${session} is not as it was left, and nobody has meddled with it`);
  }

  /** An attempt has ended that was not done: what is in the tree is saved elsewhere before anybody hears of that. */
  function left(session: string, { wrote, disturbed }: Work): void {
    const run = court.runs.last(session);
    const ended = run?.end && /^(interrupted|failed|limited)$/.test(run.end.outcome);
    if (!ended || disturbed || court.processes.get(run.pid)?.state !== 'alive') return;
    const missing = wrote.find(({ path, text }) => !repositories.keeps(path, text));
    if (missing)
      court.report(
        '§5 tree',
        `an attempt of ${session} ends, and ${missing.path} is not saved anywhere else`,
      );
  }

  function mostCorrections(): Corrections {
    const { verify } = truth.definition.delivery ?? {};
    return { checks: verify ? verify.attempts - 1 : 0, conflicts: 3 };
  }

  function retrying(session: string, one: Work, code: string): void {
    if (!CORRECTIONS.has(code)) left(session, one);
    if (!CORRECTIONS.has(code)) return;
    one.done = false;
    const of = code === 'merge_conflict' ? 'conflicts' : 'checks';
    const times = one.corrected[of] + 1;
    one.corrected = { ...one.corrected, [of]: times };
    if (times > mostCorrections()[of])
      court.report('§5 tree', `${session} is told ${times} times of what is wrong`);
    if (code === 'verify_failed') one.theirs = undefined;
    if (code === 'verify_failed' && one.checked === 'green')
      court.report('§5 tree', `${session} is told that its checks fail, and they did not`);
  }

  function failed(session: string, one: Work, code: string): void {
    const left = mostCorrections().checks - one.corrected.checks;
    if (code === 'verify_failed' && one.checked === 'red' && left > 0 && !one.disturbed)
      court.report('§5 tree', `${session} fails by its checks, and could have been told ${left} times more`);
  }

  function completed(session: string, one: Work): void {
    const { delivery } = truth.definition;
    if (delivery === undefined) return;
    if (delivery.trees && one.result === undefined)
      court.report('§5 tree', `${session} is completed, and was not saved`);
    if (delivery.verify && one.checked !== 'green')
      court.report('§5 tree', `${session} is completed, and was not checked`);
    if (delivery.integrate === 'merge' && !one.integrated)
      court.report('§5 tree', `${session} is completed, and was not merged`);
  }

  function commandEnded({ command, outcome }: Extract<Observation, { kind: 'command.ended' }>): void {
    const session = commands.get(command);
    if (session !== undefined && (outcome === 'green' || outcome === 'red')) of(session).checked = outcome;
  }

  return {
    see(observation) {
      repositories.see(observation);
      switch (observation.kind) {
        case 'journal': {
          const { records, again } = reader.read(observation);
          if (again) all.clear();
          for (const record of records) read(record, record.type);
          return;
        }
        case 'agent.started':
          startedNow.push(observation.run);
          return;
        case 'agent.wrote': {
          const { session, path, text } = observation;
          of(session).wrote.push({ path, text });
          written.push({ session, path, text });
          return;
        }
        case 'command.started':
          if (!observation.setup) commands.set(observation.command, observation.session);
          return;
        case 'command.ended':
          commandEnded(observation);
          return;
        case 'fault':
          if (/power|moved$/.test(observation.what)) meddled = true;
          return;
        case 'tree.disturbed':
          meddled = true;
          of(observation.session).disturbed = true;
          return;
        case 'trees':
          trees = Object.values(observation.trees);
          return;
      }
    },
    step() {
      for (const id of startedNow) {
        const run = court.runs.all.get(id);
        const isOver = run?.end?.step === court.step;
        if (run && !isOver && of(run.session).done && !court.trouble.disk)
          court.report('§5 tree', `${run.session} is started again, and its agent was done`);
      }
      startedNow = [];
    },
    end() {
      for (const { session, path, text } of written) {
        if (of(session).disturbed || trees.some(files => files[path]?.includes(text))) continue;
        if (!repositories.keeps(path, text))
          court.report('§5 tree', `what ${session} wrote in ${path} is lost`);
      }
    },
  };
}

const fresh = (): Work => ({
  ...{ done: false, result: undefined, integrated: false, checked: undefined, corrected: NO_CORRECTIONS },
  ...{ theirs: undefined, disturbed: false, wrote: [] },
});
