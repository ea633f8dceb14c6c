import type { Agent } from '../agent.ts';
import { isOwn, type ResolvedAgent } from '../agent-config.ts';
import { outgrown, unregistered } from './absent.ts';
import { readOptions } from './options.ts';

/** A session's agent, and what it is asked for. */
export interface ReadAgent {
  readonly agent: Agent;
  readonly asked: ResolvedAgent;
}

/** The same object for the same options, which are parsed once. */
export function agentReader(agents: ReadonlyMap<string, Agent>) {
  const known = new Map<string, ReadAgent>();
  const same = new WeakMap<ResolvedAgent, ReadAgent>();
  return (id: string, written: ResolvedAgent) => {
    const before = same.get(written);
    if (before !== undefined) return before;
    const key = JSON.stringify(written);
    const read = known.get(key) ?? readRegistered(id, written, agents);
    known.set(key, read);
    same.set(written, read);
    return read;
  };
}

function readRegistered(id: string, written: ResolvedAgent, agents: ReadonlyMap<string, Agent>): ReadAgent {
  const { kind } = written;
  const agent = agents.get(kind);
  if (!agent) return { agent: unregistered(id, kind), asked: written };
  if (!isOwn(written)) return { agent, asked: written };
  const options = readOptions(agent, written.options);
  return options.ok
    ? { agent, asked: { kind, options: options.value } }
    : { agent: outgrown(id, kind, options.reason), asked: written };
}
