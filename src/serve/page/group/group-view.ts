import { isLiveGroup } from '../../../../machines/vocabulary.ts';
import type { GroupDetail, GroupEvent } from '../../api-types.ts';
import { tabs } from '../controls/tabs.ts';
import { el } from '../dom/el.ts';
import { perFrame } from '../dom/per-frame.ts';
import { onSlash } from '../dom/slash-key.ts';
import type { App, View } from '../frame/shell.ts';
import { graphPart } from '../graph/graph.ts';
import { laterInbox } from '../later/inbox.ts';
import { laterPanel } from '../later/session-panel.ts';
import { laterTabs } from '../later/tab-part.ts';
import { Cell } from '../model/cell.ts';
import { GroupModel, noChanges } from '../model/group-model.ts';
import { groupHash } from '../model/route.ts';
import { filterQuery, isFiltered, readFilter } from '../model/session-filter.ts';
import { ticks } from '../model/session-words.ts';
import { followGroup, type GroupStream } from '../net/group-stream.ts';
import { waitingGroups } from '../net/waiting-groups.ts';
import type { SessionPanel } from '../session/session-panel.ts';
import { sessionsTable } from '../sessions/sessions-table.ts';
import { announcer } from './announce.ts';
import { groupHeader } from './group-header.ts';
import { meters } from './meters.ts';
import type { GroupContext, Part } from './part.ts';

const TICK_MS = 1_000;
/** Minimum time between two renderings. */
const PAUSE_MS = 100;

type Query = Readonly<Record<string, string>>;

export interface GroupView extends View {
  readonly group: string;
  /** Opens a session's panel; undefined closes it. A filter in `query` replaces the one that is set. */
  select(session: string | undefined, query: Query): void;
}

/**
 * The view of one group; follows it until closed. Calls `reload` when the definition has changed.
 * @param query the filter of its sessions, as the address has it.
 */
