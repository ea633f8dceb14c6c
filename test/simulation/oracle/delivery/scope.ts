import { type Concern, type Court, fieldOf, textOf } from '../concern.ts';
import { RecordReader } from './record-reader.ts';
import { nameOf, OURS, Repositories } from './repositories.ts';

/** §4 (delivery), `scope`: whether what one repository refuses keeps back what was merged in the others. */
export function scope(court: Court): Concern {
  const { truth } = court;
  const repositories = new Repositories();
  const reader = new RecordReader();
  /** Those in which a session has merged. */
  const merged = new Set<string>();
  /** Of the delivery under way: its branch; and repositories that somebody else has moved since. */
  let into: string | undefined;
  const meddled = new Set<string>();
  /** A step of git was made to fail, or its engine died. */
  let isCut = false;

  /** What a repository needs: nothing, a move of its branch, or somebody. */
  function needs(repository: string): 'nothing' | 'a move' | 'somebody' {
    const from = repositories.of(repository).get(`refs/heads/${into}`);
    const to = repositories.merged(repository);
    if (to === undefined || from === undefined) return 'somebody';
    if (repositories.contains(from, to)) return 'nothing';
    return repositories.contains(to, from) ? 'a move' : 'somebody';
  }

  const those = (what: ReturnType<typeof needs>): string[] =>
    [...merged].filter(repository => !meddled.has(repository) && needs(repository) === what);

  function ordered(repository: string): void {
    if (truth.definition.delivery?.scope !== 'all') return;
    const [refusing] = those('somebody');
    if (refusing !== undefined)
      court.report('§4 delivery', `${repository} gets its part, and ${refusing} cannot take its own`);
  }

  function refused(): void {
    if (truth.definition.delivery?.scope !== 'each' || isCut) return;
    const [left] = those('a move');
    if (left !== undefined)
      court.report('§4 delivery', `${left} does not get its part, and nothing is in its way`);
  }

  function read(record: Readonly<Record<string, unknown>>, type: string): void {
    switch (type) {
      case 'session_integrated':
        merged.add(nameOf(textOf(record.repository)));
        return;
      case 'group_delivering':
        into = textOf(record.into);
        meddled.clear();
        isCut = false;
        return;
      case '_delivering':
        if (fieldOf(record.order, 'to') !== undefined) ordered(nameOf(textOf(record.repository)));
        return;
      case 'group_pausing':
        if (into !== undefined && /^(conflict|delivery_refused)$/.test(textOf(record.reason))) refused();
        into = undefined;
        return;
      case 'group_delivered':
        into = undefined;
        return;
      case '_taken_over':
        isCut = true;
        return;
    }
  }

  return {
    see(observation) {
      repositories.see(observation);
      if (observation.kind === 'ref' && observation.pid === undefined && !OURS.test(observation.ref))
        meddled.add(observation.repository);
      else if (observation.kind === 'fault' || observation.kind === 'process.crashed') isCut = true;
      else if (observation.kind === 'journal')
        for (const record of reader.read(observation).records) read(record, record.type);
    },
  };
}
