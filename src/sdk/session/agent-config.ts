import assert from 'node:assert/strict';
import { z } from 'zod';
import { AGENT_KINDS, type AgentKind } from './agent-kinds.ts';

type Configs = { [K in AgentKind]: (typeof AGENT_KINDS)[K]['config'] };
/** Kinds that need no options and so can be given by name alone. */
type Named = { [K in AgentKind]: { kind: K } extends z.input<Configs[K]> ? K : never }[AgentKind];

const configs = Object.values(AGENT_KINDS).map(({ config }) => config);
const [first, ...others] = configs;
assert(first);
/** Kinds that can be given by name alone. */
export const NAMED_AGENTS = configs
  .map(config => config.shape.kind.value)
  .filter((kind): kind is Named => AGENT_KINDS[kind].config.safeParse({ kind }).success);

/** What may stand for an agent, in words. */
export const expectedAgents = (names: readonly string[]): string =>
  `${names.join(', ')}, or an object such as {kind: command, command: [npm, test]}`;
const EXPECTED = `expected ${expectedAgents(NAMED_AGENTS)}`;

/** Any name but those of the built-in kinds. Whether an agent is registered under it is checked where a definition is loaded. */
const OwnKind = z.string().regex(new RegExp(`^(?!(?:${Object.keys(AGENT_KINDS).join('|')})$).`), {
  error: EXPECTED,
  abort: true, // so that a union does not take it for the member that was meant
});

/** The agent that does the work: a kind by name, or an object with `kind` and that kind's options. */
export const AgentConfig = z
  .union(
    [
      z.enum(NAMED_AGENTS),
      z.discriminatedUnion('kind', [first, ...others]),
      OwnKind,
      z.strictObject({
        kind: OwnKind,
        options: z.unknown().default({}),
      }),
    ],
    { error: EXPECTED },
  )
  .transform((agent): ResolvedAgent => {
    if (typeof agent !== 'string') return agent;
    return isBuiltIn(agent) ? AGENT_KINDS[agent].config.parse({ kind: agent }) : { kind: agent, options: {} };
  });

/** An agent of the host's own, as a session names it. */
export interface OwnAgentConfig<Options = unknown> {
  readonly kind: string;
  /** Default: an empty object. */
  readonly options: Options;
}

/** A session's agent as its definition names it, with all defaults. */
export type ResolvedAgent = z.output<Configs[AgentKind]> | OwnAgentConfig;

export const isBuiltIn = (kind: string): kind is AgentKind => Object.hasOwn(AGENT_KINDS, kind);

/** Whether it is of this built-in kind. */
export const isOfKind = <K extends AgentKind>(
  agent: ResolvedAgent | undefined,
  kind: K,
): agent is z.output<Configs[K]> => agent?.kind === kind;

/** Whether it is one of the host's own. */
export const isOwn = (agent: ResolvedAgent): agent is OwnAgentConfig => !isBuiltIn(agent.kind);

/** A server of the Model Context Protocol, as a definition names one. */
export const McpServer = z.union([
  z.strictObject({
    type: z.literal('stdio').optional(),
    command: z.string().min(1),
    args: z.array(z.string()).optional(),
    env: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({
    type: z.enum(['http', 'sse']),
    url: z.string().min(1),
    headers: z.record(z.string(), z.string()).optional(),
  }),
]);
export type McpServer = z.output<typeof McpServer>;
