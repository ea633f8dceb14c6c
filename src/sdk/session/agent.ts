import type { z } from 'zod';
import type { ErrorCode } from '../../../machines/vocabulary.ts';
import type { ThrownCode } from '../error-codes.ts';
import type { ResolvedAgent } from './agent-config.ts';
import type { AgentCapabilities, AgentKind } from './agent-kinds.ts';
import type { PermissionsConfig, SettingSource } from './permissions.ts';
import type { PermissionDenial, Tokens } from './usage.ts';

/**
 * The port to the programs that do the work, such as Claude Code. The conformance suite in `session-groups/testing`
 * checks the rules that every implementation follows:
 *
 * AGENT-1 `start` returns before anything is emitted.
 * AGENT-2 each attempt emits `ended` exactly once, as its last event; by then its process tree has gone.
 * AGENT-3 `interrupt`, `terminate` and `kill` may be called in any order, any number of times, even after the end.
 *    Each is stronger than the one before; `kill` always ends the attempt.
 * AGENT-4 bad input, a missing program or a broken stream ends the attempt with an error code; nothing is thrown.
 * AGENT-5 a resumed conversation continues where it was interrupted, as far as `capabilities.resume` promises.
 * AGENT-6 with `capabilities.messages`, what `send` brings becomes a user message of the conversation, in the order of the
 *    calls, and `message_delivered` says so. Of messages with one id, a conversation takes one, whichever attempt brings
 *    it; each is answered. What can't be taken any more is neither taken nor answered.
 */
export interface Agent {
  readonly kind: AgentKind | (string & {});
  readonly capabilities: AgentCapabilities;
  /**
   * What `options` of the agent's own kind may be. The parsed value is stored with the group as JSON, which the schema has
   * to accept again, and an attempt gets it parsed. `defineAgent` infers its type. Default: any JSON value, as it is.
   */
  readonly optionsSchema?: z.core.$ZodType;
  /** Finds the program and its version without starting work. Absent: the agent is always ready. */
  check?(options?: { readonly agent?: ResolvedAgent; readonly signal?: AbortSignal }): Promise<AgentCheck>;
  /** Starts one attempt. Events reach `sink` from the next turn of the event loop on. */
  start(spec: AttemptSpec, sink: (event: AgentEvent) => void): Attempt;
}

/** Whether an agent is ready to start work, and if not, what to do. */
export type AgentCheck =
  | {
      readonly ok: true;
      readonly version?: string;
      readonly path?: string;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly code: ThrownCode; readonly message: string; readonly hint: string };

/** Everything an attempt needs, as plain data that could be sent to another machine. */
export interface AttemptSpec {
  readonly groupId: string;
  readonly sessionId: string;
  /** 1 for the first attempt; counts every start, resumed ones included. */
  readonly attempt: number;
  /** What the definition says of the agent; of an own kind, `options` as its schema has parsed them. */
  readonly agent: ResolvedAgent;
  /** Absolute path of the project; the working directory. */
  readonly cwd: string;
  readonly conversation: {
    /** Chosen by the engine; a UUID. */
    readonly id: string;
    /** Whether an earlier attempt got as far as having a conversation. */
    readonly exists: boolean;
    /** True: `prompt` is a short request to continue. False: it is the original prompt. */
    readonly resume: boolean;
    /**
     * The engine died during the conversation's last turn: if the agent can rerun that turn by itself, `prompt` is only
     * sent when it doesn't. Default: false.
     */
    readonly interruptedTurn?: boolean;
  };
  readonly prompt: string;
  /** Sent instead of `prompt` if the conversation turns out not to exist. */
  readonly originalPrompt: string;
  /** The prompt contains text that no person typed, which must not act as a command or file reference. */
  readonly composed: boolean;
  readonly model?: string;
  /** Spending cap of this attempt in USD, as a backstop; absent under `warn` and without a limit. */
  readonly maxBudgetUsd?: number;
  readonly permissions: PermissionsConfig;
  readonly settingSources: readonly SettingSource[];
  /** What was generated for the session. Default: nothing. */
  readonly config?: AttemptConfig;
  /** JSON Schema for the attempt's `output`; the agent is told about it, the engine validates. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  /** The complete environment of the process, references already resolved. Never written to the journal. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * What no log and no message of a failure may contain, by name: the values of the session's `env`, of its login, and of
   * its MCP servers' variables and headers. The engine always sets it.
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Folder of the session on disk, for stderr and transcript; absent: neither is written. See the capability `logs`. */
  readonly logDir?: string;
}

/** Generated configuration for the agent: absolute paths, each absent if nothing was generated. */
export interface AttemptConfig {
  /** Text that is appended to the agent's instructions. */
  readonly instructionsFile?: string;
  /** The conversation began with a different configuration. Default: false. */
  readonly instructionsChanged?: boolean;
  readonly settingsFile?: string;
  /** Contains references to environment variables instead of secrets. */
  readonly mcpConfigFile?: string;
  /** Names of the servers in it; defining a server allows its tools. Default: none. */
  readonly mcpServers?: readonly string[];
  /** A local plugin with the session's commands. */
  readonly pluginDir?: string;
  /** The session's own config folder, used instead of the user's. */
  readonly configDir?: string;
}

