import { formatElapsed } from '../../../sdk/format.ts';
import type { AttemptSpan } from '../../../words/attempts.ts';
import { SESSION_MARKS } from '../../../words/marks.ts';
import { attr, el, svg, text } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import { KeyedList, type Row } from '../dom/keyed-list.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { endOf, lengthOf, type Stretch, stretchesOf } from '../model/stretches.ts';

/** Width of the whole time span in SVG units; each lane stretches to the available width. */
const WIDTH = 1_000;

/** The attempts over time, a row for each session that has started. Ended attempts change only with the scale. */
export function timeline({ model, hashOf }: GroupContext): Part {
  const starts = () => model.attempts.spans.map(({ startedAt }) => startedAt);
  let began = earliest(starts());
  const empty = el('p', { class: 'empty' }, 'No session has started yet.');
  const rows = el('ol', { class: 'bars' });
  const axis = el('div', { class: 'axis', 'aria-hidden': 'true' });
  const ticks = new KeyedList<Tick>(
    axis,
    ({ at }) => String(at),
    ({ at }) => {
      const node = el('span', {}, formatElapsed(at));
      return { node, update: ({ share }) => node.style.setProperty('left', `${100 * share}%`) };
    },
  );
  const chart = el('div', { class: 'gantt' }, rows, el('div', { class: 'axis-row' }, axis));
  const node = el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Timeline' },
    empty,
    chart,
  );

  const list = new KeyedList<string>(
    rows,
    id => id,
    id => lane(id, hashOf(id), { bars: barsOf, began: () => began, status: statusOf }),
  );
  const stretches = (span: AttemptSpan) => stretchesOf(span, model.totals.suspensions, Date.now());
  const barsOf = (id: string) =>
    model.attempts.of(id).flatMap(span => {
      const all = stretches(span);
      return all.map(stretch => ({ ...stretch, span, tookMs: lengthOf(all) }));
    });
  const statusOf = (id: string) => model.sessions.get(id)?.status ?? 'pending';

  let shown = 0;
  const scale = () => {
    const length = Math.max(1_000, end(model.attempts.spans.flatMap(stretches)) - began);
    if (length === shown) return;
    shown = length;
    // One value for all rows: the style sheet scales their pictures.
    chart.style.setProperty('--scale', String(WIDTH / length));
    ticks.show(ticksOf(length));
  };
  const drawAll = () => {
    began = earliest(starts());
    const ids = model.attempts.sessions;
    attr(empty, 'hidden', ids.length > 0);
    attr(chart, 'hidden', ids.length === 0);
    list.show(ids);
    scale();
  };
  drawAll();
  return {
    node,
    update(changes, ticked) {
      if ([...changes.attempts].some(id => list.get(id) === undefined)) drawAll();
      else {
        for (const id of new Set([...changes.attempts, ...changes.sessions, ...ticked]))
          list.get(id)?.update(id);
        scale();
      }
    },
  };
}

interface Tick {
  /** Milliseconds from the start. */
  readonly at: number;
  /** Fraction of the whole time span. */
  readonly share: number;
}

const MAX_TICKS = 6;
const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(seconds => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * MINUTE),
  ...[1, 2, 4, 8, 12].map(hours => hours * HOUR),
];

/** A few round times. */
function ticksOf(length: number): Tick[] {
  const step = STEPS.find(wide => length / wide <= MAX_TICKS) ?? DAY * Math.ceil(length / DAY / MAX_TICKS);
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => ({
    at: index * step,
    share: (index * step) / length,
  }));
}

/** A stretch of an attempt, which is one if nothing has suspended it. */
interface Bar extends Stretch {
  readonly span: AttemptSpan;
  /** How long all of the attempt's stretches took. */
  readonly tookMs: number;
}

interface LaneSource {
  bars(id: string): readonly Bar[];
  began(): number;
  status(id: string): keyof typeof SESSION_MARKS;
}

/** One session's attempts, in milliseconds from the start of the group. */
function lane(id: string, href: string, source: LaneSource): Row<string> {
  const sign = icon('circle');
  const label = el('a', { href, title: id }, sign.node, el('span', {}, id));
  const scaled = svg('g', { class: 'scaled' });
  const picture = svg(
    'svg',
    { class: 'lane', viewBox: `0 0 ${WIDTH} 14`, preserveAspectRatio: 'none', role: 'img' },
    scaled,
  );
  const bars = new KeyedList<Bar>(
    scaled,
    ({ span: { attempt }, from }) => `${attempt} ${from}`,
    () => {
      const title = svg('title');
      const rect = svg('rect', { y: 1, height: 12 }, title);
      return {
        node: rect,
        update({ span, from, to, tookMs }) {
          const { word, tone } = endOf(span, source.status(id));
          attr(rect, 'x', from - source.began());
          attr(rect, 'width', Math.max(0, to - from));
          attr(rect, 'data-tone', tone);
          text(title, `attempt ${span.attempt}: ${word}, ${formatElapsed(tookMs)}`);
        },
      };
    },
  );
  return {
    node: el('li', {}, label, picture),
    update() {
      const drawn = source.bars(id);
      const mark = SESSION_MARKS[source.status(id)];
      sign.set(mark.icon);
      attr(label, 'data-tone', mark.tone);
      const spans = new Set(drawn.map(({ span }) => span));
      const ends = [...spans].map(span => endOf(span, source.status(id)).word);
      attr(picture, 'aria-label', `${id}: ${ends.join(', then ')}`);
      bars.show(drawn);
    },
  };
}

const earliest = (times: readonly string[]): number =>
  times.reduce((least, time) => Math.min(least, Date.parse(time)), Number.POSITIVE_INFINITY);

/** When the last attempt ended; the current time while one is running. */
const end = (stretches: readonly Stretch[]): number =>
  stretches.reduce((latest, { to }) => Math.max(latest, to), 0);
