import type { End } from './graph.ts';

export type SessionStatus =
  | 'pending'
  | 'running'
  | 'awaiting_approval'
  | 'retrying'
  | 'quota_wait'
  | 'paused'
  | 'completed'
  | 'failed'
  | 'stopped'
  | 'skipped';

export interface SessionTruth {
  readonly id: string;
  status: SessionStatus;
  /** It has been admitted since it was last opened, and has not settled. */
  inPlay: boolean;
  /** It has settled, and was opened again by a retry. */
  reopened: boolean;
  end: End | undefined;
  errorCode: string | undefined;
  /** Attempts that were journalled. */
  attempts: number;
  /** Failures that count toward `maximumAttempts`. */
  failures: number;
  microUsd: number;
  /** By a reconciled figure after which its engine may have died: it has kept this figure, or the one before. */
  reconciledTo: number | undefined;
  estimated: boolean;
  conversation: string | undefined;
  /** The next attempt begins a new conversation. */
  fresh: boolean;
  request: { readonly id: string; readonly tool: string } | undefined;
  retry: { readonly due: number; readonly code: string; readonly attempt: number } | undefined;
  /** When its last attempt started, by the journal. */
  started: number;
  /** A person holds it, as far as the answers to requests say. */
  held: boolean;
  /** The step in which that was last asked for: what is journalled in it may have happened before. */
  heldIn: number;
  /** Requests to hold it or to let it go on that may have been carried out: they have no answer, or none that says so. */
  readonly disputed: Set<number>;
}

/** As it is before anything has happened, and after a retry. */
export function opened(id: string): SessionTruth {
  return {
    id,
    status: 'pending',
    inPlay: false,
    reopened: false,
    end: undefined,
    errorCode: undefined,
    attempts: 0,
    failures: 0,
    microUsd: 0,
    reconciledTo: undefined,
    estimated: false,
    conversation: undefined,
    fresh: false,
    request: undefined,
    retry: undefined,
    started: Number.NaN,
    held: false,
    heldIn: Number.NaN,
    disputed: new Set(),
  };
}

/** Whether it is held, as far as that is known. */
export const isSurelyHeld = ({ held, disputed }: SessionTruth, expected: boolean): boolean =>
  held === expected && disputed.size === 0;
