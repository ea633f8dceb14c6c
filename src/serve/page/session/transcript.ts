import { formatTime } from '../../../sdk/format.ts';
import type { Transcript, TranscriptLine } from '../../api-types.ts';
import { el, text, visible } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';

/** A session's transcript, newest last; keeps following the end while it is scrolled there. */
export function transcriptView(): { readonly node: Element; show(transcript: Transcript): void } {
  const lines = el('ol', { class: 'lines' });
  const older = el(
    'p',
    { class: 'small' },
    'For older lines run ',
    el('code', {}, 'session-groups session logs'),
    '.',
  );
  const empty = el('p', { class: 'empty' }, 'No output yet.');
  const scroll = el(
    'div',
    { class: 'transcript', tabindex: 0, role: 'log', 'aria-label': 'Transcript' },
    older,
    empty,
    lines,
  );
  visible(older, false);
  const list = new KeyedList<Numbered>(
    lines,
    ({ key }) => key,
    ({ line }) => {
      const time = el('time', { datetime: line.time, title: line.time }, formatTime(Date.parse(line.time)));
      const said = el('div', { class: 'said' });
      text(said, shortened(line.text));
      return { node: el('li', { class: `said-by-${line.kind}` }, time, said), update: () => {} };
    },
  );
  return {
    node: scroll,
    show({ lines: shown, truncated }) {
      const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 24;
      visible(older, truncated);
      visible(empty, shown.length === 0);
      list.show(numbered(shown));
      if (atEnd) scroll.scrollTop = scroll.scrollHeight;
    },
  };
}

const LONGEST = 20_000;

/** Truncates a long message. */
const shortened = (words: string): string =>
  words.length <= LONGEST
    ? words
    : `${words.slice(0, LONGEST)} …\n(truncated; session-groups session logs shows all of it)`;

interface Numbered {
  readonly key: string;
  readonly line: TranscriptLine;
}

/** Keys lines by time and text; identical lines are numbered. */
function numbered(lines: readonly TranscriptLine[]): Numbered[] {
  const seen = new Map<string, number>();
  return lines.map(line => {
    const name = `${line.time} ${line.kind} ${line.text.length} ${line.text.slice(0, 200)}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { key: `${count} ${name}`, line };
  });
}
