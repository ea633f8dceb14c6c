import type { Frame, Run } from './pseudo-terminal.ts';

// Draws a recording of a terminal as an animated SVG: a strip of frames, moved by a CSS animation. It has no script and
// nothing that would be loaded from elsewhere. Each distinct line is in it once.

/** The sixteen colours of a terminal. */
export const COLORS = [
  ...['#2b303b', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#dcdfe4'],
  ...['#7f848e', '#ff7b86', '#b5e890', '#ffd68a', '#7cc5ff', '#de8ff0', '#6fd3de', '#ffffff'],
];
const CELL = 8.4;
const LINE = 19;
const MARGIN = 16;

export interface RecordingOptions {
  /** What it shows, for those who don't see it. */
  readonly title: string;
  readonly columns: number;
  readonly rows: number;
}

/** Screens that follow each other faster are left out. */
const EVERY_MS = 200;
/** How long the last one stands. */
const REST_MS = 6_000;

export function recordingSvg(frames: readonly Frame[], { title, columns, rows }: RecordingOptions): string {
  const kept = thinned(frames);
  const width = columns * CELL + 2 * MARGIN;
  const height = rows * LINE + 2 * MARGIN;
  const first = kept[0]?.atMs ?? 0;
  const wholeMs = (kept.at(-1)?.atMs ?? 0) - first + REST_MS;
  const ids = new Map<string, string>();
  const idOf = (line: readonly Run[]): string | undefined => {
    const drawn = drawnLine(line);
    if (drawn === '') return undefined;
    if (!ids.has(drawn)) ids.set(drawn, `l${ids.size}`);
    return ids.get(drawn);
  };
  const strip = kept.map(({ lines }, at) => {
    const uses = lines.slice(-rows).map((line, row) => {
      const id = idOf(line);
      return id === undefined ? '' : `<use href="#${id}" y="${row * LINE}"/>`;
    });
    return `<g transform="translate(0 ${at * height})">${uses.join('')}</g>`;
  });
  const steps = kept.map(
    ({ atMs }, at) => `${round((100 * (atMs - first)) / wholeMs)}%{transform:translateY(${-at * height}px)}`,
  );
  const last = -(kept.length - 1) * height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
text{font:14px 'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace;fill:#dcdfe4;white-space:pre}
.b{font-weight:600}.d{opacity:.65}
#strip{animation:play ${round(wholeMs / 1000)}s step-end infinite}
@media (prefers-reduced-motion:reduce){#strip{animation:none;transform:translateY(${last}px)}}
@keyframes play{${steps.join('')}100%{transform:translateY(${last}px)}}
</style>
<defs>
${[...ids].map(([drawn, id]) => `<text id="${id}">${drawn}</text>`).join('\n')}
</defs>
<rect width="${width}" height="${height}" rx="8" fill="#1e222a"/>
<g transform="translate(${MARGIN} ${MARGIN + 14})">
<g id="strip">
${strip.join('\n')}
</g>
</g>
</svg>
`;
}

/** The last screen of each span: one that is being redrawn is not yet whole. */
function thinned(frames: readonly Frame[]): Frame[] {
  const spans = new Map<number, Frame>();
  for (const frame of frames) spans.set(Math.floor(frame.atMs / EVERY_MS), frame);
  return [...spans.values()].filter(
    ({ lines }, at, all) => at === 0 || JSON.stringify(lines) !== JSON.stringify(all[at - 1]?.lines),
  );
}

function drawnLine(runs: readonly Run[]): string {
  return runs
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, column, color, bold, dim }) => {
      const before = text.length - text.trimStart().length;
      const fill = color === undefined ? '' : ` fill="${COLORS[color]}"`;
      const classes = [bold && 'b', dim && 'd'].filter(Boolean).join(' ');
      const style = `${fill}${classes === '' ? '' : ` class="${classes}"`}`;
      return `<tspan x="${round((column + before) * CELL)}"${style}>${escaped(text.trim())}</tspan>`;
    })
    .join('');
}

const round = (number: number): number => Math.round(number * 100) / 100;
export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);
