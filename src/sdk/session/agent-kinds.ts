import { z } from 'zod';
import { ScriptedStep } from './scripted/script.ts';

/** What an agent can do; everything that the engine needs to know about it. */
export interface AgentCapabilities {
  /** An interrupted conversation can be resumed; without this an attempt starts over. */
  readonly resume: boolean;
  /** `stream`: usage arrives while it runs. `optional`: only if the program prints it. `none`: never. */
  readonly usage: 'stream' | 'optional' | 'none';
  /** Whether it spends a model account's money; if it does but reports no usage, it is refused under a limit. */
  readonly spends: boolean;
  /** Permission requests can be answered while it runs. */
  readonly approvals: boolean;
  /** It works on the project's files, so the files it changed are determined when it is done. Default: false. */
  readonly changesFiles?: boolean;
  /** It enforces the spending cap of an attempt; without this an attempt gets none. Default: true. */
  readonly cap?: boolean;
  /** It writes to `logDir`; without this it gets none, and no folder is created for the session's logs. Default: true. */
  readonly logs?: boolean;
  /** Accepts instructions, settings and commands: generated ones, the project's and the user's. Default: false. */
  readonly instructions?: boolean;
  /** Accepts MCP servers. Default: false. */
  readonly mcp?: boolean;
  /** Accepts a schema for structured output. Default: false. */
  readonly structuredOutput?: boolean;
  /** Takes messages of people while it works (`Attempt.send`). Default: false. */
  readonly messages?: boolean;
}

/** What a kind can do, for use where there is no agent yet: in definitions, plans and `doctor`. */
export interface KindCapabilities extends Required<AgentCapabilities> {
  /** Accepts its own config folder, and logs in there with what its environment has. */
  readonly configDir: boolean;
  /** Needs an installed program: `doctor` checks each such kind, a group every program that its sessions name. */
  readonly installed: boolean;
  /** What a process of it takes at least, in bytes; 0: not known. */
  readonly memoryBytes: number;
  /** A stand-in for the real agent: gets the same input, but permission and login findings don't apply to it. */
  readonly standsIn: boolean;
}

const CLAUDE: KindCapabilities = {
  resume: true,
  usage: 'stream',
  spends: true,
  approvals: true,
  changesFiles: true,
  cap: true,
  logs: true,
  instructions: true,
  mcp: true,
  configDir: true,
  structuredOutput: true,
  messages: true,
  installed: true,
  memoryBytes: 200_000_000,
  standsIn: false,
};

interface BuiltInKind {
  readonly config: z.ZodObject;
  readonly capabilities: KindCapabilities;
  /** Whether an agent that is configured so may give structured output that no schema asks for. */
  readonly outputUnasked: (config: Readonly<Record<string, unknown>>) => boolean;
}

/**
 * The kinds that are built in; each has an agent of its own. What a host's own kinds can do, their
 * agents say.
 */
export const AGENT_KINDS = {
  claude: {
    config: z.strictObject({
      kind: z.literal('claude'),
      executable: z.string().min(1).optional(),
    }),
    capabilities: CLAUDE,
    outputUnasked: () => false,
  },
  command: {
    config: z.strictObject({
      kind: z.literal('command'),
      command: z.tuple([z.string().min(1)], z.string()),
      output: z.enum(['text', 'stream-json']).default('text'),
    }),
    capabilities: {
      resume: false,
      usage: 'optional',
      spends: false,
      approvals: false,
      changesFiles: true,
      cap: false,
      logs: true,
      instructions: false,
      mcp: false,
      configDir: false,
      structuredOutput: true,
      messages: false,
      installed: false,
      memoryBytes: 0,
      standsIn: false,
    },
    outputUnasked: ({ output }) => output === 'stream-json',
  },
  scripted: {
    config: z.strictObject({
      kind: z.literal('scripted'),
      steps: z.array(ScriptedStep).optional(),
      ignoreInterrupt: z.boolean().default(false),
    }),
    capabilities: {
      ...CLAUDE,
      changesFiles: false,
      logs: false,
      installed: false,
      memoryBytes: 0,
      standsIn: true,
    },
    outputUnasked: ({ steps }) => steps !== undefined,
  },
} satisfies Record<string, BuiltInKind>;

/** A kind of agent that is built in. */
export type AgentKind = keyof typeof AGENT_KINDS;
