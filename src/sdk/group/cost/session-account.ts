import type { AttemptAccount } from './attempt-account.ts';
import type { LiveSpend, SessionLedger } from './session-ledger.ts';

/** What a session has spent. */
export interface SessionAccount {
  /** Of ended attempts. What is certain of it only grows. */
  ended: SessionLedger;
  attempt: AttemptAccount | undefined;
  /** Of an attempt that may live on since another engine has followed it; part of `ended` until it is adopted. */
  live?: LiveSpend | undefined;
}

export const costIn = (account: SessionAccount | undefined): number =>
  account ? account.ended.settled + (account.attempt?.cost ?? 0) : 0;

export const guessedIn = (account: SessionAccount | undefined): number =>
  account ? (account.ended.guessed ?? 0) + (account.attempt?.guessed ?? 0) : 0;
