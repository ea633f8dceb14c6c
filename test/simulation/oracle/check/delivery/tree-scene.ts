import type { Files, SimulatedDefinition, SimulatedDelivery } from '../../../history.ts';
import { definition, Scene, session } from '../scene.ts';

export const DELIVERY: SimulatedDelivery = {
  trees: true,
  verify: { attempts: 2, timeoutMs: 60_000 },
  setup: false,
  integrate: 'merge',
  verifyMerge: true,
  onConflict: 'resolve',
  into: 'main',
  scope: 'all',
  keep: 'always',
};

const BRANCHES = 'refs/heads/session-groups/g/';
export const MERGED = `${BRANCHES}_merged`;
export const MAIN = 'refs/heads/main';
export const branchOf = (id: string): string => `${BRANCHES}${id}`;

/** A history of a group that delivers, in the repository `r` or another. */
export class TreeScene extends Scene {
  #commands = 0;
  #repository = 'r';

  /**
   * @param after by session, the one that it depends on
   * @param elsewhere by session, its repository if it is another
   * @param settings of the group
   * @param trigger of all sessions
   */
  constructor(
    more: Partial<SimulatedDelivery> = {},
    ids: readonly string[] = ['a', 'b'],
    after: Readonly<Record<string, string>> = {},
    elsewhere: Readonly<Record<string, string>> = {},
    settings: Partial<SimulatedDefinition> = {},
    trigger: 'all' | 'any' = 'all',
  ) {
    const sessions = ids.map(id => {
      const on = after[id];
      const dependsOn = on === undefined ? [] : [{ session: on, when: 'completed' as const }];
      return session(id, { repository: elsewhere[id] ?? 'r', dependsOn, trigger });
    });
    super(definition({ sessions, delivery: { ...DELIVERY, ...more }, ...settings }));
    this.commit('base', [], { 'a.txt': 'a' }).ref(MAIN, 'base', false);
  }

  /** What follows is in this repository. */
  in(repository: string): this {
    this.#repository = repository;
    return this;
  }

  /** An internal record. */
  record(type: string, fields: Readonly<Record<string, unknown>>): this {
    this.lines.push(JSON.stringify({ type, ...fields }));
    return this;
  }

  order(type: string, sessionId: string, order: Readonly<Record<string, unknown>>): this {
    return this.record(type, { sessionId, order }).next();
  }

  commit(id: string, parents: readonly string[], files: Files): this {
    return this.see({ kind: 'commit', repository: this.#repository, id, parents, files });
  }

  ref(ref: string, to: string | undefined, byEngine = true): this {
    const by = byEngine ? { pid: this.pid } : {};
    return this.see({
      kind: 'ref',
      repository: this.#repository,
      ref,
      ...(to === undefined ? {} : { to }),
      ...by,
    });
  }

  wrote(id: string, path = 'own.txt', text = `by ${id}`): this {
    return this.see({ kind: 'agent.wrote', run: this.runOf(id), session: id, path, text });
  }

  /** Its tree is made, and its agent starts. */
  begin(id: string): this {
    this.order('_workspace', id, {
      repository: `/x/${this.#repository}`,
      branch: branchOf(id),
      base: 'base',
    });
    this.ref(branchOf(id), 'base');
    return this.start(id).next();
  }

  /** Its agent is done. */
  ends(id: string): this {
    return this.agentEnd(id).record('_done', { sessionId: id, step: 'saving' }).next();
  }

  saved(id: string, files: Files = {}, parents: readonly string[] = ['base']): this {
    this.commit(`result-${id}`, parents, files);
    this.order('_result', id, { commit: `result-${id}`, from: 'base' });
    return this.ref(branchOf(id), `result-${id}`).next();
  }

  command(id: string, files: Files = {}): number {
    this.#commands += 1;
    const command = { command: this.#commands, session: id, setup: false, files };
    this.see({ kind: 'command.started', pid: this.pid, ...command });
    return this.#commands;
  }

  commandEnds(command: number, outcome: 'green' | 'red' | 'cut' | 'killed' = 'green'): this {
    return this.see({ kind: 'command.ended', command, outcome });
  }

  checked(id: string, files: Files = {}, outcome: 'green' | 'red' = 'green'): this {
    this.event('session_verifying', { sessionId: id }).commandEnds(this.command(id, files), outcome);
    return outcome === 'green' ? this.event('session_verified', { sessionId: id, durationMs: 0 }) : this;
  }

  merging(id: string, commit = `result-${id}`): this {
    return this.order('_merging', id, { result: `result-${id}`, onto: null, commit });
  }

  integrated(id: string, commit = `result-${id}`): this {
    return this.event('session_integrated', { sessionId: id, repository: `/x/${this.#repository}`, commit });
  }

  /** All that it takes, from the start of its agent to its merge. */
  merged(id: string, files: Files = {}, parents: readonly string[] = ['base'], writes?: string): this {
    this.begin(id);
    if (writes !== undefined) this.wrote(id, writes);
    this.ends(id).saved(id, files, parents).checked(id, files);
    return this.merging(id).ref(MERGED, `result-${id}`).integrated(id).completed(id).next();
  }

  delivering(to: string, from = 'base'): this {
    this.event('group_delivering', { into: 'main' });
    return this.record('_delivering', { repository: '/x/r', order: { into: MAIN, from, to } }).next();
  }

  delivered(): this {
    return this.event('group_delivered', { repositories: [] });
  }

  conflict(id: string, ours: string, theirs: string, authors: readonly string[] = []): this {
    return this.event('session_conflict', { sessionId: id, files: ['a.txt'], with: authors, ours, theirs });
  }

  trees(trees: Readonly<Record<string, Files>> = {}): this {
    return this.see({ kind: 'trees', trees });
  }
}
