import type { PendingStep, SessionContext } from '../../../../machines/contract.ts';
import { type Corrections, NO_CORRECTIONS, type SessionError } from '../../../../machines/vocabulary.ts';
import type { PermissionDenial } from '../../session/usage.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import { restoredResult } from '../journal/session-result.ts';
import type { StoredResult } from '../journal/stored-result.ts';
import type { TreeWatcher } from '../tree/tree-host.ts';

/** What a session's run carries from one attempt to the next. */
export class RunState {
  /** Its result, once completed. */
  left: StoredResult | undefined;
  denials: readonly PermissionDenial[] = [];
  error: SessionError | undefined;
  attempts = 0;
  failures = 0;
  /** The conversation's agent was asked to go on after it was done without a word. */
  askedToGoOn = false;
  /** How many attempts in a row were lost with their workers. */
  losses = 0;
  /** Its agent is done, and this step is left. */
  step: PendingStep | undefined;
  /** How often its conversation was told of something to correct. */
  corrected: Corrections = NO_CORRECTIONS;
  /** What was wrong with the conversation's last output. */
  invalidOutput: string | undefined;

  /** What its tree changes of it. */
  protected watcher(recount: TreeWatcher['recount']): TreeWatcher {
    const run = this;
    return {
      saved: changed => {
        if (this.left) this.left = { ...this.left, ...changed };
      },
      recount,
      get changed() {
        return run.left?.changedFiles && { changedFiles: run.left.changedFiles };
      },
    };
  }

  protected restoreState(from: SessionFold, logDir: () => string | undefined): void {
    const { attempts, failures, askedToGoOn, losses, step, corrected, error, invalidOutput } = from;
    Object.assign(this, { attempts, failures, askedToGoOn, losses, step, corrected, error, invalidOutput });
    this.left = from.left && restoredResult(from.left, logDir);
  }

  protected takeState(from: RunState): void {
    const { attempts, failures, askedToGoOn, losses, left, denials, error, step, corrected } = from;
    Object.assign(this, { attempts, failures, askedToGoOn, losses, left, denials, error, step, corrected });
    this.invalidOutput = from.invalidOutput;
  }

  /** As its chart has counted. */
  protected beginState(from: SessionContext): void {
    this.attempts = from.attempts;
    this.failures = from.failures;
    this.askedToGoOn = from.askedToGoOn ?? false;
    this.losses = from.losses ?? 0;
    this.corrected = from.corrected ?? NO_CORRECTIONS;
  }

  protected reopenState(): void {
    this.failures = 0;
    this.askedToGoOn = false;
    this.losses = 0;
    this.step = undefined;
    this.corrected = NO_CORRECTIONS;
    this.error = undefined;
  }
}
