import { createLogUpdate } from 'log-update';
import type { Subscription } from 'rxjs';
import stringWidth from 'string-width';
import type { GroupProgress } from '../../sdk/group/progress/progress.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import type { CliIo } from '../io.ts';
import type { ShownGroup } from '../services.ts';
import { requestWords } from '../show/requests.ts';
import { lookOf } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { renderLive } from './render-live.ts';

export interface LiveView {
  /** Prints a line above the view. */
  note(line: string): void;
  /** Draws the view a last time, leaves it on the screen and restores the cursor. */
  finish(): void;
}

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const MESSAGE_LENGTH = 300;

/** Draws the group on stderr when it changes, when the terminal is resized, and every second. */
export function startLiveView(handle: ShownGroup, io: CliIo, options: { footer?: string } = {}): LiveView {
  const stream = io.stderr;
  const log = createLogUpdate(stream, { showCursor: true });
  const look = lookOf(stream, io.env);
  const messages = new Map<string, string>();
  const requests = new Map<string, string>();
  let drawn = '';
  /** Dropped from the last drawing. */
  let footer = options;
  const draw = (progress: GroupProgress) => {
    const columns = stream.columns ?? 80;
    const rows = stream.rows ?? 24;
    const rehearsal = isRehearsal(handle.group);
    const now = { ...look, ...footer, columns, rows, now: io.now(), rehearsal };
    drawn = renderLive(progress, { ...now, messages, requests });
    log(drawn);
  };
  const redraw = () => draw(handle.getProgress());
  const onResize = () => {
    stream.write(eraseReflowed(drawn, stream.columns ?? 80));
    log.done();
    redraw();
  };

  stream.write(HIDE_CURSOR);
  const subscriptions: Subscription[] = [
    handle.events$.subscribe({
      next: event => {
        if (event.type === 'session_message' && event.role === 'assistant') {
          messages.set(event.sessionId, cleanLine(event.text.slice(0, MESSAGE_LENGTH)));
        }
        if (event.type === 'approval_requested') requests.set(event.sessionId, requestWords(event));
      },
      error: () => {},
    }),
    handle.progress$.subscribe({ next: draw, error: () => {} }),
  ];
  stream.on('resize', onResize);
  const ticking = setInterval(redraw, 1_000);
  let finished = false;

  return {
    note(line) {
      log.clear();
      stream.write(`${line}\n`);
      if (!finished) redraw();
    },
    finish() {
      if (finished) return;
      finished = true;
      clearInterval(ticking);
      stream.off('resize', onResize);
      for (const subscription of subscriptions) subscription.unsubscribe();
      footer = {};
      redraw();
      log.done();
      stream.write(`${SHOW_CURSOR}\n`);
    },
  };
}

/** A narrower terminal has wrapped the drawn lines: moves up over the lines that they take now, and erases them. */
function eraseReflowed(drawn: string, columns: number): string {
  const taken = drawn
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / Math.max(1, columns))), 0);
  return `\u001B[${taken}A\r\u001B[J`;
}