export function groupView(app: App, detail: GroupDetail, query: Query, reload: () => void): GroupView {
  const model = new GroupModel(detail);
  const path = `/groups/${encodeURIComponent(detail.id)}`;
  let selected: string | undefined;
  let stream: GroupStream | undefined;
  const filter = new Cell(readFilter(query), () => {
    keepAddress();
    if (tabbed.current() !== 'Sessions') tabbed.open('Sessions');
    table.filtered();
    totals.update();
    // Whoever presses a chip may not see the table; whoever types does.
    if (tabbed.node.matches(':focus-within')) return;
    const behavior = matchMedia('(prefers-reduced-motion)').matches ? 'instant' : 'smooth';
    tabbed.node.scrollIntoView({ block: 'nearest', behavior });
  });
  const keepAddress = () =>
    history.replaceState(null, '', groupHash(detail.id, selected, filterQuery(filter.value)));
  const context: GroupContext = {
    api: app.api,
    model,
    path,
    selected: () => selected,
    filter,
    hashOf: session => groupHash(detail.id, session),
    tell: words => app.notices.tell(words),
    say: app.say,
    async request(below, body) {
      app.notices.clear();
      try {
        await app.api.post(`${path}${below}`, body);
        return true;
      } catch (error) {
        app.notices.fail(error);
        return false;
      } finally {
        stream?.wake();
      }
    },
  };

  const header = groupHeader(context);
  const inbox = laterInbox(context);
  const totals = meters(context);
  const graph = graphPart(context);
  const table = sessionsTable(context);
  const others = laterTabs(context);
  const views: Readonly<Record<string, Part>> = { Sessions: table, ...others };
  const tabbed = tabs(
    Object.entries(views).map(([name, { node }]) => ({ name, node })),
    () => {
      others[tabbed.current()]?.shown();
      draw();
    },
  );
  const main = el('div', { class: 'column' }, header.node, inbox.node, totals.node, graph.node, tabbed.node);
  const node = el('div', { class: 'group-view' }, main);
  let panel: SessionPanel | undefined;
  let opener: Focusable | undefined;
  const leavePanel = () => {
    location.hash = groupHash(detail.id, undefined, filterQuery(filter.value));
  };

  const announce = announcer(model);
  let ticked: readonly string[] = [];
  /** Changes that hidden tabs have not rendered yet. */
  const missed = new Map(Object.keys(views).map(name => [name, noChanges()]));
  const draw = () => {
    const changes = model.takeChanges();
    for (const part of [header, inbox, totals, graph, panel]) part?.update(changes, ticked);
    for (const [name, part] of Object.entries(views)) {
      const behind = missed.get(name);
      if (behind === undefined) continue;
      for (const id of changes.sessions) behind.sessions.add(id);
      for (const id of changes.attempts) behind.attempts.add(id);
      if (name !== tabbed.current()) continue;
      missed.set(name, noChanges());
      part.update(behind, ticked);
    }
    ticked = [];
    app.title(`${model.shown} · ${detail.name}`, model.approvals.size);
    const words = announce(changes);
    if (words !== '') app.say(words);
  };
  const soon = perFrame(draw, PAUSE_MS);
  const clock = setInterval(() => {
    if (!isLiveGroup(model.totals.status)) return;
    ticked = [...model.sessions.values()].filter(ticks).map(({ id }) => id);
    soon();
  }, TICK_MS);

  stream = followGroup(app.api, detail.id, detail.nextSeq, {
    gap: reload,
    event(event) {
      if (rebuilds(event)) reload();
      else model.event(event);
      soon();
    },
    progress(update) {
      model.progress(update);
      soon();
    },
    state(state, failure) {
      app.connection(state);
      if (state !== 'refused') return;
      if (failure?.status === 401) app.expired();
      else app.notices.fail(failure);
    },
  });
  draw();
  // On a narrow screen the panel covers everything else, which must not take the focus.
  const narrow = matchMedia('(max-width: 1079px)');
  const cover = () => {
    main.inert = panel !== undefined && narrow.matches;
  };
  narrow.addEventListener('change', cover);
  node.addEventListener('keydown', event => {
    if (event.key === 'Escape' && panel !== undefined) leavePanel();
  });

  const endWaiting = waitingGroups(app.api, detail.id, app.waiting);
  const endSlash = onSlash(() => {
    if (main.inert) return;
    if (tabbed.current() !== 'Sessions') tabbed.open('Sessions');
    table.search();
  });

  return {
    node,
    group: detail.id,
    wake: () => stream?.wake(),
    select(wanted, given) {
      if (Object.keys(given).length > 0) filter.set(readFilter(given));
      const before = selected;
      const isKnown = wanted === undefined || model.sessions.has(wanted);
      if (!isKnown) app.notices.tell(`This group has no session ${wanted}.`);
      const session = isKnown ? wanted : undefined;
      selected = session;
      if (isFiltered(filter.value)) keepAddress();
      if (session === before) return;
      const focused = document.activeElement;
      if (panel === undefined && isFocusable(focused)) opener = focused;
      panel?.close();
      panel?.node.remove();
      panel = undefined;
      graph.choose(session);
      if (session !== undefined) {
        panel = laterPanel(context, session, leavePanel);
        node.append(panel.node);
      }
      cover();
      node.toggleAttribute('data-panel', panel !== undefined);
      if (panel !== undefined) panel.focus();
      else if (before !== undefined) restoreFocus(opener, main, context.hashOf(before));
      draw();
    },
    close() {
      clearInterval(clock);
      endSlash();
      endWaiting();
      app.waiting(0);
      narrow.removeEventListener('change', cover);
      stream?.close();
      panel?.close();
      for (const part of Object.values(others)) part.close();
    },
  };
}

type Focusable = HTMLElement | SVGElement;
const isFocusable = (node: Element | null): node is Focusable =>
  node !== document.body && (node instanceof HTMLElement || node instanceof SVGElement);

/** Focuses the element that opened the panel or, if it is gone, another link to the same session. */
function restoreFocus(opener: Focusable | undefined, main: Element, href: string): void {
  const links = [...main.querySelectorAll<Focusable>('a[href]')];
  const same = links.find(link => link.getAttribute('href') === href && link.closest('[hidden]') === null);
  const there = opener?.isConnected && opener.closest('[hidden]') === null ? opener : same;
  there?.focus({ preventScroll: true });
}

/** Whether the definition changed: sessions may have been added or removed. */
const rebuilds = ({ type }: GroupEvent): boolean => (type as string) === 'group_updated';
