import type { Observation, SeenEvent } from '../../history.ts';
import { type Concern, type Court, isStart, numberOf, sessionOf, timeOf } from '../concern.ts';

type Shown = Extract<Observation, { kind: 'picture' }>;

/** Milliseconds. Where it is not known which process has written an event, two figures are possible. */
interface Span {
  readonly low: number;
  readonly high: number;
}
/** How long a group was live: as the times of its events say, and as whoever runs it has measured since it opened it. */
interface Elapsed {
  readonly written: Span;
  readonly measured: Span;
}

const NONE: Span = { low: 0, high: 0 };
const plus = (span: Span, low: number, high: number): Span => ({
  low: span.low + low,
  high: span.high + high,
});
const less = (span: Span, from: Span): Span => ({ low: span.low - from.high, high: span.high - from.low });
const either = (one: Span, other: Span): Span => ({
  low: Math.min(one.low, other.low),
  high: Math.max(one.high, other.high),
});
/** Times of events are whole milliseconds. */
const TOLERANCE_MS = 5;

/** §10, durations: they count the time in which an engine had the group live, whatever happens to the wall clock. */
export function durations(court: Court): Concern {
  const { truth } = court;
  /** At each event of the journal, with the latest time that one of them has had. */
  let marks: (Elapsed & { readonly latest: number })[] = [];
  let elapsed: Elapsed = { written: NONE, measured: NONE };
  /** When the last event was recorded, on the clock that nobody sets. */
  let last = Number.NaN;
  /** How far the wall clock has been set, and how far while events could not be written. */
  let set = 0;
  let blurred = 0;
  /** When each session first started, and when it settled last. */
  const started = new Map<string, Elapsed>();
  const settled = new Map<string, Elapsed>();
  let shown: Shown[] = [];
  let releasedNow = false;
  const opening = new Set<number>();

  function pass(event: SeenEvent): void {
    if (truth.settled) change(doubt); // its owner may have let go
    const latest = marks.at(-1)?.latest ?? Number.NEGATIVE_INFINITY;
    const time = timeOf(event);
    const at = time - set;
    if (truth.live && !court.surelyOwnerless) {
      // In the step in which its owner died, it is the dead one's, or that of who has come since; so it is after a failure
      // of the disk, because of which its owner may have let go (ADR 12).
      const surely = court.ownerless || court.trouble.disk ? 0 : 1;
      const byTimes = Math.max(0, time - latest);
      const passed = Math.max(0, at - last);
      const { written, measured } = elapsed;
      elapsed = {
        written: plus(written, surely * byTimes, byTimes),
        measured: plus(measured, surely * Math.max(0, passed - blurred), passed + blurred),
      };
    }
    if (court.trouble.disk) elapsed = doubt(elapsed);
    last = at;
    blurred = 0;
    marks.push({ ...elapsed, latest: Math.max(latest, time) });
  }

  function change(how: (mark: Elapsed) => Elapsed): void {
    elapsed = how(elapsed);
    for (const map of [started, settled]) for (const [id, mark] of map) map.set(id, how(mark));
  }
  /** Who comes next reads the times of events. */
  const forget = ({ written }: Elapsed): Elapsed => ({ written, measured: written });
  /** Somebody may have come. */
  const doubt = ({ written, measured }: Elapsed): Elapsed => ({
    written,
    measured: either(written, measured),
  });

  /** A power cut has taken the last events away. */
  function forgetLost(): void {
    if (court.journal.next >= marks.length) return;
    marks = marks.slice(0, court.journal.next);
    elapsed = marks.at(-1) ?? { written: NONE, measured: NONE };
    started.clear();
    settled.clear();
    for (const event of court.journal.events) note(event, marks[event.seq] ?? elapsed);
  }

  function note({ type, ...event }: SeenEvent, mark: Elapsed): void {
    const id = sessionOf({ type, ...event });
    if (isStart({ type }) && !started.has(id)) started.set(id, mark);
    else if (/^session_(completed|failed|stopped|skipped)$/.test(type)) settled.set(id, mark);
    if (type !== 'group_updated' || !Array.isArray(event.removed)) return;
    for (const removed of event.removed) started.delete(String(removed));
  }

  /** What a view shows: its owner measures, all others read the journal; a server may do either. */
  function spanOf({ via }: Shown, { written, measured }: Elapsed): Span {
    if (via === 'disk') return written;
    return via === 'http' || truth.settled ? either(written, measured) : measured;
  }

  function now(at: number): Elapsed {
    if (!truth.live || court.surelyOwnerless) return elapsed;
    const passed = Math.max(0, at - last);
    const { written, measured } = elapsed;
    return { written, measured: plus(measured, court.ownerless ? 0 : passed, passed) };
  }

  function look(picture: Shown & { readonly at: number }): void {
    const { via, picture: group } = picture;
    const all = now(picture.at);
    if (group.elapsedMs !== undefined)
      compare(`${via} shows that the group`, group.elapsedMs, spanOf(picture, all));
    for (const { id, durationMs } of group.sessions) {
      const from = started.get(id);
      if (from === undefined) {
        if (durationMs !== undefined)
          court.report('§10 durations', `${via} shows a duration of ${id}, which never started`);
        continue;
      }
      const until = truth.sessions.get(id)?.end === undefined ? all : (settled.get(id) ?? all);
      compare(`${via} shows that ${id}`, durationMs, less(spanOf(picture, until), spanOf(picture, from)));
    }
  }

  function compare(who: string, ms: number | undefined, { low, high }: Span): void {
    const took = numberOf(ms);
    if (took >= low - TOLERANCE_MS && took <= high + TOLERANCE_MS) return;
    const expected = low === high ? low : `${low} to ${high}`;
    court.report('§10 durations', `${who} took ${ms} ms, expected ${expected}`);
  }

  return {
    see(observation) {
      if (observation.kind === 'picture') shown.push(observation);
      else if (observation.kind !== 'journal' && observation.kind !== 'at rest') shown = [];
      if (observation.kind === 'request' && observation.verb === 'open') opening.add(observation.id);
      if (
        observation.kind === 'answer' &&
        observation.outcome === 'accepted' &&
        opening.has(observation.id)
      ) {
        change(forget);
      }
      if (observation.kind !== 'fault' || observation.jumpMs === undefined) return;
      set += observation.jumpMs;
      if (court.trouble.disk) blurred += Math.abs(observation.jumpMs);
    },
    before(event) {
      pass(event);
      note(event, elapsed);
      const from = started.get(sessionOf(event));
      if (event.type === 'session_completed' && from !== undefined && !court.trouble.disk) {
        const span = less(elapsed.measured, from.measured);
        compare(`the journal says that ${sessionOf(event)}`, numberOf(event.durationMs), span);
      }
    },
    step() {
      forgetLost();
      if (court.ownerless && !releasedNow) change(forget);
      releasedNow = court.ownerless;
      if (!court.trouble.disk && truth.status !== 'none') for (const one of shown) look(one);
      shown = [];
    },
  };
}
