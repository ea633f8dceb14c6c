import type { Files, Observation } from '../../history.ts';
import { type Concern, type Court, fieldOf, textOf } from '../concern.ts';
import { RecordReader } from './record-reader.ts';
import { MERGED, nameOf, OURS, Repositories, sameFiles } from './repositories.ts';

const ENDS_DELIVERY = /^(group_(delivered|pausing|paused|stopping|retried|updated)|delivery_refused)$/;

/** §5 (its tree), §4 (delivery), I10: which branches move, when, and to what. */
export function branches(court: Court): Concern {
  const { truth } = court;
  const repositories = new Repositories();
  const reader = new RecordReader();
  /** Commits to which the journal has ordered a branch to be moved, with the result that each brings. */
  const ordered = new Map<string, { readonly record: string; readonly result: string }>();
  /** Sessions for which a tree has been ordered. */
  const placed = new Set<string>();
  /** Of each repository, the session that merges there. */
  const turns = new Map<string, string>();
  const homes = new Map<string, string>();
  const running = new Map<number, { readonly session: string; readonly files: Files }>();
  /** What green checks have seen. */
  const green: Files[] = [];
  /** Branches of the user's that somebody has asked to deliver to. */
  const asked = new Set<string>();
  let deletes = false;
  /** A request to deliver that is neither carried out nor refused, and whether somebody has gone on with it. */
  let pending: { goesOn: boolean } | undefined;

  const isChecked = (commit: string): boolean => {
    const files = repositories.commits.get(commit)?.files;
    return green.some(seen => sameFiles(seen, files));
  };

  function moved({ repository, ref, to }: Extract<Observation, { kind: 'ref' }>): void {
    const from = repositories.of(repository).get(ref);
    if (to === undefined) {
      if (!deletes) court.report('§5 tree', `${ref} of ${repository} has gone, and nobody deletes the group`);
      return;
    }
    if (!OURS.test(ref)) delivered(repository, ref, from, to);
    if (!OURS.test(ref) || !ref.startsWith('refs/heads/')) return;
    if (!MERGED.test(ref)) {
      const isNew = from === undefined || placed.has(ref);
      placed.delete(ref);
      if (!isNew && !ordered.has(to))
        court.report('I10', `${ref} of ${repository} moves to ${to}, which was not ordered`);
      return;
    }
    const order = ordered.get(to);
    if (order === undefined)
      court.report('I10', `the group's branch in ${repository} moves to ${to}, which was not ordered`);
    if (from !== undefined && !repositories.contains(to, from))
      court.report('§5 tree', `the group's branch in ${repository} moves back, from ${from} to ${to}`);
    const { verify, verifyMerge } = truth.definition.delivery ?? {};
    if (order && verify && !isChecked(verifyMerge ? to : order.result))
      if (order.record === '_merging' || verifyMerge)
        court.report('§5 tree', `the group's branch in ${repository} moves to ${to}, which was not checked`);
  }

  function delivered(repository: string, ref: string, from: string | undefined, to: string): void {
    const into = ref.replace('refs/heads/', '');
    if (into !== truth.definition.delivery?.into && !asked.has(into))
      court.report('§4 delivery', `${into} of ${repository} moves, and nobody has asked for that`);
    if (ordered.get(to)?.record !== '_delivering')
      court.report('I10', `${into} of ${repository} moves to ${to}, which was not ordered`);
    if (from !== undefined && !repositories.contains(to, from))
      court.report('§4 delivery', `${into} of ${repository} loses what it had at ${from}`);
    if (!repositories.contains(repositories.merged(repository), to))
      court.report('§4 delivery', `${into} of ${repository} gets ${to}, which was not merged`);
  }

  function read(record: Readonly<Record<string, unknown>>, type: string): void {
    const session = textOf(record.sessionId);
    const { order } = record;
    switch (type) {
      case '_workspace':
        placed.add(textOf(fieldOf(order, 'branch')));
        homes.set(session, nameOf(textOf(fieldOf(order, 'repository'))));
        return;
      case '_trial':
        placed.add(textOf(fieldOf(order, 'branch')));
        return;
      case '_merging':
        takesTurn(session);
        break;
      case '_result':
      case '_joining':
        break;
      case '_delivering':
        ordered.set(textOf(fieldOf(order, 'to')), { record: type, result: '' });
        return;
      case '_taken_over':
        turns.clear();
        return;
      case 'session_integrated':
      case 'session_retrying':
      case 'session_paused':
      case 'session_failed':
      case 'session_stopped':
        for (const [repository, other] of turns) if (other === session) turns.delete(repository);
        return;
      case 'group_paused':
      case 'group_resumed':
      case 'group_stopped':
        turns.clear();
        return;
      default:
        return;
    }
    const commit = textOf(fieldOf(order, 'commit'));
    // What has been merged once, and is merged again with what has come since.
    const result = textOf(fieldOf(order, 'result')) || commit;
    const first = ordered.get(result)?.record === '_merging' ? ordered.get(result)?.result : undefined;
    ordered.set(commit, { record: type, result: first ?? result });
  }

  function takesTurn(session: string): void {
    const repository = homes.get(session) ?? '';
    const other = turns.get(repository);
    if (other !== undefined && other !== session)
      court.report('§5 tree', `${session} merges in ${repository} while ${other} does`);
    turns.set(repository, session);
  }

  return {
    see(observation) {
      if (observation.kind === 'ref' && observation.pid !== undefined) moved(observation);
      repositories.see(observation);
      switch (observation.kind) {
        case 'command.started':
          running.set(observation.command, observation);
          return;
        case 'command.ended': {
          const command = running.get(observation.command);
          if (command && observation.outcome === 'green') green.push(command.files);
          return;
        }
        case 'request':
          if (observation.verb === 'delete') deletes = true;
          if (observation.verb === 'integrate') asked.add(textOf(observation.args.into));
          return;
        case 'journal':
          for (const record of reader.read(observation).records) read(record, record.type);
          return;
      }
    },
    before(event) {
      if (event.type !== 'session_integrated') return;
      const repository = nameOf(textOf(event.repository));
      const commit = textOf(event.commit);
      if (!repositories.contains(repositories.merged(repository), commit))
        court.report('§5 tree', `${textOf(event.sessionId)} is integrated, and ${commit} is not merged`);
    },
    after(event) {
      if (event.type === 'group_delivering')
        pending = event.requested === true ? { goesOn: false } : undefined;
      else if (ENDS_DELIVERY.test(event.type)) pending = undefined;
      else if (event.type === 'group_resumed' && pending) pending.goesOn = true;
      else if (/^group_(completed|failed|stopped)$/.test(event.type)) {
        if (pending?.goesOn)
          court.report('§4 delivery', `${event.type}, and what was asked for is not delivered`);
        pending = undefined;
      }
      const { into, integrate } = truth.definition.delivery ?? {};
      if (event.type !== 'group_completed' || into === undefined || integrate !== 'merge') return;
      for (const repository of new Set(homes.values())) {
        const merged = repositories.merged(repository);
        if (merged === undefined) continue;
        if (!repositories.contains(repositories.of(repository).get(`refs/heads/${into}`), merged))
          court.report('I5', `completed, and ${into} of ${repository} has not got what was merged`);
      }
    },
  };
}
