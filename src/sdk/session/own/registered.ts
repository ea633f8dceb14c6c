import { SessionGroupsError } from '../../errors.ts';
import type { Agent } from '../agent.ts';
import { isBuiltIn } from '../agent-config.ts';
import { AGENT_KINDS, type AgentCapabilities, type KindCapabilities } from '../agent-kinds.ts';

/** A host's agents by kind: kinds of its own, or replacements of built-in ones. */
export type Agents = Readonly<Record<string, Agent>>;

/** What the agents of a kind can do, for whoever has only a definition. */
export type CapabilitiesOf = (kind: string) => KindCapabilities;

/** The agent that a host has registered under this kind. */
export const registered = (agents: Agents, kind: string): Agent | undefined =>
  Object.hasOwn(agents, kind) ? agents[kind] : undefined;

/** Built-in kinds can do what they always can, whoever stands in for their agents; of own kinds, their agents say it. */
export function capabilitiesOf(agents: Agents = {}): CapabilitiesOf {
  const own = new Map<string, KindCapabilities>();
  return kind => {
    if (isBuiltIn(kind)) return AGENT_KINDS[kind].capabilities;
    const known = own.get(kind);
    if (known) return known;
    const capabilities = { ...DEFAULTS, ...(registered(agents, kind)?.capabilities ?? UNREGISTERED) };
    own.set(kind, capabilities);
    return capabilities;
  };
}

const DEFAULTS = {
  changesFiles: false,
  cap: true,
  logs: true,
  instructions: false,
  mcp: false,
  structuredOutput: false,
  messages: false,
  configDir: false,
  installed: true,
  memoryBytes: 0,
  standsIn: false,
};
const UNREGISTERED: AgentCapabilities = { resume: true, usage: 'optional', spends: false, approvals: false };

/** @throws SessionGroupsError `invalid_argument` for what is no agent. */
export function checkAgents(agents: Agents): Agents {
  for (const [kind, agent] of Object.entries(agents)) {
    const problem = problemOf(agent);
    if (problem)
      throw new SessionGroupsError('invalid_argument', `agents.${kind}: ${problem}`, { hint: HINT });
  }
  return agents;
}

const HINT = 'Build it with defineAgent, or implement the interface Agent.';

/** Why this is no agent; what it was given by a host that is not typed. */
export function problemOf(agent: unknown): string | undefined {
  if (typeof agent !== 'object' || agent === null) return 'expected an agent, an object';
  if (!('start' in agent) || typeof agent.start !== 'function') return 'the agent has no method start';
  if (!('capabilities' in agent) || typeof agent.capabilities !== 'object' || agent.capabilities === null) {
    return 'the agent has no capabilities';
  }
  const schema = 'optionsSchema' in agent ? agent.optionsSchema : undefined;
  if (schema === undefined || (typeof schema === 'object' && schema !== null && '_zod' in schema))
    return undefined;
  return 'its optionsSchema is not a schema of zod 4';
}
