import type { Observation } from '../../history.ts';
import { type Concern, type Court, fieldOf, listOf, textOf } from '../concern.ts';
import { RecordReader } from './record-reader.ts';
import { Repositories } from './repositories.ts';

interface Before {
  readonly id: string;
  readonly result: string;
}

/** §5 (its tree): a tree has what the sessions did that its own depends on. */
export function bases(court: Court): Concern {
  const { truth } = court;
  const repositories = new Repositories();
  const reader = new RecordReader();
  /** What was saved of a session since its agent was done. */
  const results = new Map<string, string>();
  /** Sessions whose tree is being made, as their owner shows, with what had been done before that began. */
  let preparing = new Map<string, readonly Before[]>();
  /** The same, when the tree was ordered. */
  const due = new Map<string, readonly Before[]>();

  function before(session: string): Before[] {
    const { graph, ends, definition } = truth;
    const known = graph.session(session);
    if (!known || !definition.respectDependencies) return [];
    return known.dependsOn.flatMap(({ session: id }) => {
      const result = results.get(id);
      const isThere = graph.session(id)?.repository === known.repository;
      return isThere && ends(id)?.outcome === 'completed' && result !== undefined ? [{ id, result }] : [];
    });
  }

  function ready(session: string, commit: string): void {
    // One that waits for any of them may begin while another one is about to be done.
    const isAny = truth.graph.session(session)?.trigger === 'any';
    for (const { id, result } of isAny ? (due.get(session) ?? []) : before(session)) {
      if (!repositories.contains(commit, result))
        court.report('§5 tree', `the tree of ${session} is without what ${id} did`);
    }
  }

  function read(record: Readonly<Record<string, unknown>>, type: string): void {
    const session = textOf(record.sessionId);
    switch (type) {
      case '_workspace':
        due.set(session, preparing.get(session) ?? []);
        return;
      case '_workspace_ready':
        if (record.conflict === undefined) ready(session, textOf(fieldOf(record.ready, 'commit')));
        return;
      case '_done':
        results.delete(session);
        return;
      case '_result':
        results.set(session, textOf(fieldOf(record.order, 'commit')));
        return;
      case 'group_retried':
        for (const id of listOf(record.sessions)) results.delete(id);
        return;
    }
  }

  function shown({ via, picture }: Extract<Observation, { kind: 'picture' }>): void {
    if (via !== 'handle') return;
    const now = picture.sessions.filter(({ status }) => status === 'preparing');
    preparing = new Map(now.map(({ id }) => [id, preparing.get(id) ?? before(id)]));
  }

  return {
    see(observation) {
      repositories.see(observation);
      if (observation.kind === 'picture') shown(observation);
      if (observation.kind !== 'journal') return;
      const { records, again } = reader.read(observation);
      if (again) results.clear();
      for (const record of records) read(record, record.type);
    },
  };
}
