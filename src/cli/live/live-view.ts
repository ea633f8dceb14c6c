import { createLogUpdate } from 'log-update';
import type { Subscription } from 'rxjs';
import stringWidth from 'string-width';
import type { GroupProgress } from '../../sdk/group/progress/progress.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { hear } from '../../words/transcript.ts';
import type { CliIo, OutputStream } from '../io.ts';
import type { ShownGroup } from '../services.ts';
import { requestLine as askedFor } from '../show/requests.ts';
import { lookOf } from '../terminal.ts';
import { openRequests, requestLine } from './approvals.ts';
import { footerOf, type Suspension } from './footer.ts';
import type { Job } from './job.ts';
import { inputRead, keyboardOf } from './keyboard.ts';
import { arrange, type LiveLook, renderLive, stillGroup } from './render-live.ts';
import { pageOf, renderHelp, renderTranscript, transcriptHeight } from './screens.ts';
import { saidBefore } from './session-row.ts';
import type { TranscriptPane } from './transcript-pane.ts';
import {
  type Action,
  askedRequest,
  FIRST_STATE,
  press,
  type Seen,
  selectedSession,
  type ViewState,
} from './view-state.ts';

/*
 * Draws a group, and reads the keys. What is drawn and what a key means is decided by pure functions; here are only the
 * terminal and the clock.
 *
 * LIVE-VIEW-1 the terminal has no mode of ours, and no hidden cursor, once `close` has resolved, while the job is suspended
 *    or in the background, or if the process dies between two drawings, except for what a shell restores by itself: raw mode, and the
 *    marks around what is pasted.
 * LIVE-VIEW-2 nothing typed reaches the shell before `close`.
 */

export interface LiveView {
  /** Prints a line above the view. */
  note(line: string): void;
  /** Draws the view a last time, and leaves it on the screen. Of the keys, only Ctrl-C counts from now on. */
  finish(): void;
  /** Gives the terminal back. */
  close(): Promise<void>;
  /** Calls the listener with what a key wants, unless that only concerns the view. */
  onAction(listener: (action: Action) => void): void;
  /** Suspends the job, and draws again once it is continued. */
  suspend(): Promise<void>;
}

export interface LiveViewOptions {
  /** Another process runs the group. */
  readonly elsewhere: boolean;
  /** An observer: Ctrl-C detaches. */
  readonly observing: boolean;
  readonly job: Job;
  /** How many steps of Ctrl-C have been taken. */
  taken(): number;
}

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
/** Nobody stops a job, goes on in its terminal and continues it within so short a time. */
const LOOK_MS = 250;
const CLEAR = '\u001B[2J\u001B[H';

