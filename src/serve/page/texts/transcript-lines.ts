import type { Transcript, TranscriptLine } from '../../api-types.ts';

/** Identifies a line: an event is told in one line at most. */
export const lineKey = ({ seq, kind }: TranscriptLine): string => `${seq} ${kind}`;

/** At most this many lines are kept for display. */
const MOST = 4_000;

/**
 * What was read before, with the latest lines in place of those from the first of them on. If lines between the two have
 * been missed, only the latest are left, and the others can be read again.
 */
export function joinedLines(before: Transcript, latest: Transcript): Transcript {
  const [first] = latest.lines;
  if (first === undefined || !latest.truncated) return latest;
  const earlier = before.lines.filter(({ seq }) => seq < first.seq);
  const meets = before.lines.some(({ seq }) => seq >= first.seq);
  if (!meets || earlier.length > MOST) return latest;
  return { lines: [...earlier, ...latest.lines], truncated: before.truncated };
}

/** A transcript as a text file: times in UTC. */
export const transcriptText = (lines: readonly TranscriptLine[]): string =>
  lines.map(({ time, kind, text }) => `${time} ${kind}: ${text}\n`).join('');
