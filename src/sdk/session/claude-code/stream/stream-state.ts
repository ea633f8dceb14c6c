import type { ErrorCode } from '../../../../../machines/vocabulary.ts';
import type { UsageReport } from '../../agent.ts';
import { unreadFields } from '../../stream-json/unread-fields.ts';
import { NO_TOKENS, type Tokens } from '../../usage.ts';
import type { Author } from '../end/client-text.ts';
import { newRefusals, type Refusals } from '../end/refusals.ts';
import type { Waits } from '../end/waiting-tools.ts';
import type { ResultMessage } from './messages.ts';

/** The client's own name for an API error, from its last error message. */
export interface ApiError {
  readonly kind: string;
  readonly text: string;
}

/** The output of one run of the client so far; `mapping.ts` updates it, `outcome.ts` evaluates it. */
export interface StreamState {
  /** Init has been seen: the conversation exists. */
  started: boolean;
  /** The id that the client was given. */
  readonly conversationId: string;
  version?: string;
  /** The last result, and the error that belongs to it. A run with background tasks prints two. */
  result?: ResultMessage;
  resultError?: ApiError;
  /** It was a line of its own, and all of it could be read. */
  resultAlone: boolean;
  /** What it says about itself; clients that aren't asked to say it never do. */
  sessionState?: string;
  /** It has worked since the last result. */
  worksOn: boolean;
  /** The session's own last text since its last tool, and who wrote it. */
  lastText: string;
  lastTextBy?: Author;
  /** Its text that has been streamed, as long as no message has said it. */
  streamed: string;
  /** What the client has written in the model's place since the model's last reply. */
  clientText: string;
  readonly waits: Waits;
  /** The model has answered at least once. */
  replied: boolean;
  /** What kept the turn from running, or from being accepted as ended. */
  prevented?: string;
  readonly refusals: Refusals;
  /** The session's own error since its last reply and its last result. */
  apiError?: ApiError;
  /** The account's usage limit is reached; epoch milliseconds if the client knows. */
  limit?: { readonly until?: number };
  /** Retrying can't help: the process has to be ended. */
  fatal?: { readonly code: ErrorCode; readonly message: string };
  /** Digests of results so far, and uuids of lines of subagents: lines may be repeated. */
  readonly results: Set<string>;
  readonly subagentLines: Set<string>;
  /** What earlier results of this run have reported of its own cost; undefined if one of them has not. */
  spent: { readonly costUsd: number; readonly tokens: Tokens; readonly complete: boolean } | undefined;
  /** Usage has been shown since the last result. */
  spentSince: boolean;
  /** Usage of replies so far, by message id. */
  readonly replies: Map<string, UsageReport>;
  /** The session's own reply that is being streamed. */
  currentReply?: string;
  /** Model of a subagent, by the tool use that started it. */
  readonly subagentModels: Map<string, string>;
  /** What it printed last, if that is no message. */
  lastPlain: string;
  /** It was over, and has been told to exit: what it says on its way out opens nothing again. */
  leaving: boolean;
  /** Unanswered permission requests. */
  readonly approvals: Map<string, Approval>;
  readonly unreadFields: ReturnType<typeof unreadFields>;
  /** Number of lines that weren't JSON or didn't have the shape of their type; for the log. */
  unreadable: number;
}

export interface Approval {
  readonly tool: string;
  readonly toolUseId: string | undefined;
  readonly input: Record<string, unknown>;
}

/** `asks`: the client asks the host for permissions. */
export const newStreamState = (asks = false, conversationId = ''): StreamState => ({
  started: false,
  conversationId,
  resultAlone: false,
  worksOn: false,
  lastText: '',
  streamed: '',
  clientText: '',
  waits: new Map(),
  replied: false,
  refusals: newRefusals(asks),
  results: new Set(),
  subagentLines: new Set(),
  spent: { costUsd: 0, tokens: NO_TOKENS, complete: true },
  spentSince: false,
  replies: new Map(),
  subagentModels: new Map(),
  lastPlain: '',
  leaving: false,
  approvals: new Map(),
  unreadFields: unreadFields('Claude Code'),
  unreadable: 0,
});
