import { endedBadly } from '../../../machines/vocabulary.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import { given } from '../../sdk/given.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { deferred } from '../../sdk/process/deferred.ts';
import { heldIn, nextStep, resumedIn } from '../advice.ts';
import type { CliContext } from '../context.ts';
import { exitCodeOfResult, type ReportText, renderReport, reportOf } from '../exit-codes.ts';
import type { ShownResult } from '../groups/status.ts';
import { unsavedAdvice, unsavedIn } from '../groups/unsaved.ts';
import { type CliIo, watchReader } from '../io.ts';
import type { LiveView } from '../live/live-view.ts';
import { NO_NOTICES, notifyOf } from '../notify/notify-user.ts';
import type { DrivenGroup, ShownGroup } from '../services.ts';
import { canRedraw, lookOf } from '../terminal.ts';
import { actions } from './actions.ts';
import { type JsonOutput, resultLine, startJsonOutput } from './json-output.ts';
import { startPlainOutput } from './plain-output.ts';
import { bounded, takeSignals } from './signals.ts';
import { renderSummary } from './summary.ts';

export interface RunOutput {
  readonly json: boolean;
  readonly plain: boolean;
  /** Nothing is left of the group afterwards, so that there is nothing to advise. Default: false. */
  readonly passing?: boolean;
}

/**
 * Runs a group that this process owns in the foreground, open to requests of other processes. Resolves with the exit
 * code once all its processes have ended.
 *
 * @param begin asks the group to run, resume or retry; resolves when it is paused or settled.
 */
export async function runHere(
  group: DrivenGroup,
  begin: () => Promise<ShownResult>,
  output: RunOutput,
  context: CliContext,
): Promise<number> {
  const serving = async () => {
    try {
      await group.serve();
    } catch (error) {
      const why = textOfThrown(error);
      context.io.stderr.write(`warning: other processes cannot control this group: ${why}\n`);
    }
    try {
      return await begin();
    } finally {
      group.leave();
    }
  };
  return inForeground(group, serving, { ...output, elsewhere: false }, context);
}

/** Shows a group until `begin` resolves, whichever process runs it, and passes signals on to it. */
export async function inForeground(
  group: ShownGroup,
  begin: () => Promise<ShownResult>,
  output: RunOutput & { readonly elsewhere: boolean; readonly observing?: boolean },
  context: CliContext,
): Promise<number> {
  const { io } = context;
  const json = output.json ? startJsonOutput(group, io.stdout) : undefined;
  let taken = () => 0;
  const options = { ...output, taken: () => taken() };
  const view = json === undefined ? await startView(group, io, options) : undefined;
  const note = view?.note ?? (line => void io.stderr.write(`${line}\n`));
  const { elsewhere, observing } = output;
  const suspend = () => void suspended(group, view, io).catch(error => printReport(reportOf(error), io));
  const signals = takeSignals(group, io, { note, elsewhere, observing, suspend });
  taken = signals.taken;
  view?.onAction(actions(group, { ...signals, suspend }, note));
  // Without --json, stdout gets only the summary, which its reader may ignore.
  const release = json === undefined ? () => {} : watchReader(io.stdout, signals.readerGone);
  // An uncaught exception must not leave agents running: it fails the run, which disposes of the group.
  const crash = deferred<never>();
  crash.promise.catch(() => {}); // it may come when nothing awaits it any more
  const unwatchCrash = io.onCrash(crash.reject);
  let notices = NO_NOTICES;
  let isCut = false;
  try {
    if (!output.elsewhere) notices = await notifyOf(group, io, note);
    const run = begin().catch(error => (signals.isCut() ? signals.cut : Promise.reject(error)));
    const ended = await Promise.race([run, signals.cut, crash.promise]);
    view?.finish();
    if (typeof ended === 'number') {
      // The user wants to exit now: do not wait for a slow reader either.
      isCut = true;
      await bounded(json?.finish(resultLine(group.getResult())) ?? Promise.resolve(), LAST_LINE_MS);
      return ended;
    }
    await printEnd(ended, group, json, context, output.passing);
    return exitCode(ended, signals.exitCode());
  } catch (error) {
    view?.finish();
    await json?.finish();
    throw error;
  } finally {
    release();
    await bounded(
      group.dispose().catch(error => printReport(reportOf(error), io)),
      DISPOSE_MS,
    );
    await notices.finish(isCut);
    await view?.close();
    signals.release();
    unwatchCrash();
  }
}

