import type { QuotaPort, SessionInput } from '../../../../machines/contract.ts';
import type { GroupStatus } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import { SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import type { ProjectHolder } from '../../project/project-gate.ts';
import type { Agent } from '../../session/agent.ts';
import { agentReader, type ReadAgent } from '../../session/own/read-agent.ts';
import { needsPreparation } from '../attempt/completion.ts';
import { hasOwnLogin } from '../config/portable-login.ts';
import { integrateOf, type ResolvedSession, treePlanOf } from '../config/resolve-session.ts';
import { ResolvedSessions } from '../config/resolved-sessions.ts';
import { Ledger } from '../cost/ledger.ts';
import { PriceBook } from '../cost/price-book.ts';
import { unreported } from '../cost/unreported.ts';
import { buildGraph, type DependencyGraph } from '../dependency-graph.ts';
import type { SessionHistory } from '../journal/fold-session.ts';
import { isRendered } from '../prompts/render-prompt.ts';
import type { AccountGate } from '../schedule/quota-gate.ts';
import { Roster } from '../schedule/roster.ts';
import type { SlotsOfGroup } from '../schedule/session-slots.ts';
import type { SessionDefinition, SessionGroupDefinition } from '../types.ts';
import { requirePortable } from './trees/portable.ts';

/** Limits the sessions in a project across all groups on this machine. */
export interface ProjectPlaces {
  tryEnter(project: string, limit: number, holder: string): boolean;
  leave(project: string, holder: string): void;
  onFreed(listener: (project: string) => void): () => void;
  /** Who is in, for those who wait. Default: nobody is told. */
  holders?(project: string): readonly ProjectHolder[];
  /** What a holder waits for, for those who wait for it; undefined once it goes on. */
  mark?(holder: string, waitsFor: ProjectHolder['waitsFor']): void;
}

export interface GroupStateOptions {
  readonly groupId: string;
  readonly definition: SessionGroupDefinition;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly clock: Clock;
  readonly projects: ProjectPlaces;
  readonly projectKey: (path: string) => string;
  readonly quota: AccountGate;
  /** Slots shared with other groups. Default: none. */
  readonly slots?: SlotsOfGroup;
  /** A session's counters, which continue across retries and restarts. */
  readonly historyOf: (id: string) => SessionHistory;
  readonly durationOf: (id: string) => number | undefined;
  /** Whether a session that has not settled takes a message. */
  readonly takesMessage: (id: string) => boolean;
  /** Of a session that has a tree of its own. */
  readonly repositoryOf: (id: string) => string;
  readonly merged: () => boolean;
  /** Whether configuration is generated for the session. Default: false. */
  readonly generates?: (session: ResolvedSession) => boolean;
  readonly restored?: GroupStatus | undefined;
  /** Whether its attempts are carried out on this machine. Default: yes. */
  readonly here?: boolean;
  /** Whether sessions have trees of their own elsewhere. Default: no. */
  readonly treesElsewhere?: boolean;
  /** Whether records are waiting to be written. */
  readonly unwritten?: () => boolean;
  /** Whether records are being written. */
  readonly writing?: () => boolean;
  /** Whether a session may get a slot now. Default: yes. */
  readonly admits?: () => boolean;
}

/** The state that a group's chart schedules from. */
export interface GroupState {
  /** Graph and sessions are those of the definition in force. */
  readonly graph: DependencyGraph;
  readonly sessions: ResolvedSessions;
  readonly ledger: Ledger;
  readonly prices: PriceBook;
  readonly roster: Roster;
  readonly slots: SlotsOfGroup | undefined;
  readonly agentOf: (id: string) => Agent;
  /** A session's agent, and what it is asked for. */
  readonly readAgent: (id: string) => ReadAgent;
  readonly accountOf: (id: string) => string | undefined;
  /** Closes the gate of the session's account; returns when it opens, in epoch milliseconds. */
  readonly closeAccount: (id: string, until: number | undefined) => number;
  /**
   * Prepares a new definition, which the roster can look up under this revision.
   * @throws SessionGroupsError as for a new group.
   */
  readonly propose: (revision: number, definition: SessionGroupDefinition) => void;
  /** Puts the proposed definition into force, and sets the limit if it has changed. */
  readonly adopt: (limitMicroUsd: number | undefined) => void;
}

/** State derived from a definition. */
interface Parts {
  readonly definition: SessionGroupDefinition;
  readonly graph: DependencyGraph;
  readonly sessions: ResolvedSessions;
  readonly readAgent: (id: string) => ReadAgent | undefined;
  /** The accounts that its agents use. */
  readonly accounts: readonly string[];
}

/**
 * Where a session's agent is not registered here, an `AbsentAgent` stands in for it, so that the group can be opened.
 * @throws SessionGroupsError for an agent that reports no usage although a limit is set.
 */
export function createGroupState(options: GroupStateOptions): GroupState {
  const { groupId, agents, clock, projects, quota, slots, here = true, treesElsewhere = false } = options;
  const where = { here, treesElsewhere };
  let parts = partsOf(options.definition, agents, where);
  let proposed: (Parts & { readonly revision: number }) | undefined;
  const configOf = () => parts.definition.config;

  const sessionOf = (id: string): ResolvedSession => parts.sessions.get(id) ?? unknownSession(id);
  const readAgent = (id: string): ReadAgent => parts.readAgent(id) ?? unknownSession(id);
  const agentOf = (id: string): Agent => readAgent(id).agent;
  const accountOf = (id: string) => accountFor(agentOf(id));
  const projectKeys = new Map<string, string>();
  const projectOf = (id: string): string => {
    const { projectPath, workspace } = sessionOf(id);
    // Nobody else works in its tree, or nobody here does.
    if (workspace.mode !== 'shared' || projectPath === undefined || !here) return `${groupId}/${id}`;
    const key = projectKeys.get(projectPath) ?? options.projectKey(projectPath);
    projectKeys.set(projectPath, key);
    return key;
  };
  const prices = new PriceBook();
  const ledger = new Ledger({
    budget: configOf().budget,
    priceOf: usage => prices.priceOf(usage),
    priceOfSubagent: (model, tokens, toolUses) => prices.priceOfSubagent(model, tokens, toolUses),
  });
  const holder = (id: string) => `${groupId}/${id}`;
  const closeAccount = (id: string, until: number | undefined) => quota.close(accountOf(id) ?? '', until);
  const port = { now: () => clock.now(), limitDeadline: closeAccount };
  const roster = new Roster({
    graph: parts.graph,
    concurrency: configOf().concurrency,
    budget: ledger,
    quota: quotaPort(quota, clock, () => ({
      accounts: parts.accounts,
      maxWaitMs: configOf().quota.maxWait,
    })),
    gates: {
      enterProject: (id, project) =>
        projects.tryEnter(project, configOf().concurrency.maxPerProject, holder(id)),
      leaveProject: (id, project) => projects.leave(project, holder(id)),
      isAccountOpen: id => {
        const account = accountOf(id);
        return account === undefined || quota.closedUntil(account) === undefined;
      },
      takeSlot: id => options.admits?.() !== false && (slots?.take(id) ?? true),
      ...(slots ? sharedGates(slots) : {}),
    },
    projectOf,
    repositoryOf: options.repositoryOf,
    merged: options.merged,
    into: () => integrateOf(configOf()).into,
    inputOf: (id): SessionInput => {
      const session = sessionOf(id);
      const { attempts, failures, askedToGoOn, losses, step, corrected } = options.historyOf(id);
      const tree = treePlanOf(session);
      const input = {
        id,
        attempts,
        failures,
        askedToGoOn,
        losses,
        step,
        corrected,
        retry: session.retry,
        prepared:
          !isRendered(session) &&
          options.generates?.(session) !== true &&
          !needsPreparation(session, agentOf(id), here),
        ownLogin: hasOwnLogin(session),
        failOnDenial: session.permissions.onRequest !== 'deny',
        port,
      };
      return tree ? { ...input, tree } : input;
    },
    historyOf: options.historyOf,
    takesMessage: options.takesMessage,
    revisionOf: revision =>
      proposed?.revision === revision
        ? { graph: proposed.graph, concurrency: proposed.definition.config.concurrency }
        : undefined,
    now: () => clock.now(),
    durationOf: options.durationOf,
    ...given({ unwritten: options.unwritten, writing: options.writing }),
    ...(options.restored === undefined ? {} : { restored: options.restored }),
  });
  return {
    get graph() {
      return roster.spec.graph;
    },
    get sessions() {
      return parts.sessions;
    },
    ...{ ledger, prices, roster, slots, agentOf, readAgent, accountOf, closeAccount },
    propose(revision, definition) {
      proposed = { ...partsOf(definition, agents, where), revision };
    },
    adopt(limitMicroUsd) {
      if (!proposed) return;
      parts = proposed;
      proposed = undefined;
      ledger.setPolicy(configOf().budget);
      if (limitMicroUsd !== undefined) ledger.setLimit(limitMicroUsd);
    },
  };
}

function partsOf(
  definition: SessionGroupDefinition,
  agents: GroupStateOptions['agents'],
  { here, treesElsewhere }: Required<Pick<GroupStateOptions, 'here' | 'treesElsewhere'>>,
): Parts {
  const { config } = definition;
  const agentFor = agentReader(agents);
  const readFor = ({ id, agent = config.agent }: SessionDefinition) => agentFor(id, agent);
  const { respectDependencies } = config.concurrency;
  const graph = buildGraph(definition.sessions, { respectDependencies });
  const accounts = new Set<string>();
  const seen = new Set<Agent>();
  for (const session of definition.sessions) {
    const { agent } = readFor(session);
    if (seen.has(agent)) continue;
    seen.add(agent);
    requireUsageReports(session.id, agent, definition);
    const account = accountFor(agent);
    if (account !== undefined) accounts.add(account);
  }
  const sessions = new ResolvedSessions(definition.sessions, config, session => readFor(session).asked);
  if (!here) for (const { id } of definition.sessions) requirePortable(sessions.get(id), treesElsewhere);
  const readAgent = (id: string) => {
    const session = sessions.written(id);
    return session && readFor(session);
  };
  return { definition, graph, sessions, readAgent, accounts: [...accounts] };
}

function unknownSession(id: string): never {
  throw new SessionGroupsError('unknown_session', `there is no session "${id}"`);
}

const accountFor = ({ capabilities, kind }: Agent) => (capabilities.spends ? kind : undefined);

const sharedGates = (slots: SlotsOfGroup) => ({
  freeSlot: (id: string) => slots.free(id),
  keepSlot: (id: string) => slots.keep(id),
  sharedSlots: () => ({ live: slots.live, maxConcurrent: slots.max }),
});

function quotaPort(
  gate: AccountGate,
  clock: Clock,
  settings: () => { readonly accounts: readonly string[]; readonly maxWaitMs: number },
): QuotaPort {
  const closed = () => settings().accounts.flatMap(account => gate.closedUntil(account) ?? []);
  return {
    get closedUntil() {
      const all = closed();
      return all.length === 0 ? undefined : Math.min(...all);
    },
    get tooLong() {
      return closed().some(until => until - clock.now() > settings().maxWaitMs);
    },
  };
}

function requireUsageReports(id: string, agent: Agent, { config }: SessionGroupDefinition): void {
  const problem = unreported(agent.kind, agent.capabilities, config);
  if (!problem) return;
  const { message, hint } = problem;
  throw new SessionGroupsError('agent_reports_no_usage', `session "${id}": ${message}`, { hint });
}
