import { CommanderError } from 'commander';
import type { ThrownCode } from '../sdk/error-codes.ts';
import { AgentUnavailableError, RefusedError, SessionGroupsError, textOfThrown } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import type { UnmergedWork } from '../sdk/group/delivery/delivered.ts';
import { UnmergedWorkError } from '../sdk/group/delivery/unmerged.ts';
import type { Diagnostic } from '../sdk/group/document/diagnostics.ts';
import { DefinitionError } from '../sdk/group/document/diagnostics.ts';
import { renderDiagnostics } from '../sdk/group/document/render-diagnostic.ts';
import { GroupOwnedError } from '../sdk/group/store/store.ts';
import { failedByLogin, type ShownResult } from './groups/status.ts';
import type { CliSignal } from './io.ts';
import { cleanBlock } from './text.ts';

/** The exit codes of results and errors (design-docs/spec-session-groups.md §11). */
export const EXIT = {
  completed: 0,
  failed: 1,
  usage: 2,
  paused: 3,
  agentUnavailable: 4,
  refused: 5,
} as const;

/** 128 plus the signal's number, as a shell reports it. */
export const SIGNAL_EXIT: Readonly<Record<CliSignal | 'SIGPIPE', number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGPIPE: 141,
  SIGTERM: 143,
};

/** A group that can be resumed exits as paused, whatever interrupted it. */
export function exitCodeOfResult(result: ShownResult): number {
  const { status, storeError } = result;
  // It has ended, but the journal does not have it: the next owner finds the group interrupted.
  if (storeError !== undefined) return EXIT.paused;
  if (status === 'completed') return EXIT.completed;
  if (status === 'created' || status === 'interrupted') return EXIT.paused;
  if (failedByLogin(result)) return EXIT.agentUnavailable;
  if (status !== 'paused') return EXIT.failed;
  return result.reason === 'agent_unavailable' ? EXIT.agentUnavailable : EXIT.paused;
}

/** A wrong invocation that neither commander nor the definition's validation detects. */
export class UsageError extends SessionGroupsError {
  override readonly name = 'UsageError';

  constructor(message: string, hint?: string, code: ThrownCode = 'usage') {
    super(code, message, hint === undefined ? {} : { hint });
  }
}

/** For errors before anything is started, such as a busy port or a missing package. */
export function asUsage(error: unknown): never {
  if (!(error instanceof SessionGroupsError)) throw error;
  throw new UsageError(error.message, error.hint, error.code);
}

/** An error as it is shown to a person. */
export interface ReportText {
  readonly message: string;
  readonly hint?: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly stack?: string;
}

/** An error, ready to be printed as text or JSON. */
export interface ErrorReport extends ReportText {
  readonly exitCode: number;
  /** `internal`: an unexpected error. */
  readonly code: ThrownCode | 'internal';
  /** What would be lost. */
  readonly work?: readonly UnmergedWork[];
}

export function reportOf(error: unknown): ErrorReport {
  const stack = error instanceof Error && error.stack !== undefined ? { stack: stackOf(error) } : {};
  if (error instanceof CommanderError) {
    return { exitCode: EXIT.usage, code: 'usage', message: error.message.replace(/^error: /, ''), ...stack };
  }
  if (error instanceof SessionGroupsError) {
    const { code, message, hint } = error;
    const diagnostics = error instanceof DefinitionError ? error.diagnostics : undefined;
    const work = error instanceof UnmergedWorkError ? error.work : undefined;
    return {
      exitCode: exitCodeOfError(error),
      ...given({ code, message, hint, diagnostics, work }),
      ...stack,
    };
  }
  const message = textOfThrown(error);
  return {
    exitCode: EXIT.failed,
    code: 'internal',
    message: `unexpected error: ${message}`,
    hint: 'This is a bug in session-groups. Run it again with --debug to see the stack trace.',
    ...stack,
  };
}

/** Lines for stderr, sanitized; with the stack trace only if `debug`. */
export function renderReport(report: ReportText, options: { debug: boolean; color: boolean }): string {
  const lines = report.diagnostics?.length
    ? [renderDiagnostics(report.diagnostics, options)]
    : [cleanBlock(`error: ${report.message}`)];
  if (report.hint !== undefined) lines.push(cleanBlock(`hint: ${report.hint}`));
  if (options.debug && report.stack !== undefined) lines.push(cleanBlock(report.stack));
  return `${lines.join('\n')}\n`;
}

/** The line of `--json`. */
export function reportLine(report: ErrorReport, debug: boolean): Record<string, unknown> {
  const { code, message, hint, diagnostics, work, stack } = report;
  return { type: 'error', code, message, hint, diagnostics, work, ...(debug ? { stack } : {}) };
}

function exitCodeOfError(error: SessionGroupsError): number {
  if (error instanceof DefinitionError || error instanceof UsageError) return EXIT.usage;
  if (error instanceof AgentUnavailableError) return EXIT.agentUnavailable;
  if (error instanceof RefusedError || error instanceof GroupOwnedError) return EXIT.refused;
  return EXIT.failed;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
