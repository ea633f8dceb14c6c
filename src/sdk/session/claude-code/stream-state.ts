import type { ErrorCode } from '../../../../machines/vocabulary.ts';
import type { UsageReport } from '../agent.ts';
import type { ResultMessage } from './messages.ts';

/** The client's own word for what went wrong, from its last error message. */
export interface ApiError {
  readonly kind: string;
  readonly text: string;
}

/** What one run of the client has said so far; `mapping.ts` writes it, `outcome.ts` judges by it. */
export interface StreamState {
  /** Init has been seen: the conversation exists. */
  started: boolean;
  version?: string;
  /** The last result, and the error that belongs to it. A run with background tasks prints two. */
  result?: ResultMessage;
  resultError?: ApiError;
  /** Error messages since the last result. */
  apiError?: ApiError;
  /** The account's limit is reached; epoch milliseconds when the client knows. */
  limit?: { readonly until?: number };
  /** Retrying cannot help: the process is to be ended. */
  fatal?: { readonly code: ErrorCode; readonly message: string };
  /** Replies that are being streamed: what is known of their usage, by message id. */
  readonly replies: Map<string, UsageReport>;
  /** The reply that streams now, of the session itself. */
  currentReply?: string;
  /** Model of a subagent, by the tool use that started it. */
  readonly subagentModels: Map<string, string>;
  /** Input of permission requests that wait for an answer. */
  readonly approvals: Map<string, Record<string, unknown>>;
  /** Lines that were no JSON, or not of the shape that their type has; for the log. */
  unreadable: number;
}

export const newStreamState = (): StreamState => ({
  started: false,
  replies: new Map(),
  subagentModels: new Map(),
  approvals: new Map(),
  unreadable: 0,
});
