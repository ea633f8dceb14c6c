import { attr, el } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';
import { perFrame } from '../dom/per-frame.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { inOrder, mayMove, type Order, type SortKey } from '../model/session-order.ts';
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

/** All sessions. In a long list only the visible rows and their neighbours are in the document. */
export function sessionsTable({ model, hashOf, selected }: GroupContext): Part {
  let order: Order = { descending: false };
  let sorted = inOrder(model.sessions.values(), order);

  const head = el('tr', { 'aria-rowindex': 1 });
  const body = el('tbody');
  const above = el('tbody', { 'aria-hidden': 'true' }, el('tr', {}, el('td', { colspan: COLUMNS.length })));
  const below = above.cloneNode(true) as HTMLElement;
  const table = el(
    'table',
    { class: 'sessions', 'aria-label': 'Sessions', 'aria-rowcount': sorted.length + 1 },
    el('thead', {}, head),
    above,
    body,
    below,
  );
  const node = el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Sessions' }, table);

  const list = new KeyedList<SessionItem>(
    body,
    ({ session }) => session.id,
    item => sessionRow(item, hashOf(item.session.id)),
  );
  const itemAt = (place: number): SessionItem[] => {
    const session = sorted[place];
    if (session === undefined) return [];
    const now = Date.now();
    return [
      {
        session: model.sessions.get(session.id) ?? session,
        place: place + 1,
        now,
        age: model.age(),
        chosen: selected() === session.id,
      },
    ];
  };
  let from = 0;
  let to = 0;
  const window = () => {
    from = Math.max(0, Math.floor(node.scrollTop / ROW) - OVERSCAN);
    to = Math.min(sorted.length, Math.ceil((node.scrollTop + (node.clientHeight || 600)) / ROW) + OVERSCAN);
    above.style.setProperty('height', `${from * ROW}px`);
    below.style.setProperty('height', `${(sorted.length - to) * ROW}px`);
    attr(above, 'hidden', from === 0);
    attr(below, 'hidden', to === sorted.length);
    list.show(Array.from({ length: to - from }, (_, index) => itemAt(from + index)).flat());
  };
  const places = new Map<string, number>();
  const sort = () => {
    sorted = inOrder(model.sessions.values(), order);
    places.clear();
    sorted.forEach(({ id }, place) => {
      places.set(id, place);
    });
    window();
  };
  const redraw = (id: string) => {
    const place = places.get(id);
    if (place === undefined || place < from || place >= to) return;
    for (const item of itemAt(place)) list.get(id)?.update(item);
  };
  node.addEventListener('scroll', perFrame(window), { passive: true });
  new ResizeObserver(perFrame(window)).observe(node);

  const headers = COLUMNS.map(({ label, key, class: kind }) => {
    const cell = el('th', { scope: 'col', class: kind });
    if (key === undefined) cell.append(label);
    else {
      const click = () => {
        const same = order.key === key;
        order = same && order.descending ? { descending: false } : { key, descending: same };
        for (const [other, header] of headers) {
          attr(
            header,
            'aria-sort',
            other === order.key ? (order.descending ? 'descending' : 'ascending') : undefined,
          );
        }
        sort();
      };
      cell.append(el('button', { type: 'button', class: 'sort', click }, label));
    }
    head.append(cell);
    return [key, cell] as const;
  });
  sort();

  let chosen = selected();
  return {
    node,
    update(changes, ticked) {
      if (changes.sessions.size > 0 && mayMove(order)) sort();
      else for (const id of changes.sessions) redraw(id);
      for (const id of ticked) redraw(id);
      if (chosen === selected()) return;
      if (chosen !== undefined) redraw(chosen);
      chosen = selected();
      if (chosen !== undefined) redraw(chosen);
    },
  };
}
