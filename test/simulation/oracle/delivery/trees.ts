import { type Concern, type Court, textOf } from '../concern.ts';
import { RecordReader } from './record-reader.ts';

/** §5 (its tree), `keep`: which trees there are once a session has settled. */
export function trees(court: Court): Concern {
  const { truth } = court;
  const reader = new RecordReader();
  const integrated = new Set<string>();
  /** What the user has changed, or could not be looked at. */
  const uncertain = new Set<string>();
  /** Sessions that begin again in a new tree. */
  const fresh = new Set<string>();
  let leaves = false;
  let there: ReadonlySet<string> | undefined;

  function read(record: Readonly<Record<string, unknown>>, type: string): void {
    const session = textOf(record.sessionId);
    switch (type) {
      case 'session_integrated':
        integrated.add(session);
        return;
      case '_workspace':
        integrated.delete(session);
        fresh.delete(session);
        return;
      case 'session_warning':
        if (/^its tree stays: /.test(textOf(record.message))) uncertain.add(session);
        return;
      case 'group_retried':
        if (record.fresh === true && Array.isArray(record.sessions))
          for (const id of record.sessions) fresh.add(textOf(id));
        return;
      case '_releasing':
        released(session);
        return;
    }
  }

  function released(session: string): void {
    if (leaves || fresh.has(session)) return;
    if (truth.definition.delivery?.keep === 'always')
      court.report('§5 tree', `the tree of ${session} goes, and is to be kept`);
    else if (!integrated.has(session))
      court.report('§5 tree', `the tree of ${session} goes, and is not merged`);
  }

  return {
    see(observation) {
      switch (observation.kind) {
        case 'journal':
          for (const record of reader.read(observation).records) read(record, record.type);
          return;
        case 'tree.disturbed':
          uncertain.add(observation.session);
          return;
        case 'request':
          if (observation.verb === 'delete' || observation.verb === 'clean') leaves = true;
          return;
        case 'trees':
          there = new Set(Object.keys(observation.trees));
          return;
      }
    },
    end() {
      const { keep, trees: has } = truth.definition.delivery ?? {};
      if (!has || there === undefined || leaves || court.trouble.disk) return;
      for (const session of integrated) {
        if (uncertain.has(session) || truth.ends(session)?.outcome !== 'completed') continue;
        if (keep === 'always' && !there.has(session))
          court.report('§5 tree', `the tree of ${session} has gone, and is to be kept`);
        if (keep === 'until_merged' && there.has(session))
          court.report('§5 tree', `the tree of ${session} is still there, and is merged`);
      }
    },
  };
}