/** Draws the group on stderr when it changes, when the terminal is resized, when a key is pressed, and every second. */
export function startLiveView(handle: ShownGroup, io: CliIo, options: LiveViewOptions): LiveView {
  const { elsewhere, job } = options;
  const stream = withoutCursor(io.stderr);
  const log = createLogUpdate(stream, { showCursor: true });
  const look = lookOf(io.stderr, io.env);
  const messages = new Map<string, string>();
  const requests = new Map<string, string>();
  const hasKeys = io.stdin.isTTY === true && io.stdin.setRawMode !== undefined;
  let state = FIRST_STATE;
  let progress = handle.getProgress();
  let pane: TranscriptPane | undefined;
  let drawn = '';
  let act = (_action: Action): void => {};
  let finished = false;
  let suspending = false;
  /** The terminal belongs to another job, or its keys do not count yet: nothing is drawn. */
  let away = true;
  /** When it was last looked at whose it is. */
  let lookedAt = Number.NEGATIVE_INFINITY;

  const size = () => ({ columns: io.stderr.columns ?? 80, rows: io.stderr.rows ?? 24 });
  const liveLook = (): LiveLook => {
    const rehearsal = isRehearsal(handle.group);
    const suspended = suspension();
    const footer = finished
      ? []
      : footerOf({ ...options, page: handle.page, suspended, hasKeys, ...size(), now: io.now() });
    const isSuspended = suspended !== undefined;
    const keys = hasKeys && !finished ? state : undefined;
    const own = { messages, requests, rehearsal, footer, isSuspended, state: keys };
    return { ...look, ...size(), now: io.now(), ...own };
  };
  const suspension = (): Suspension | undefined =>
    suspending && !elsewhere ? { pid: process.pid, since: undefined } : handle.suspended?.();
  /** The group as it is drawn. */
  const shown = (): GroupProgress => (suspension() ? stillGroup(progress) : progress);
  const render = (): string => {
    const progress = shown();
    if (finished || state.screen === 'group') return renderLive(progress, liveLook());
    if (state.screen === 'help') return renderHelp({ ...look, ...size() });
    const session = selectedSession(state, progress);
    if (session === undefined) return renderLive(progress, liveLook());
    const { scrolled } = state;
    const own = { ...look, ...size(), scrolled, request: requestOf(session.id) };
    return renderTranscript(session, pane?.lines() ?? [], own);
  };
  const requestOf = (id: string): string | undefined => {
    const asked = askedRequest(state, shown());
    return asked && requestLine(asked, requests.get(id));
  };
  const redraw = () => {
    if (away || isLost()) return;
    const before = drawn;
    drawn = render();
    // log-update leaves the last lines where they were if there are fewer or more before them.
    if (heightOf(drawn) !== heightOf(before)) log.clear();
    log(drawn);
  };
  const draw = (next: GroupProgress) => {
    progress = next;
    redraw();
  };
  const onResize = () => {
    if (away) return;
    stream.write(eraseReflowed(drawn, size().columns));
    log.done();
    redraw();
  };
  const note = (line: string) => {
    if (away) return void io.stderr.write(`${line}\n`);
    log.clear();
    stream.write(`${line}\n`);
    if (!finished) redraw();
  };

  const seen = (): Seen => {
    const { columns, rows: height } = size();
    const still = shown();
    const { rows, room } = arrange(still, liveLook());
    const lines = pane?.lines() ?? [];
    const asks = requestOf(state.selected ?? '') !== undefined;
    const page = state.screen === 'transcript' ? transcriptHeight(height, asks) : room;
    const { above, below } = pageOf(lines, { columns, scrolled: state.scrolled }, page);
    const suspended =
      suspension() && openRequests(progress).map(one => requestLine(one, requests.get(one.sessionId)));
    const own = { rows, elsewhere, page: Math.max(1, page - 1), above: above + below };
    return { progress: still, ...own, suspended };
  };
  const onKey = (key: string) => {
    const pressed = press(state, key, seen());
    const { intent } = pressed;
    if (finished) {
      if (intent?.type === 'interrupt') act(intent);
      return;
    }
    follow(pressed.state);
    if (intent === undefined) return redraw();
    if (intent.type === 'note') return note(intent.text);
    if (intent.type !== 'redraw') return act(intent);
    stream.write(CLEAR);
    log.done();
    redraw();
  };
  /** Opens and closes the transcript of the state. */
  const follow = (next: ViewState) => {
    const id = next.screen === 'transcript' ? next.selected : undefined;
    const before = state.screen === 'transcript' ? state.selected : undefined;
    state = next;
    if (id === before) return;
    pane?.close();
    pane = undefined;
    if (id === undefined) return;
    void import('./transcript-pane.ts').then(({ openTranscript }) => {
      if (state.selected === id && state.screen === 'transcript') {
        pane ??= openTranscript(handle, id, redraw);
        redraw();
      }
    });
  };

  const recall = async () => {
    for (const [id, said] of await saidBefore(handle.history()))
      if (!messages.has(id)) messages.set(id, said);
    redraw();
  };
  if (progress.sessions.some(({ attempts }) => attempts > 0)) void recall().catch(() => {});
  const subscriptions: Subscription[] = [
    handle.events$.subscribe({
      next: event => {
        hear(event, messages);
        if (event.type === 'approval_requested') requests.set(event.sessionId, askedFor(event));
      },
      error: () => {},
    }),
    handle.progress$.subscribe({ next: draw, error: () => {} }),
  ];
  const keyboard = keyboardOf(io.stdin, text => void io.stderr.write(text), onKey);

  /** No signal says that a job which runs was put in the foreground, so this is called from time to time. */
  const comeBack = () => {
    if (!away || finished || !job.isInForeground()) return;
    keyboard.read(() => {
      away = false;
      redraw();
    });
  };
  const leave = (isOurs = true) => {
    if (!away) log.done();
    away = true;
    keyboard.suspend(isOurs);
  };
  /** Stopped and continued by others: what was due meanwhile comes before the signal that says so. */
  const isLost = (): boolean => {
    const now = io.now();
    if (Math.abs(now - lookedAt) < LOOK_MS) return false;
    lookedAt = now;
    if (job.isInForeground()) return false;
    leave(false);
    return true;
  };
  /** Continued after a stop that nobody asked us for: what has the terminal may have changed its mode, or has it still. */
  const onContinued = () => {
    if (suspending || finished) return;
    leave(job.isInForeground());
    comeBack();
  };
  const unwatch = io.onSignal('SIGCONT', onContinued);
  const unwatchExit = io.onExit(() => keyboard.suspend());
  io.stderr.on('resize', onResize);
  comeBack();
  const ticking = setInterval(() => {
    if (!suspending) comeBack();
    handle.refresh?.();
    draw(handle.getProgress());
  }, 1_000);

  return {
    note,
    onAction(listener) {
      act = listener;
    },
    finish() {
      if (finished) return;
      finished = true;
      clearInterval(ticking);
      io.stderr.off('resize', onResize);
      for (const subscription of subscriptions) subscription.unsubscribe();
      pane?.close();
      progress = handle.getProgress();
      away = !job.isInForeground();
      redraw();
      if (!away) log.done();
      io.stderr.write(`${SHOW_CURSOR}\n`);
    },
    async close() {
      unwatch();
      await keyboard.close();
      unwatchExit();
    },
    async suspend() {
      if (suspending) return;
      suspending = true;
      try {
        await job.suspend(() => {
          redraw(); // the last that is seen of it
          leave();
        });
        await inputRead(); // the signal that continues it is ours
      } finally {
        suspending = false;
        leave();
        comeBack();
      }
    },
  };
}

/** Hides the cursor while something is written, and only then, so that it is never lost. */
function withoutCursor(stream: OutputStream): OutputStream {
  const write = (text: string) => stream.write(HIDE_CURSOR + text + SHOW_CURSOR);
  return Object.create(stream, { write: { value: write } });
}

const heightOf = (text: string): number => text.split('\n').length;

/** A narrower terminal has wrapped the drawn lines: moves up over the lines that they take now, and erases them. */
function eraseReflowed(drawn: string, columns: number): string {
  const taken = drawn
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / Math.max(1, columns))), 0);
  return `\u001B[${taken}A\r\u001B[J`;
}
