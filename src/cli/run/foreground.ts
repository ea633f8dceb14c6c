import type { GroupProgress } from '../../sdk/group/progress/progress.ts';
import { nextStep } from '../advice.ts';
import { exitCodeOfResult, type ReportText, renderReport, reportOf } from '../exit-codes.ts';
import type { ShownResult } from '../groups/status.ts';
import { type CliIo, watchReader } from '../io.ts';
import { startLiveView } from '../live/live-view.ts';
import type { DrivenGroup, ShownGroup } from '../services.ts';
import { canRedraw, lookOf } from '../terminal.ts';
import { type JsonOutput, resultLine, startJsonOutput } from './json-output.ts';
import { startPlainOutput } from './plain-output.ts';
import { bounded, takeSignals } from './signals.ts';
import { renderSummary } from './summary.ts';

export interface RunOutput {
  readonly json: boolean;
  readonly plain: boolean;
}

/**
 * Runs a group that this process owns, in the foreground and open to requests of other processes; resolves with
 * the exit code once nothing of it is alive.
 *
 * @param begin asks the group to run, resume or retry; resolves when it is paused or settled.
 */
export async function runHere(
  group: DrivenGroup,
  begin: () => Promise<ShownResult>,
  output: RunOutput,
  io: CliIo,
): Promise<number> {
  const serving = async () => {
    try {
      await group.serve();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      io.stderr.write(`warning: other processes cannot control this group: ${why}\n`);
    }
    try {
      return await begin();
    } finally {
      group.leave();
    }
  };
  return inForeground(group, serving, { ...output, elsewhere: false }, io);
}

/** Shows a group until `begin` resolves, whichever process runs it; signals reach it. */
export async function inForeground(
  group: ShownGroup,
  begin: () => Promise<ShownResult>,
  output: RunOutput & { readonly elsewhere: boolean; readonly observing?: boolean },
  io: CliIo,
): Promise<number> {
  const json = output.json ? startJsonOutput(group, io.stdout) : undefined;
  const view = json === undefined ? startView(group, io, output) : undefined;
  const note = view?.note ?? (line => void io.stderr.write(`${line}\n`));
  const signals = takeSignals(group, io, {
    note,
    elsewhere: output.elsewhere,
    observing: output.observing,
    keys: view?.drawn ?? false,
  });
  // Without --json stdout gets the summary only, which a reader may leave unread.
  const release = json === undefined ? () => {} : watchReader(io.stdout, signals.readerGone);
  const crash = watchCrash(io);
  try {
    const ended = await Promise.race([begin(), signals.cut, crash.happened]);
    view?.finish();
    if (typeof ended === 'number') {
      // Nobody wants to wait any longer, not for a slow reader either.
      await bounded(json?.finish(resultLine(group.getResult())) ?? Promise.resolve(), LAST_LINE_MS);
      return ended;
    }
    await tell(ended, group.getProgress(), json, io);
    return exitCode(ended, signals.exitCode());
  } catch (error) {
    view?.finish();
    await json?.finish();
    throw error;
  } finally {
    release();
    await bounded(
      group.dispose().catch(error => tellReport(reportOf(error), io)),
      DISPOSE_MS,
    );
    signals.release();
    crash.release();
  }
}

/** A defect must not leave agents running behind it: it becomes an error of the run, which lets go of the group. */
function watchCrash(io: CliIo): { happened: Promise<never>; release: () => void } {
  let release: () => void = () => {};
  const happened = new Promise<never>((_, reject) => {
    release = io.onCrash(reject);
  });
  // It may come when nobody waits for it any more.
  happened.catch(() => {});
  return { happened, release };
}

const LAST_LINE_MS = 1_000;

const LOOKING_ON = 'q leaves, and the group goes on';
const LEAVING = 'q leaves, and the group goes on; Ctrl-C pauses it';

/** The ladder of signals ends every process well before this. */
const DISPOSE_MS = 30_000;

interface View {
  /** As a picture that is redrawn in place. */
  readonly drawn: boolean;
  note(line: string): void;
  finish(): void;
}

function startView(
  group: ShownGroup,
  io: CliIo,
  { plain, elsewhere, observing }: RunOutput & { readonly elsewhere: boolean; readonly observing?: boolean },
): View {
  if (!plain && canRedraw(io.stderr, io.env)) {
    const canLeave = elsewhere && io.stdin.isTTY === true;
    return {
      ...startLiveView(group, io, canLeave ? { footer: observing ? LOOKING_ON : LEAVING } : {}),
      drawn: true,
    };
  }
  const { finish } = startPlainOutput(group, io);
  return { finish, drawn: false, note: line => void io.stderr.write(`${line}\n`) };
}

/** The last words on a group that has come to rest: the result on stdout, what to do next on stderr. */
export async function tell(
  result: ShownResult,
  { name, limitUsd }: Pick<GroupProgress, 'name' | 'limitUsd'>,
  json: JsonOutput | undefined,
  io: CliIo,
): Promise<void> {
  if (json === undefined) io.stdout.write(renderSummary(name, result, lookOf(io.stdout, io.env)));
  else await json.finish(resultLine(result));
  const { storeError } = result;
  if (storeError !== undefined) tellReport(storeError, io);
  const next = nextStep(result, limitUsd);
  if (next !== undefined && !io.stdout.errored) io.stderr.write(`${next}\n`);
}

const tellReport = (report: ReportText, { stderr, env }: CliIo): void =>
  void stderr.write(renderReport(report, { debug: false, color: lookOf(stderr, env).color }));

/** A signal from outside cut the run short, unless the group had settled by itself meanwhile. */
function exitCode(result: ShownResult, signalExit: number | undefined): number {
  const settled = result.status === 'completed' || result.status === 'failed';
  return signalExit === undefined || settled ? exitCodeOfResult(result) : signalExit;
}
