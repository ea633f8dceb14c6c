import type { GroupDetail } from '../api-types.ts';
import { el } from './dom/el.ts';
import { shell, type View } from './frame/shell.ts';
import { signIn } from './frame/sign-in.ts';
import { type GroupView, groupView } from './group/group-view.ts';
import { listView } from './list/list-view.ts';
import { type Route, readRoute } from './model/route.ts';
import { ApiFailure, createApi } from './net/api.ts';
import { hasToken, takeToken } from './net/token.ts';

const RETRY_MS = 1_500;

start();

/** The page: shows the view that the address names. */
function start(): void {
  const token = takeToken();
  const api = createApi(token ?? '');
  const app = shell(document.body, api, () => {
    leave();
    app.show(signIn(true));
  });
  let view: View | undefined;
  let group: GroupView | undefined;
  /** Counts navigations, so that a response that arrives after the next navigation is ignored. */
  let place = 0;

  const leave = () => {
    view?.close();
    view = group = undefined;
  };
  /** Whoever has come here from another view has lost the focus with what had it. */
  const put = (next: View) => {
    leave();
    view = next;
    app.show(next.node);
    if (place > 1 && document.activeElement === document.body) {
      next.node.querySelector('h1')?.focus({ preventScroll: true });
    }
  };
  const failed = (error: unknown, again: () => void) => {
    if (error instanceof ApiFailure && error.status === 401) {
      app.expired();
      return;
    }
    if (error instanceof ApiFailure && error.status === 0) {
      app.connection('lost');
      setTimeout(again, RETRY_MS);
      return;
    }
    app.notices.fail(error);
    app.show(el('p', { class: 'empty' }, el('a', { href: '#/' }, 'All groups')));
  };

  const openGroup = async (route: Route & { readonly page: 'group' }) => {
    const here = ++place;
    const current = () => here === place;
    try {
      const detail = await api.get<GroupDetail>(`/groups/${encodeURIComponent(route.group)}?graph=folded`);
      if (!current()) return;
      const opened = groupView(
        app,
        detail,
        routeNow(route).filter,
        () => current() && void openGroup(routeNow(route)),
      );
      put(opened);
      group = opened;
      opened.select(route.session, {});
    } catch (error) {
      if (current()) failed(error, () => current() && void openGroup(route));
    }
  };
  const go = () => {
    if (hasToken()) {
      // Another address of the page, in the same tab: as if it were opened.
      takeToken();
      location.reload();
      return;
    }
    const route = readRoute(location.hash);
    app.notices.clear();
    if (route.page === 'group' && group?.group === route.group) {
      place++;
      group.select(route.session, route.filter);
      return;
    }
    leave();
    if (route.page === 'group') {
      app.show(el('div', { class: 'skeleton', role: 'status', 'aria-label': 'Loading' }));
      void openGroup(route);
    } else {
      place++;
      put(listView(app, route.filter));
    }
  };

  addEventListener('hashchange', () => (token !== undefined || hasToken()) && go());
  if (token === undefined) {
    app.show(signIn(false));
    return;
  }
  addEventListener('online', () => view?.wake());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') view?.wake();
  });
  go();
}

/** The route with the session that is open now. */
function routeNow(route: Route & { readonly page: 'group' }): Route & { readonly page: 'group' } {
  const now = readRoute(location.hash);
  return now.page === 'group' && now.group === route.group ? now : route;
}
