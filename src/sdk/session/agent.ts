import type { ErrorCode } from '../../../machines/vocabulary.ts';
import type { ResolvedAgent } from './agent-config.ts';
import type { AgentCapabilities, AgentKind } from './agent-kinds.ts';
import type { PermissionsConfig, SettingSource } from './permissions.ts';
import type { PermissionDenial, Tokens } from './usage.ts';

/**
 * The port to the programs that do the work. Claude Code is one of them; the conformance suite in
 * `session-groups/testing` says what every implementation keeps:
 *
 * AGENT-1 `start` returns before it emits anything.
 * AGENT-2 exactly one `ended` per attempt, and nothing after it; by then the attempt's process tree has gone.
 * AGENT-3 `interrupt`, `terminate` and `kill` may be called in any order, any number of times, also after the end.
 *    Each is stronger than the one before; `kill` always ends the attempt.
 * AGENT-4 bad input, a missing program or a broken stream ends the attempt with an error code; nothing is thrown.
 * AGENT-5 a resumed conversation goes on where it was cut, as far as `capabilities.resume` promises.
 */
export interface Agent {
  readonly kind: AgentKind | (string & {});
  readonly capabilities: AgentCapabilities;
  /** Finds the program and its version without starting work. Absent: always ready. */
  check?(options?: { readonly agent?: ResolvedAgent; readonly signal?: AbortSignal }): Promise<AgentCheck>;
  /** Starts one attempt. Events reach `sink` from the next turn of the event loop on (AGENT-1). */
  start(spec: AttemptSpec, sink: (event: AgentEvent) => void): Attempt;
}

/** Whether an agent could start work now, and if not, what to do. */
export type AgentCheck =
  | {
      readonly ok: true;
      readonly version?: string;
      readonly path?: string;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly hint: string };

/** All that an attempt needs, as plain data: it could travel to another machine. */
export interface AttemptSpec {
  readonly groupId: string;
  readonly sessionId: string;
  /** 1 for the first attempt; counts every start, resumed ones included. */
  readonly attempt: number;
  /** The agent's options from the definition. */
  readonly agent: ResolvedAgent;
  /** Absolute path of the project; the working directory. */
  readonly cwd: string;
  readonly conversation: {
    /** Chosen by the engine; a UUID. */
    readonly id: string;
    /** Whether an earlier attempt got as far as having a conversation. */
    readonly exists: boolean;
    /** True: `prompt` is a short request to go on. False: it is the original prompt. */
    readonly resume: boolean;
    /**
     * The engine died while the conversation's last turn ran: where the agent can run that again by itself, `prompt` is
     * only sent when it does not. Default: false.
     */
    readonly interruptedTurn?: boolean;
  };
  readonly prompt: string;
  /** Sent instead of `prompt` where the conversation turns out not to exist. */
  readonly originalPrompt: string;
  /** The prompt contains text that no person typed: it must not act as a command or file reference. */
  readonly composed: boolean;
  readonly model?: string;
  /** Backstop of this attempt, USD; absent under `warn` and without a limit. */
  readonly maxBudgetUsd?: number;
  readonly permissions: PermissionsConfig;
  readonly settingSources: readonly SettingSource[];
  /** What was generated for the session. Default: nothing. */
  readonly config?: AttemptConfig;
  /** JSON Schema that the attempt's `output` has to fit; the agent is told of it, the engine validates. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  /** The complete environment of the process, references already resolved. Never journalled. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the session on disk, for stderr and transcript; absent: keep none. */
  readonly logDir?: string;
}

/** Generated configuration as the agent is given it: absolute paths, each absent where nothing was generated. */
export interface AttemptConfig {
  /** Text that is appended to the agent's instructions. */
  readonly instructionsFile?: string;
  /** The conversation began on another configuration. Default: false. */
  readonly instructionsChanged?: boolean;
  readonly settingsFile?: string;
  /** Holds references to environment variables instead of secrets. */
  readonly mcpConfigFile?: string;
  /** Names of the servers in it; whoever defined them allows their tools. Default: none. */
  readonly mcpServers?: readonly string[];
  /** A local plugin with the session's commands. */
  readonly pluginDir?: string;
  /** The session's own config folder, instead of the user's. */
  readonly configDir?: string;
}

/** A live attempt, as far as the engine steers it (AGENT-3). */
export interface Attempt {
  readonly pid?: number;
  /** The gentlest way to stop so that the conversation can go on. */
  interrupt(): void;
  /** SIGTERM, or what comes near it. */
  terminate(): void;
  /** SIGKILL to the whole tree. */
  kill(): void;
  answerPermission(requestId: string, decision: 'allow' | 'deny', message?: string): void;
}

/** Usage of one model reply, keyed by its message id: a later one with the same key replaces the earlier. */
export interface UsageReport {
  readonly messageId: string;
  readonly model: string;
  readonly tokens: Tokens;
  /** Share of cacheWrite tokens that live one hour; they cost more. */
  readonly cacheWrite1h?: number;
  readonly costUsd?: number;
}

/** The agent's own figure for everything so far; replaces what was estimated from usage. */
export interface CostReport {
  /** `process`: since this attempt began. `conversation`: over all attempts of the conversation. */
  readonly scope: 'process' | 'conversation';
  readonly costUsd: number;
  readonly tokens?: Tokens;
}

/** How an attempt ended; after it nothing of the attempt follows and its process tree has gone (AGENT-2). */
export type AttemptEnd =
  | {
      readonly outcome: 'done';
      readonly result: string;
      readonly output?: unknown;
      readonly denials: readonly PermissionDenial[];
    }
  | { readonly outcome: 'failed'; readonly code: ErrorCode; readonly message: string }
  /** A usage limit of the account; `until` is epoch milliseconds, absent when the agent does not know. */
  | { readonly outcome: 'limited'; readonly until?: number; readonly message: string }
  /** Ended by our own interrupt, terminate or kill without having finished. */
  | { readonly outcome: 'interrupted' };

/** What an attempt tells the engine, whichever agent it is of. */
export type AgentEvent =
  /** The conversation exists from here on. */
  | {
      readonly type: 'started';
      readonly conversationId: string;
      readonly model?: string;
      readonly version?: string;
      readonly warnings?: readonly string[];
    }
  | { readonly type: 'message'; readonly role: 'assistant' | 'user'; readonly text: string }
  | { readonly type: 'tool_started'; readonly toolUseId: string; readonly tool: string }
  | { readonly type: 'tool_finished'; readonly toolUseId: string; readonly isError: boolean }
  | ({ readonly type: 'usage'; readonly final: boolean } & UsageReport)
  /** Total tokens of a subagent so far; all that some agents show while it runs. */
  | {
      readonly type: 'subagent_usage';
      readonly taskId: string;
      readonly model?: string;
      readonly totalTokens: number;
    }
  | ({ readonly type: 'cost' } & CostReport)
  /** The agent itself waits and tries again. */
  | { readonly type: 'agent_retry'; readonly code: ErrorCode; readonly delayMs?: number }
  | {
      readonly type: 'approval';
      readonly requestId: string;
      readonly tool: string;
      readonly input: Record<string, unknown>;
    }
  | { readonly type: 'approval_withdrawn'; readonly requestId: string }
  /** Any other sign of life; feeds the idle watchdog and is not shown. */
  | { readonly type: 'activity' }
  | { readonly type: 'ended'; readonly end: AttemptEnd };