/** The engine's control over a live attempt; each verb may be called at any time, any number of times. */
export interface Attempt {
  readonly pid?: number;
  /** The gentlest way to stop that lets the conversation be resumed. */
  interrupt(): void;
  /** SIGTERM, or the nearest equivalent. */
  terminate(): void;
  /** SIGKILL to the whole tree. */
  kill(): void;
  /**
   * `message`: why it is denied; or, of questions that are allowed, the answer to them, one line for each of several.
   * `answers`: of questions that are allowed, what answers each, in their order.
   */
  answerPermission(
    requestId: string,
    decision: 'allow' | 'deny',
    message?: string,
    answers?: readonly string[],
  ): void;
  /**
   * A message of a person, for the conversation: in the order of the calls, of those with one id only the first. Absent: the
   * agent takes none.
   */
  send?(message: AttemptMessage): void;
}

/** What a person sends to an agent that works. */
export interface AttemptMessage {
  /** Unique in the group; a UUID, unless a host has chosen another one. */
  readonly id: string;
  readonly text: string;
}

/** Usage of one model reply, keyed by its message id: a later report with the same key replaces an earlier one. */
export interface UsageReport {
  readonly messageId: string;
  readonly model: string;
  readonly tokens: Tokens;
  /** How many of the cacheWrite tokens are cached for one hour; they cost more. */
  readonly cacheWrite1h?: number;
  /** Web searches that the API made for the reply; it charges each. */
  readonly webSearches?: number;
  readonly costUsd?: number;
}

/** The agent's own total so far; replaces what was estimated from usage. */
export interface CostReport {
  /** `process`: since this attempt began. `conversation`: over all attempts of the conversation. */
  readonly scope: 'process' | 'conversation';
  readonly costUsd: number;
  readonly tokens?: Tokens;
  /** Of a conversation's total, what this attempt has spent; absent if the agent doesn't tell. */
  readonly attempt?: { readonly costUsd: number; readonly tokens?: Tokens };
  /** The total by model: what the agent's own prices can be learned from. */
  readonly models?: Readonly<Record<string, ModelFigure>>;
}

/** The agent's own figure for one model. */
export interface ModelFigure {
  readonly costUsd: number;
  readonly tokens: Tokens;
  /** Of the cacheWrite tokens; absent if the agent doesn't tell. */
  readonly cacheWrite1h?: number;
  readonly webSearches?: number;
}

/** How an attempt ended; nothing of the attempt follows, and its process tree has gone. */
export type AttemptEnd =
  | {
      readonly outcome: 'done';
      readonly result: string;
      readonly output?: unknown;
      readonly denials: readonly PermissionDenial[];
    }
  | { readonly outcome: 'failed'; readonly code: ErrorCode; readonly message: string }
  /** A usage limit of the account; `until` is epoch milliseconds, absent if the agent doesn't know. */
  | { readonly outcome: 'limited'; readonly until?: number; readonly message: string }
  /** Ended by our own interrupt, terminate or kill before it had finished. */
  | { readonly outcome: 'interrupted' };

/** What an attempt reports to the engine, for every kind of agent. */
export type AgentEvent =
  /** The conversation exists from now on. */
  | {
      readonly type: 'started';
      readonly conversationId: string;
      readonly model?: string;
      readonly version?: string;
      readonly warnings?: readonly string[];
      /** The conversation to be resumed is gone, and this is a new one. Default: false. */
      readonly startedOver?: boolean;
    }
  | { readonly type: 'message'; readonly role: 'assistant' | 'user'; readonly text: string }
  /** The conversation has the message that `send` has brought. */
  | { readonly type: 'message_delivered'; readonly id: string }
  | {
      readonly type: 'tool_started';
      readonly toolUseId: string;
      readonly tool: string;
      /**
       * What it is called with. People are shown one line of it: its command, path, pattern or address, else its first
       * short texts, without secrets. Default: only the tool's name is shown.
       */
      readonly input?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'tool_finished'; readonly toolUseId: string; readonly isError: boolean }
  | ({ readonly type: 'usage'; readonly final: boolean } & UsageReport)
  /** A subagent's latest context and output; some agents report nothing else while it runs. */
  | {
      readonly type: 'subagent_usage';
      readonly taskId: string;
      readonly model?: string;
      readonly totalTokens: number;
      /** How many tools it has used: about as many replies has it given. */
      readonly toolUses?: number;
      /** One of its replies, if the agent shows them; the output may be less than it will have been. */
      readonly reply?: UsageReport;
    }
  /** A request that the agent made for itself, such as a compaction, of which it shows only this. */
  | {
      readonly type: 'side_usage';
      readonly requestId: string;
      readonly model?: string;
      readonly tokens?: Tokens;
      readonly webSearches?: number;
    }
  | ({ readonly type: 'cost' } & CostReport)
  /** The agent itself waits and retries. */
  | { readonly type: 'agent_retry'; readonly code: ErrorCode; readonly delayMs?: number }
  | {
      readonly type: 'approval';
      /** Unique in the group while it waits: people answer by it, whatever the session. A UUID, say. */
      readonly requestId: string;
      readonly tool: string;
      readonly input: Record<string, unknown>;
    }
  | { readonly type: 'approval_withdrawn'; readonly requestId: string }
  /** Something that people should know, although the attempt goes on; shown once per attempt, and no sign of work. */
  | { readonly type: 'warning'; readonly message: string }
  /**
   * Any other sign that the agent works; feeds the idle watchdog, as every event but a warning does, and isn't shown. An
   * agent that hangs may still do its bookkeeping (heartbeats, say), which isn't reported; part of a message that is
   * still arriving is.
   */
  | { readonly type: 'activity' }
  | { readonly type: 'ended'; readonly end: AttemptEnd };
