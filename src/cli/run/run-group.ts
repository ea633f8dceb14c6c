import type { GroupResult } from '../../sdk/group/progress.ts';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import { exitCodeOfResult } from '../exit-codes.ts';
import { type CliIo, watchReader } from '../io.ts';
import { startLiveView } from '../live/live-view.ts';
import type { CliServices, DrivenGroup } from '../services.ts';
import { canRedraw, lookOf } from '../terminal.ts';
import { type JsonOutput, resultLine, startJsonOutput } from './json-output.ts';
import { startPlainOutput } from './plain-output.ts';
import { bounded, takeSignals } from './signals.ts';
import { renderSummary } from './summary.ts';

export interface RunOutput {
  readonly json: boolean;
  readonly plain: boolean;
}

/** Runs the group in the foreground; resolves with the exit code once nothing of it is alive. */
export async function runGroup(
  definition: SessionGroupDefinition,
  output: RunOutput,
  io: CliIo,
  services: CliServices,
): Promise<number> {
  const handle = await services.createGroup(definition, { env: io.env });
  const json = output.json ? startJsonOutput(handle, io.stdout) : undefined;
  const view = json === undefined ? startView(handle, io, output.plain) : undefined;
  const note = view?.note ?? (line => void io.stderr.write(`${line}\n`));
  const signals = takeSignals(handle, io, note);
  // Without --json stdout gets the summary only, which a reader may leave unread.
  const release = json === undefined ? () => {} : watchReader(io.stdout, signals.readerGone);
  const crash = watchCrash(io);
  try {
    const ended = await Promise.race([handle.run(), signals.cut, crash.happened]);
    view?.finish();
    if (typeof ended === 'number') {
      // Nobody wants to wait any longer, not for a slow reader either.
      await bounded(json?.finish(resultLine(handle.getResult())) ?? Promise.resolve(), LAST_LINE_MS);
      return ended;
    }
    await tell(ended, definition.name, json, io);
    return exitCode(ended, signals.exitCode());
  } catch (error) {
    view?.finish();
    await json?.finish();
    throw error;
  } finally {
    release();
    await bounded(handle.dispose(), DISPOSE_MS);
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

/** The ladder of signals ends every process well before this. */
const DISPOSE_MS = 30_000;

interface View {
  note(line: string): void;
  finish(): void;
}

function startView(handle: DrivenGroup, io: CliIo, plain: boolean): View {
  if (!plain && canRedraw(io.stderr, io.env)) return startLiveView(handle, io);
  const { finish } = startPlainOutput(handle, io);
  return { finish, note: line => void io.stderr.write(`${line}\n`) };
}

async function tell(
  result: GroupResult,
  name: string,
  json: JsonOutput | undefined,
  io: CliIo,
): Promise<void> {
  if (json === undefined) io.stdout.write(renderSummary(name, result, lookOf(io.stdout, io.env)));
  else await json.finish(resultLine(result));
  if (result.status === 'paused' && !io.stdout.errored) io.stderr.write(`${pausedAdvice(result.reason)}\n`);
}

const PAUSED = 'Groups of this version live in memory only: this one ends here.';

function pausedAdvice(reason: string | undefined): string {
  if (reason === 'budget_exceeded') return `${PAUSED} Run it again with a higher --max-budget-usd.`;
  if (reason === 'agent_unavailable') return `${PAUSED} See \`session-groups doctor\`, then run it again.`;
  return `${PAUSED} Run it again to start over.`;
}

/** A signal from outside cut the run short, unless the group had settled by itself meanwhile. */
function exitCode(result: GroupResult, signalExit: number | undefined): number {
  const settled = result.status === 'completed' || result.status === 'failed';
  return signalExit === undefined || settled ? exitCodeOfResult(result) : signalExit;
}
