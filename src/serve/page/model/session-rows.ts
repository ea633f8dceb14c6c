import { foldedRows } from '../../../words/fan-outs.ts';
import { isFiltered, matches, type SessionFilter } from './session-filter.ts';
import { inOrder, type Order } from './session-order.ts';
import type { ShownSession } from './shown-session.ts';

/** A row of the table: a session, or a fan-out, whose sessions follow it if it is unfolded. */
export type TableRow =
  | { readonly kind: 'session'; readonly key: string; readonly id: string; readonly inner: boolean }
  | {
      readonly kind: 'fan-out';
      readonly key: string;
      readonly name: string;
      readonly ids: readonly string[];
      readonly open: boolean;
    };

export interface RowsWanted {
  readonly order: Order;
  readonly filter: SessionFilter;
  /** Names of unfolded fan-outs. */
  readonly unfolded: ReadonlySet<string>;
  /** The first line of a session's result. */
  result(id: string): string | undefined;
}

/**
 * The rows to show. In the order of the definition, what people have to know of comes first, and fan-outs are folded; in
 * any other order, or filtered, there are only sessions.
 */
export function rowsOf(sessions: Iterable<ShownSession>, wanted: RowsWanted): TableRow[] {
  const { order, filter, unfolded, result } = wanted;
  const all = [...sessions];
  const left = isFiltered(filter) ? all.filter(one => matches(one, filter, result(one.id))) : all;
  const row = ({ id }: ShownSession, inner = false): TableRow => ({ kind: 'session', key: id, id, inner });
  if (order.key !== undefined) return inOrder(left, order).map(one => row(one));
  if (isFiltered(filter)) return urgentFirst(left, urgency).map(one => row(one));
  const first = urgentFirst(foldedRows(left), one =>
    one.kind === 'session' ? urgency(one.session) : Math.min(...one.sessions.map(urgency)),
  );
  return first.flatMap((one): TableRow[] => {
    if (one.kind === 'session') return [row(one.session)];
    const { name, sessions: inside } = one;
    const open = unfolded.has(name);
    const head = { kind: 'fan-out', key: `${name}[*]`, name, ids: inside.map(({ id }) => id), open } as const;
    return [head, ...(open ? urgentFirst(inside, urgency).map(session => row(session, true)) : [])];
  });
}

/** Lower comes first: those that wait for a person or have failed, then all others. */
export const urgency = ({ status }: ShownSession): number => URGENT[status] ?? 2;

const URGENT: Readonly<Partial<Record<ShownSession['status'], number>>> = {
  awaiting_approval: 0,
  interrupted: 0,
  suspended: 0,
  failed: 1,
};

const urgentFirst = <T>(all: readonly T[], rank: (one: T) => number): readonly T[] => {
  const ranked = all.map(one => ({ one, rank: rank(one) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ one }) => one);
};
