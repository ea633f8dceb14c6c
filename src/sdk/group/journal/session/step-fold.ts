import type { PendingStep } from '../../../../../machines/contract.ts';
import {
  type Corrections,
  correctionOf,
  type SessionStatus,
  withCorrection,
} from '../../../../../machines/vocabulary.ts';
import { given } from '../../../given.ts';
import type { JournalRecord } from '../records.ts';
import { resultIn } from '../session-result.ts';
import type { StoredResult } from '../stored-result.ts';

/** What is left of a session's steps once its agent is done; part of the session's fold (fold-session.ts). */
interface Steps {
  /** Its result. */
  left: StoredResult | undefined;
  /** Its agent is done, and this is the step that is left. */
  step: PendingStep | undefined;
  /** How often its conversation was told of something to correct. */
  corrected: Corrections;
}

/** Applies a record of the session. */
export function applyToSteps(session: Steps, record: JournalRecord): void {
  switch (record.type) {
    case '_done':
      session.left = resultIn(record);
      session.step = record.step;
      break;
    case '_saved': {
      const { changedFiles, moreChangedFiles } = record;
      if (session.left) session.left = { ...session.left, ...given({ changedFiles, moreChangedFiles }) };
      break;
    }
    case '_status':
      if (session.step !== undefined && isStep(record.status)) session.step = record.status;
      break;
    case 'session_retrying':
      if (correctionOf(record.error.code) === undefined) break;
      session.step = undefined;
      session.corrected = withCorrection(session.corrected, record.error.code);
      break;
    default:
      break;
  }
}

const isStep = (status: SessionStatus): status is PendingStep =>
  status === 'saving' || status === 'verifying' || status === 'integrating';
