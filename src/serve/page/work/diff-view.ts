import { counted } from '../../../sdk/format.ts';
import { repositoryName } from '../../../words/delivery-words.ts';
import type { Changes, Diff, FileChange } from '../../delivery-types.ts';
import { el } from '../dom/el.ts';
import {
  type DiffFile,
  type DiffLine,
  diffFiles,
  diffNotes,
  type Hunk,
  hunksOf,
  shownName,
} from '../texts/diff.ts';

/** A diff of one repository: files that open and close, and hunks that do. Every line has its sign as text. */
export function diffView(changes: Changes | undefined, diff: Diff, all: readonly Diff[]): Element {
  const { from, to, text, cut } = diff;
  const name = shownName(repositoryName(diff, all));
  const files = diffFiles(text);
  const known = new Map(changes?.files.map(file => [file.path, file]));
  const count = (changes?.files.length ?? files.length) + (changes?.moreFiles ?? 0);
  const sums = changes === undefined ? '' : `, +${changes.added} −${changes.deleted}`;
  return el(
    'section',
    { class: 'diff', 'aria-label': `Changes in ${name}` },
    el('h4', {}, el('bdi', {}, name)),
    el('p', { class: 'small' }, `${from.slice(0, 12)}…${to.slice(0, 12)}: ${counted(count, 'file')}${sums}`),
    ...(cut
      ? [el('p', { class: 'small' }, 'It is long: parts are left out, and marked where they were.')]
      : []),
    ...someOf(files, MOST_FILES, file => fileView(file, known.get(file.path), files.length === 1), 'files'),
  );
}

const MOST_FILES = 200;
const MOST_LINES = 1_000;

function fileView(file: DiffFile, change: FileChange | undefined, isOpen: boolean): Element {
  const name = file.before === undefined ? file.path : `${file.before} → ${file.path}`;
  const counts = change === undefined ? '' : `+${change.added} −${change.deleted}`;
  const node = el(
    'details',
    { class: 'diff-file' },
    el(
      'summary',
      {},
      el('span', { class: 'small' }, change?.status ?? 'changed'),
      el('bdi', { dir: 'ltr' }, shownName(name)),
      el('span', { class: 'number' }, counts),
    ),
  );
  const fill = () => {
    if (!node.open || node.childElementCount > 1) return;
    const hunks = hunksOf(file);
    const notes = diffNotes(file).map(words => el('p', { class: 'small' }, words));
    const none =
      hunks.length + notes.length === 0 ? [el('p', { class: 'small' }, 'No lines are changed.')] : [];
    node.append(...notes, ...none, ...someOf(hunks, MOST_HUNKS, hunkView, 'hunks'));
  };
  node.addEventListener('toggle', fill);
  node.open = isOpen;
  return node;
}

const MOST_HUNKS = 100;

function hunkView({ head, lines }: Hunk): Element {
  const body = el('tbody');
  const table = el('table', { class: 'hunk' }, body);
  body.append(
    ...someOf(lines, MOST_LINES, lineView, 'lines', more => el('tr', {}, el('td', { colspan: 4 }, more))),
  );
  return el('details', { open: true }, el('summary', { class: 'hunk-head', dir: 'ltr' }, head), table);
}

const WORDS: Readonly<Record<DiffLine['sign'], string>> = {
  '+': 'added',
  '-': 'removed',
  ' ': '',
  '\\': 'remark',
};

const lineView = ({ sign, old, now, text }: DiffLine): Element =>
  el(
    'tr',
    { class: WORDS[sign] || 'same' },
    el('td', { class: 'place' }, String(old ?? '')),
    el('td', { class: 'place' }, String(now ?? '')),
    el('td', { class: 'sign' }, sign),
    el('td', { class: 'code' }, el('bdi', { dir: 'ltr' }, text)),
  );

/** The first of them, and a button for the next. */
function someOf<T>(
  all: readonly T[],
  most: number,
  show: (item: T) => Element,
  what: string,
  wrap: (more: Element) => Element = more => more,
): Element[] {
  const shown = all.slice(0, most).map(show);
  const rest = all.slice(most);
  if (rest.length === 0) return shown;
  const press = el('button', { type: 'button', class: 'quiet' }, `Show more ${what} (${rest.length} left)`);
  const node = wrap(press);
  press.addEventListener('click', () => {
    const next = someOf(rest, most, show, what, wrap);
    node.replaceWith(...next);
    const ends = [next[0], next.at(-1)].map(added => added?.querySelector<HTMLElement>('summary, button'));
    ends.find(focusable => focusable)?.focus();
  });
  return [...shown, node];
}
