import type { GroupProgress } from '../../sdk/group/progress/progress.ts';
import { isHeld } from '../../words/wait-words.ts';
import { isAnsweredByKey, type OpenRequest, openRequests } from './approvals.ts';
import { CTRL_C, CTRL_Z } from './keys.ts';
import { keyOf, type LiveRow } from './visible-sessions.ts';

/*
 * What the keys of the live view mean: a key, the view's state and what is on the screen give the next state, and what is
 * to be done.
 *
 * VIEW-STATE-1 a key acts on what is on the screen: the request that it answers is the one that was drawn.
 * VIEW-STATE-2 Ctrl-C and Ctrl-Z mean the same on every screen.
 */

export interface ViewState {
  readonly screen: 'group' | 'help' | 'transcript';
  /** The key of a row (`keyOf`); absent: none. */
  readonly selected?: string | undefined;
  /** The keys of the fan-outs of which all sessions are shown. */
  readonly unfolded: ReadonlySet<string>;
  /** Of the transcript: by how many lines it is scrolled up from its end. */
  readonly scrolled: number;
}

export const FIRST_STATE: ViewState = { screen: 'group', unfolded: new Set(), scrolled: 0 };

/** What is on the screen. */
export interface Seen {
  readonly progress: GroupProgress;
  readonly rows: readonly LiveRow[];
  /** Another process runs the group. */
  readonly elsewhere: boolean;
  /** How many lines a page has. */
  readonly page: number;
  /** By how many lines the transcript can be scrolled up. */
  readonly above: number;
  /** Of a group that is suspended: what it asks for, in words. */
  readonly suspended?: readonly string[] | undefined;
}

export type Intent =
  /** A step of Ctrl-C. */
  | { readonly type: 'interrupt' }
  | { readonly type: 'suspend' }
  | { readonly type: 'detach' }
  | { readonly type: 'pause' }
  | { readonly type: 'redraw' }
  | { readonly type: 'answer'; readonly request: OpenRequest; readonly decision: 'allow' | 'deny' }
  /** Holds a session, or lets it go on. */
  | { readonly type: 'hold' | 'release'; readonly sessionId: string }
  | { readonly type: 'note'; readonly text: string };

/** What concerns more than the view. */
export type Action = Exclude<Intent, { readonly type: 'note' | 'redraw' }>;

export interface Pressed {
  readonly state: ViewState;
  readonly intent?: Intent;
}

/** The keys, as the help screen and the documents have them. */
export const KEYS: readonly (readonly [keys: string, words: string])[] = [
  ['↑ ↓  j k', 'select a row; Home and End, the first and last'],
  ['Enter', 'show the transcript, or unfold a fan-out'],
  ['Space ← →', 'unfold or fold a fan-out'],
  ['a  d', 'approve or deny the marked permission request'],
  ['s', 'pause the selected session, or resume it'],
  ['p', 'pause the group'],
  ['q', 'detach from a group that runs elsewhere'],
  ['Esc', 'go back, or select nothing'],
  ['Ctrl-C', 'pause the group; then stop it; then end it all'],
  ['Ctrl-Z', 'suspend, with all agents, until `fg`'],
  ['? h', 'show or leave this help'],
];

/** The session whose transcript is shown, or which is selected. */
export function selectedSession({ selected }: ViewState, { sessions }: GroupProgress) {
  return sessions.find(({ id }) => id === selected);
}

/** The request that `a` and `d` answer: the selected session's, or without a selection, the first one. */
export function askedRequest({ selected }: ViewState, progress: GroupProgress): OpenRequest | undefined {
  const open = openRequests(progress);
  return selected === undefined ? open[0] : open.find(({ sessionId }) => sessionId === selected);
}