const LAST_LINE_MS = 1_000;

/** Escalating signals end every process well before this. */
const DISPOSE_MS = 30_000;

interface View extends Pick<LiveView, 'note' | 'finish' | 'close' | 'onAction'> {
  /** Absent: nothing is drawn. */
  suspend?(): Promise<void>;
}

async function startView(
  group: ShownGroup,
  io: CliIo,
  {
    plain,
    elsewhere,
    observing = false,
    taken,
  }: RunOutput & { readonly elsewhere: boolean; readonly observing?: boolean; taken(): number },
): Promise<View> {
  if (!plain && canRedraw(io.stderr, io.env)) {
    const [{ startLiveView }, job] = await Promise.all([import('../live/live-view.ts'), io.job()]);
    return startLiveView(group, io, { elsewhere, observing, job, taken });
  }
  const { finish } = startPlainOutput(group, io);
  const note = (line: string) => void io.stderr.write(`${line}\n`);
  return { finish, note, async close() {}, onAction() {} };
}

/** What was started here does not run while this process is suspended. */
async function suspended(group: ShownGroup, view: View | undefined, io: CliIo): Promise<void> {
  const work = async () => {
    if (view?.suspend) return view.suspend();
    await (await io.job()).suspend(() => {});
  };
  await (group.whileSuspended?.(work) ?? work());
}

/** Prints the result of a group at rest on stdout, and what to do next on stderr, unless nothing is left of the group. */
export async function printEnd(
  result: ShownResult,
  group: Pick<ShownGroup, 'group' | 'getProgress' | 'history'>,
  json: JsonOutput | undefined,
  context: CliContext,
  passing = false,
): Promise<void> {
  const { io } = context;
  const { name, limitUsd, sessions } = group.getProgress();
  const rehearsal = isRehearsal(group.group);
  const look = { ...lookOf(io.stdout, io.env), rehearsal };
  if (json === undefined) io.stdout.write(renderSummary(name, result, look));
  else await json.finish(resultLine(result));
  const { storeError } = result;
  if (storeError !== undefined) printReport(storeError, io);
  if (passing) return;
  const resumed = await resumedIn(result.sessions, group.history);
  const { into, pr } = group.group.definition.config.integrate ?? {};
  const opensPullRequests = pr !== undefined;
  const left = { held: heldIn(sessions), rehearsal, opensPullRequests, ...given({ resumed, into }) };
  const next = nextStep({ ...result, ...left }, limitUsd);
  for (const line of [next, await unsavedAfter(result, context)])
    if (line !== undefined && !io.stdout.errored) io.stderr.write(`${line}\n`);
}

/** Reads the group only if it has a session that failed or was stopped. */
async function unsavedAfter(
  { groupId, sessions }: ShownResult,
  context: CliContext,
): Promise<string | undefined> {
  if (!Object.values(sessions).some(({ status }) => endedBadly(status))) return undefined;
  try {
    const store = await context.services.openStore(context.io.env);
    return unsavedAdvice(groupId, await unsavedIn(await store.read(groupId), context));
  } catch {
    return undefined; // the store's own error has been told
  }
}

const printReport = (report: ReportText, { stderr, env }: CliIo): void =>
  void stderr.write(renderReport(report, { debug: false, color: lookOf(stderr, env).color }));

/** The signal's exit code if a signal ended the run, unless the group has completed or failed meanwhile. */
function exitCode(result: ShownResult, signalExit: number | undefined): number {
  const settled = result.status === 'completed' || result.status === 'failed';
  return signalExit === undefined || settled ? exitCodeOfResult(result) : signalExit;
}
