import assert from 'node:assert/strict';
import { z } from 'zod';
import { AGENT_KINDS, type AgentKind } from './agent-kinds.ts';

type Configs = { [K in AgentKind]: (typeof AGENT_KINDS)[K]['config'] };
/** Kinds that need no options and so can be given by name alone. */
type Named = { [K in AgentKind]: { kind: K } extends z.input<Configs[K]> ? K : never }[AgentKind];

const configs = Object.values(AGENT_KINDS).map(({ config }) => config);
const [first, ...others] = configs;
assert(first);
const names = configs
  .map(config => config.shape.kind.value)
  .filter((kind): kind is Named => AGENT_KINDS[kind].config.safeParse({ kind }).success);

/** The agent that does the work: a kind by name, or an object with `kind` and that kind's options. */
export const AgentConfig = z
  .union([z.enum(names), z.discriminatedUnion('kind', [first, ...others])], {
    error: `expected ${names.join(', ')}, or an object such as {kind: command, command: [npm, test]}`,
  })
  .transform(
    (agent): ResolvedAgent =>
      typeof agent === 'string' ? AGENT_KINDS[agent].config.parse({ kind: agent }) : agent,
  );

export type ResolvedAgent = z.output<Configs[AgentKind]>;

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
