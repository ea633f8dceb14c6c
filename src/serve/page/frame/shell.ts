import { counted } from '../../../sdk/format.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import type { Api } from '../net/api.ts';
import type { StreamState } from '../net/group-stream.ts';
import { type Notices, notices } from './notices.ts';

/** The main content of the page. */
export interface View {
  readonly node: Element;
  /** The page is visible again: refresh at once. */
  wake(): void;
  close(): void;
}

/** The page around a view, as the view sees it. */
export interface App {
  readonly api: Api;
  readonly notices: Notices;
  say(words: string): void;
  /** Sets the window title, prefixed with the number of pending permission requests. */
  title(words: string, waiting: number): void;
  connection(state: StreamState): void;
  /** How many other groups wait for a person. */
  waiting(groups: number): void;
  /** The server rejected this tab's token. */
  expired(): void;
}

export interface Shell extends App {
  show(view: Element): void;
}

const CONNECTION: Readonly<Record<StreamState, string>> = {
  connecting: 'connecting…',
  live: 'live',
  lost: 'connection lost, reconnecting…',
  ended: 'settled',
  refused: 'not connected',
};

/** The page around the views. */
export function shell(body: HTMLElement, api: Api, expired: () => void): Shell {
  const state = el('p', { class: 'connection', role: 'status' });
  const words = el('span');
  state.append(el('i', { 'aria-hidden': 'true' }), words);
  visible(state, false);
  const messages = notices();
  const live = el('p', { class: 'unseen', 'aria-live': 'polite' });
  const main = el('main', { id: 'main' });
  const back = el('a', { href: '#/', class: 'home' }, icon('back').node, 'All groups');
  const others = el('a', { href: '#/?waiting=true', class: 'others' });
  visible(others, false);
  const brand = el('a', { href: '#/', class: 'brand' }, 'session-groups');
  body.replaceChildren(el('header', { class: 'top' }, brand, back, others, state), messages.node, main, live);
  return {
    api,
    notices: messages,
    expired,
    say: said => text(live, said),
    title(name, waiting) {
      const wanted = `${waiting > 0 ? `(${waiting}) ` : ''}${name} · session-groups`;
      if (document.title !== wanted) document.title = wanted;
    },
    connection(now) {
      attr(state, 'data-state', now);
      text(words, CONNECTION[now]);
      visible(state, true);
    },
    waiting(groups) {
      const verb = groups === 1 ? 'waits' : 'wait';
      text(others, `${counted(groups, 'other group')} ${verb} for you`);
      visible(others, groups > 0);
    },
    show(view) {
      visible(back, view.classList.contains('group-view'));
      main.replaceChildren(view);
    },
  };
}
