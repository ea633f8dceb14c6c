import { z } from 'zod';
import { ScriptedStep } from './scripted/script.ts';

/** What an agent can do; the engine asks nothing else of it. */
export interface AgentCapabilities {
  /** An interrupted conversation can go on; without it an attempt starts over. */
  readonly resume: boolean;
  /** `stream`: usage arrives while it runs. `optional`: if the program prints it. `none`: never. */
  readonly usage: 'stream' | 'optional' | 'none';
  /** Whether it spends money of a model account; one that does and reports no usage is refused under a limit. */
  readonly spends: boolean;
  /** Permission requests can be answered while it runs. */
  readonly approvals: boolean;
  /** It works on the files of the project: what it has changed is found out when it is done. Default: false. */
  readonly changesFiles?: boolean;
  /** It keeps the cap on what an attempt may spend; without it an attempt is given none. Default: true. */
  readonly cap?: boolean;
}

/** What a kind can do, asked where there is no agent yet: in definitions, in plans and by `doctor`. */
export interface KindCapabilities extends Required<AgentCapabilities> {
  /** Takes instructions, settings and commands: generated ones, the project's and the user's. */
  readonly instructions: boolean;
  /** Takes MCP servers. */
  readonly mcp: boolean;
  /** Takes a config folder of its own, and logs in there as config/portable-login.ts says. */
  readonly configDir: boolean;
  /** Takes the schema of a structured output. */
  readonly structuredOutput: boolean;
  /** A program that has to be installed: `doctor` looks for it, and a group for all that its sessions name. */
  readonly installed: boolean;
  /** Stands in for the agent that is meant: is given the same, and of a posture or a login there is nothing to say. */
  readonly standsIn: boolean;
}

const CLAUDE: KindCapabilities = {
  resume: true,
  usage: 'stream',
  spends: true,
  approvals: true,
  changesFiles: true,
  cap: true,
  instructions: true,
  mcp: true,
  configDir: true,
  structuredOutput: true,
  installed: true,
  standsIn: false,
};

/** The kinds of agents that definitions can name. Their agents are made in built-in-agents.ts. */
export const AGENT_KINDS = {
  claude: {
    config: z.strictObject({
      kind: z.literal('claude'),
      executable: z.string().min(1).optional().meta({ description: 'Path of the claude to run' }),
    }),
    capabilities: CLAUDE,
  },
  command: {
    config: z.strictObject({
      kind: z.literal('command'),
      command: z
        .tuple([z.string().min(1)], z.string())
        .meta({ description: 'Program and arguments; no shell is involved' }),
      output: z
        .enum(['text', 'stream-json'])
        .default('text')
        .meta({ description: 'stream-json: lines as Claude Code prints them, read for usage and cost' }),
    }),
    capabilities: {
      resume: false,
      usage: 'optional',
      spends: false,
      approvals: false,
      changesFiles: true,
      cap: false,
      instructions: false,
      mcp: false,
      configDir: false,
      structuredOutput: true,
      installed: false,
      standsIn: false,
    },
  },
  scripted: {
    config: z.strictObject({
      kind: z.literal('scripted'),
      steps: z.array(ScriptedStep).optional(),
      ignoreInterrupt: z
        .boolean()
        .default(false)
        .meta({ description: 'Does not answer the gentle interrupt' }),
    }),
    capabilities: { ...CLAUDE, changesFiles: false, installed: false, standsIn: true },
  },
} satisfies Record<string, { readonly config: z.ZodObject; readonly capabilities: KindCapabilities }>;

export type AgentKind = keyof typeof AGENT_KINDS;