export function press(state: ViewState, key: string, seen: Seen): Pressed {
  if (key === CTRL_C) return { state, intent: { type: 'interrupt' } };
  if (key === CTRL_Z) return { state, intent: { type: 'suspend' } };
  const { screen } = state;
  switch (key) {
    case '\u000C': // Ctrl-L
      return { state, intent: { type: 'redraw' } };
    case '?':
    case 'h':
      return { state: { ...state, screen: screen === 'help' ? 'group' : 'help' } };
    case 'escape':
      return {
        state: screen === 'group' ? { ...state, selected: undefined } : { ...state, screen: 'group' },
      };
    case 'q':
    case 'Q':
      return leave(state, seen);
    case 'p':
      return { state, intent: { type: 'pause' } };
    case 'a':
      return answer(state, seen, 'allow');
    case 'd':
      return answer(state, seen, 'deny');
    case 's':
      return hold(state, seen);
    default:
      if (screen === 'transcript') return { state: scroll(state, key, seen) };
      return { state: screen === 'group' ? navigate(state, key, seen) : state };
  }
}

/** A transcript or the help is left first. */
function leave(state: ViewState, { elsewhere }: Seen): Pressed {
  if (state.screen !== 'group') return { state: { ...state, screen: 'group' } };
  if (elsewhere) return { state, intent: { type: 'detach' } };
  return note(state, 'This process runs the group, so there is nothing to detach from. Ctrl-C pauses it.');
}

const note = (state: ViewState, text: string): Pressed => ({ state, intent: { type: 'note', text } });

function answer(state: ViewState, { progress, suspended }: Seen, decision: 'allow' | 'deny'): Pressed {
  if (suspended) {
    const asks = suspended.length > 0 ? ` It asks, once it goes on:\n${suspended.join('\n')}` : '';
    return note(state, `The group is suspended, and takes no answer.${asks}`);
  }
  const request = askedRequest(state, progress);
  if (request === undefined) {
    const whose = state.selected === undefined ? 'No session has an' : `${state.selected} has no`;
    return note(state, `${whose} open permission request.`);
  }
  if (decision === 'allow' && !isAnsweredByKey(request)) {
    return note(
      state,
      `${request.sessionId} asks a question, which needs an answer: use the command below it.`,
    );
  }
  return { state, intent: { type: 'answer', request, decision } };
}

function hold(state: ViewState, { progress }: Seen): Pressed {
  const session = selectedSession(state, progress);
  if (session === undefined) return note(state, 'Select a session first, with ↑ and ↓.');
  const stands = session.status === 'paused' || isHeld(session);
  return { state, intent: { type: stands ? 'release' : 'hold', sessionId: session.id } };
}

function navigate(state: ViewState, key: string, { rows, page }: Seen): ViewState {
  const at = rows.findIndex(row => keyOf(row) === state.selected);
  const row = rows[at];
  const fold = row?.kind === 'fan-out' ? keyOf(row) : undefined;
  const last = rows.length - 1;
  const select = (index: number): ViewState => {
    const chosen = rows[Math.max(0, Math.min(index, last))];
    return chosen === undefined ? state : { ...state, selected: keyOf(chosen) };
  };
  switch (key) {
    case 'up':
    case 'k':
      return select(at === -1 ? last : at - 1);
    case 'down':
    case 'j':
      return select(at + 1);
    case 'pageup':
      return select(at - page);
    case 'pagedown':
      return select(at + page);
    case 'home':
      return select(0);
    case 'end':
      return select(last);
    case 'enter':
      if (row?.kind === 'session') return { ...state, screen: 'transcript', scrolled: 0 };
      return toggled(state, fold);
    case 'space':
      return toggled(state, fold);
    case 'right':
      return fold === undefined || state.unfolded.has(fold) ? state : toggled(state, fold);
    case 'left':
      return fold !== undefined && state.unfolded.has(fold) ? toggled(state, fold) : state;
    default:
      return state;
  }
}

function toggled(state: ViewState, fold: string | undefined): ViewState {
  if (fold === undefined) return state;
  const unfolded = new Set(state.unfolded);
  if (!unfolded.delete(fold)) unfolded.add(fold);
  return { ...state, unfolded };
}

function scroll(state: ViewState, key: string, { page, above }: Seen): ViewState {
  const steps = new Map(
    Object.entries({ up: 1, k: 1, down: -1, j: -1, pageup: page, pagedown: -page, space: -page }),
  );
  const lines = key === 'home' ? above : key === 'end' ? -above : (steps.get(key) ?? 0);
  return { ...state, scrolled: Math.max(0, Math.min(state.scrolled + lines, above)) };
}
