import { parts, raw, shown } from '../git/output.ts';
import type { Room } from '../git/room.ts';
import type { BoundedDiff, DiffRange, FileChange } from '../port.ts';

const STATUSES: Readonly<Record<string, FileChange['status']>> = {
  A: 'added',
  D: 'deleted',
  M: 'modified',
  T: 'type',
  R: 'renamed',
};

/** Attributes of the repository could hide files from a review. */
const HONEST = ['-r', '-M', '--text', '--no-ext-diff', '--no-textconv', '--no-color'];

const rangeOf = ({ from, to, without = [] }: DiffRange): string[] => [
  from,
  to,
  '--',
  ...(without.length === 0 ? [] : [':(top)', ...without.map(path => `:(top,exclude,literal)${path}`)]),
];

/** Sorted by path. */
export async function changes(room: Room, range: DiffRange): Promise<FileChange[]> {
  const { stdout } = await room.git(
    'diff-tree',
    ...HONEST,
    '--raw',
    '--numstat',
    '-z',
    '--no-abbrev',
    ...rangeOf(range),
  );
  const rows = parts(stdout).map(raw);
  const found: Omit<FileChange, 'added' | 'deleted'>[] = [];
  let at = 0;
  while (rows[at]?.startsWith(':')) {
    const letter = rows[at]?.split(' ')[4]?.[0] ?? '';
    const status = STATUSES[letter] ?? 'modified';
    const [first, second] = [shown(rows[at + 1] ?? ''), shown(rows[at + 2] ?? '')];
    found.push(status === 'renamed' ? { path: second, status, before: first } : { path: first, status });
    at += status === 'renamed' ? 3 : 2;
  }
  // The counts follow, in the same order.
  const counted = found.map((change): FileChange => {
    const [added = '', deleted = ''] = (rows[at] ?? '').split('\t');
    at += change.status === 'renamed' ? 3 : 1;
    return { ...change, added: linesIn(added), deleted: linesIn(deleted) };
  });
  return counted.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Git counts none in a binary file, and says so by a hyphen. */
const linesIn = (count: string): number => (count === '-' ? 0 : Number(count));

const MOST_READ_BYTES = 64 * 1024 * 1024;
const MOST_CHARACTERS = 5 * 1024 * 1024;
const MOST_OF_FILE = 1024 * 1024;
const LONGEST_LINE = 2_000;

export async function diff(room: Room, range: DiffRange): Promise<BoundedDiff> {
  const args = ['diff-tree', ...HONEST, '-p', ...rangeOf(range)];
  const { stdout } = await room.call({ args, most: MOST_READ_BYTES });
  let cut = stdout.length >= MOST_READ_BYTES;
  let text = '';
  // No other line of a diff begins with it.
  for (const section of stdout.toString('utf8').split(/(?<=\n)(?=diff --git )/)) {
    const bounded = boundedSection(section);
    if (text.length + bounded.length > MOST_CHARACTERS) {
      text += '[session-groups] the rest of the diff was left out: it is larger than 5 MiB\n';
      cut = true;
      break;
    }
    cut ||= bounded !== section;
    text += bounded;
  }
  return { text, cut };
}

/** One file's part. What git takes for text because it was told to, and is none, is not shown. */
function boundedSection(section: string): string {
  const hunks = section.search(/(?<=\n)@@ /);
  if (hunks !== -1 && section.includes('\0', hunks)) return `${section.slice(0, hunks)}Binary files differ\n`;
  const lines = section
    .split('\n')
    .map(row => (row.length > LONGEST_LINE ? `${row.slice(0, LONGEST_LINE)}…` : row));
  const text = lines.join('\n');
  if (text.length <= MOST_OF_FILE) return text;
  const end = text.lastIndexOf('\n', MOST_OF_FILE) + 1;
  return `${text.slice(0, end)}[session-groups] the rest of this file was left out: it is larger than 1 MiB\n`;
}
