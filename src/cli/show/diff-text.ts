import { counted } from '../../sdk/format.ts';
import type { Changes, Diff } from '../../sdk/group/delivery/delivered.ts';
import { visible } from '../../words/visible.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';

/** A diff as text; what is hidden in it is shown as a name. */
export function renderDiff({ text }: Pick<Diff, 'text'>, { color }: Pick<Look, 'color'>): string {
  const paint = painter(color);
  const shown = visible(text);
  if (!color) return shown;
  let inHunk = false;
  return shown.replace(/^.+$/gm, line => {
    if (line.startsWith('diff --git ')) inHunk = false;
    else if (line.startsWith('@@ ')) inHunk = true;
    if (!inHunk) return paint('bold', line);
    const format = line.startsWith('@@ ')
      ? 'cyan'
      : line.startsWith('+')
        ? 'green'
        : line.startsWith('-')
          ? 'red'
          : undefined;
    return format ? paint(format, line) : line;
  });
}

/** One path a line. */
export const renderNames = ({ files, moreFiles }: Changes): string =>
  [...files.map(({ path }) => visible(path).replaceAll('\n', '<U+000A>')), ...moreLine(moreFiles)]
    .map(line => `${line}\n`)
    .join('');

/** One file a line, with its lines, and the sums. */
export function renderStat({ files, moreFiles, added, deleted }: Changes, look: Pick<Look, 'color'>): string {
  const paint = painter(look.color);
  const width = Math.max(0, ...files.map(file => String(Math.max(file.added, file.deleted)).length)) + 1;
  const lines = files.map(({ path, before, status, added: plus, deleted: minus }) => {
    const name = before === undefined ? cleanLine(visible(path)) : cleanLine(visible(`${before} → ${path}`));
    const counts = `${paint('green', `+${plus}`.padStart(width))} ${paint('red', `-${minus}`.padStart(width))}`;
    return `${counts}  ${status.padEnd(8)}  ${name}\n`;
  });
  const sum = `${counted(files.length + moreFiles, 'file')}, +${added} -${deleted}\n`;
  return [...lines, ...moreLine(moreFiles).map(line => `${line}\n`), sum].join('');
}

const moreLine = (more: number): string[] => (more > 0 ? [`and ${more} more`] : []);
