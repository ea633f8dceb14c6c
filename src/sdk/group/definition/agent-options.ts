import {
  expectedAgents,
  isBuiltIn,
  isOwn,
  NAMED_AGENTS,
  type ResolvedAgent,
} from '../../session/agent-config.ts';
import { AGENT_KINDS } from '../../session/agent-kinds.ts';
import { readOptions } from '../../session/own/options.ts';
import { type Agents, registered } from '../../session/own/registered.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, mapOf, type SessionView, text } from '../document/session-view.ts';
import { shapeFindings } from '../document/shape-findings.ts';
import { didYouMean } from '../document/suggest.ts';
import { shown } from '../document/visible.ts';

/** Whether an agent is registered for each kind that isn't built in, and accepts its options. */
export function agentFindings(
  definition: unknown,
  sessions: readonly SessionView[],
  agents: Agents,
): Finding[] {
  const ofGroup = { raw: mapOf(mapOf(definition).config).agent, path: ['config', 'agent'] };
  const ofSessions = sessions.map(({ raw, path }) => ({ raw: raw.agent, path: [...path, 'agent'] }));
  return [ofGroup, ...ofSessions].flatMap(({ raw, path }) => findingsAt(raw, path, agents));
}

function findingsAt(raw: unknown, path: Finding['path'], agents: Agents): Finding[] {
  const kind = text(isMap(raw) ? raw.kind : raw);
  if (kind === undefined || isBuiltIn(kind)) return [];
  const agent = registered(agents, kind);
  if (!agent) return [unknownAgent(kind, isMap(raw) ? [...path, 'kind'] : path, agents, isMap(raw))];
  const { options = {} } = mapOf(raw);
  const read = readOptions(agent, options);
  if (read.ok) return [];
  const place = [...path, 'options'];
  const { optionsSchema: schema } = agent;
  if (!schema || read.issues.length === 0) {
    return [{ code: 'invalid_agent_options', message: read.reason, path: place, points: 'key' }];
  }
  return shapeFindings(options, read.issues, schema).map(finding => ({
    ...finding,
    path: [...place, ...finding.path],
  }));
}

/** @param asObject whether it is given with options, which some built-in kinds need. */
function unknownAgent(kind: string, path: Finding['path'], agents: Agents, asObject: boolean): Finding {
  const own = Object.keys(agents).filter(name => !isBuiltIn(name));
  const known = [...(asObject ? Object.keys(AGENT_KINDS) : NAMED_AGENTS), ...own];
  return {
    code: 'invalid_value',
    message: `expected ${asObject ? listed(known) : expectedAgents(known)}; got ${shown(kind)}`,
    path,
    suggestion: didYouMean(kind, known) ?? HOW_TO_REGISTER,
  };
}

/** What the schema finds wrong, without what stands beside a kind that is unknown: nobody knows what may. */
export function besideKnownAgents(shape: readonly Finding[], ofAgents: readonly Finding[]): Finding[] {
  const unknown = ofAgents.filter(({ path }) => path.at(-1) === 'kind').map(({ path }) => path.slice(0, -1));
  return shape.filter(
    ({ path }) => !unknown.some(place => place.every((part, index) => path[index] === part)),
  );
}

/** The agent as it is stored: with the defaults of its own schema. */
export function withOptions(agent: ResolvedAgent, agents: Agents): ResolvedAgent {
  const own = isOwn(agent) ? registered(agents, agent.kind) : undefined;
  if (!own || !isOwn(agent)) return agent;
  const read = readOptions(own, agent.options);
  return read.ok ? { ...agent, options: read.stored } : agent;
}

const listed = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

const HOW_TO_REGISTER =
  'register an agent of your own with the option agents, or for the command line in plugins of your config.yaml';
