import { attr, el, visible } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';
import { perFrame } from '../dom/per-frame.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { isFiltered } from '../model/session-filter.ts';
import { mayMove, type Order, type SortKey } from '../model/session-order.ts';
import { rowsOf, type TableRow, urgency } from '../model/session-rows.ts';
import { type FanOutItem, fanOutRow } from './fan-out-row.ts';
import { filterBar } from './filter-bar.ts';
import { type SessionItem, sessionRow } from './session-row.ts';

const COLUMNS: readonly { readonly label: string; readonly key?: SortKey; readonly class?: string }[] = [
  { label: 'Session', key: 'id' },
  { label: 'Status', key: 'status' },
  { label: 'Activity', class: 'detail' },
  { label: 'Project', key: 'project', class: 'wide' },
  { label: 'Cost', key: 'cost', class: 'number' },
  { label: 'Tokens', key: 'tokens', class: 'number wide' },
  { label: 'Time', key: 'time', class: 'number' },
  { label: 'Attempts', key: 'attempts', class: 'number wide' },
];
/** Row height in pixels, as in the style sheet. */
const ROW = 33;
const OVERSCAN = 12;

type Item = SessionItem | FanOutItem;

export interface SessionsTable extends Part {
  /** Focuses the search. */
  search(): void;
  /** The filter has changed. */
  filtered(): void;
}

/** All sessions that match the filter. In a long list only the visible rows and their neighbours are in the document. */
export function sessionsTable(context: GroupContext): SessionsTable {
  const { model, hashOf, selected, filter } = context;
  const rehearsal = model.detail.rehearsal === true;
  let order: Order = { descending: false };
  const unfolded = new Set<string>();
  let rows: readonly TableRow[] = [];

  const head = el('tr', { 'aria-rowindex': 1 });
  const body = el('tbody');
  const above = el('tbody', { 'aria-hidden': 'true' }, el('tr', {}, el('td', { colspan: COLUMNS.length })));
  const below = above.cloneNode(true) as HTMLElement;
  const table = el(
    'table',
    { class: 'sessions', 'aria-label': 'Sessions' },
    el('thead', {}, head),
    above,
    body,
    below,
  );
  const none = el('p', { class: 'empty' }, 'No sessions match.');
  const scroll = el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Sessions' },
    table,
    none,
  );
  const bar = filterBar(context);

  const toggle = (name: string) => {
    if (!unfolded.delete(name)) unfolded.add(name);
    arrange();
  };
  const list = new KeyedList<Item>(
    body,
    ({ key }) => key,
    item => {
      if (item.kind === 'session') {
        const { node, update } = sessionRow(item, hashOf(item.session.id));
        return { node, update: now => now.kind === 'session' && update(now) };
      }
      const { node, update } = fanOutRow(item, toggle);
      return { node, update: now => now.kind === 'fan-out' && update(now) };
    },
  );
  const itemOf = (row: TableRow, place: number): Item[] => {
    if (row.kind === 'fan-out') {
      const sessions = row.ids.flatMap(id => model.sessions.get(id) ?? []);
      return [{ ...row, sessions, place, rehearsal }];
    }
    const session = model.sessions.get(row.id);
    if (session === undefined) return [];
    const { key, inner } = row;
    const shown = { now: Date.now(), age: model.age(), chosen: selected() === row.id, rehearsal };
    const [result = '', said = ''] = [model.results.get(row.id), model.said.get(row.id)];
    return [{ kind: 'session', key, session, place, inner, result, said, ...shown }];
  };
  let from = 0;
  let to = 0;
  const window = () => {
    from = Math.max(0, Math.floor(scroll.scrollTop / ROW) - OVERSCAN);
    to = Math.min(rows.length, Math.ceil((scroll.scrollTop + (scroll.clientHeight || 600)) / ROW) + OVERSCAN);
    from = Math.min(from, to);
    above.style.setProperty('height', `${from * ROW}px`);
    below.style.setProperty('height', `${(rows.length - to) * ROW}px`);
    attr(above, 'hidden', from === 0);
    attr(below, 'hidden', to === rows.length);
    list.show(rows.slice(from, to).flatMap((row, index) => itemOf(row, from + index + 1)));
  };
  /** The row of each session, and of the fan-out that it is in. */
  const places = new Map<string, number[]>();
  const arrange = () => {
    const result = (id: string) => model.results.get(id);
    rows = rowsOf(model.sessions.values(), { order, filter: filter.value, unfolded, result });
    places.clear();
    let found = 0;
    rows.forEach((row, place) => {
      const ids = row.kind === 'session' ? [row.id] : row.ids;
      if (row.kind === 'fan-out') found += row.ids.length;
      else if (!row.inner) found += 1;
      for (const id of ids) places.set(id, [...(places.get(id) ?? []), place]);
    });
    attr(table, 'aria-rowcount', rows.length + 1);
    visible(none, rows.length === 0);
    bar.show(found);
    window();
  };
  const redraw = (ids: Iterable<string>) => {
    const wanted = new Set([...ids].flatMap(id => places.get(id) ?? []));
    for (const place of wanted) {
      const row = rows[place];
      if (row === undefined || place < from || place >= to) continue;
      for (const item of itemOf(row, place + 1)) list.get(item.key)?.update(item);
    }
  };
  scroll.addEventListener('scroll', perFrame(window), { passive: true });
  new ResizeObserver(perFrame(window)).observe(scroll);

  const headers = COLUMNS.map(({ label, key, class: kind }) => {
    const cell = el('th', { scope: 'col', class: kind });
    if (key === undefined) cell.append(label);
    else {
      const click = () => {
        const same = order.key === key;
        order = same && order.descending ? { descending: false } : { key, descending: same };
        for (const [other, header] of headers) {
          const direction = order.descending ? 'descending' : 'ascending';
          attr(header, 'aria-sort', other === order.key ? direction : undefined);
        }
        arrange();
      };
      cell.append(el('button', { type: 'button', class: 'sort', click }, label));
    }
    head.append(cell);
    return [key, cell] as const;
  });
  const ranks = new Map<string, number>();
  /** Whether one of them may have to stand elsewhere now. */
  const move = (ids: Iterable<string>): boolean => {
    let hasMoved = mayMove(order) || isFiltered(filter.value);
    for (const id of ids) {
      const session = model.sessions.get(id);
      const rank = session === undefined ? undefined : urgency(session);
      if (rank === undefined || ranks.get(id) === rank) continue;
      ranks.set(id, rank);
      hasMoved ||= order.key === undefined;
    }
    return hasMoved;
  };
  move(model.sessions.keys());
  arrange();

  let chosen = selected();
  return {
    node: el('div', {}, bar.node, scroll),
    search: bar.focus,
    filtered() {
      scroll.scrollTop = 0;
      arrange();
    },
    update(changes, ticked) {
      if (changes.sessions.size > 0 && move(changes.sessions)) arrange();
      else redraw(changes.sessions);
      redraw(ticked);
      if (chosen === selected()) return;
      redraw([chosen, selected()].filter(id => id !== undefined));
      chosen = selected();
    },
  };
}
