/**
 * From a captured screen (text with SGR sequences, as `tmux capture-pane -e` gives it) to an SVG. Every
 * run of one style is a `tspan` whose x is computed from the columns before it, so that a viewer with
 * another monospaced font keeps the columns aligned.
 */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const CELL = { width: 8.4, height: 18, font: 14 };
const ESCAPE = String.fromCharCode(27);
const SGR = new RegExp(`(${ESCAPE}\\[[\\d;:]*m)`);
const PADDING = 16;
const BAR = 34;
const FOREGROUND = '#d8dee9';
const BACKGROUND = '#14171f';
const BASE = ['#3b4252', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9'];
const BRIGHT = ['#7f8796', '#ff7b86', '#b5e890', '#ffd787', '#7cc4ff', '#dd9bf0', '#7fdbe6', '#ffffff'];
const PLAIN = {
  color: undefined,
  background: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

/** @param {string} screen @param {{columns: number, title?: string, prompt?: string}} options */
export function screenToSvg(screen, { columns, title = '', prompt }) {
  const lines = screen.trimEnd().split('\n');
  if (prompt !== undefined) lines.unshift(`${ESCAPE}[32m$${ESCAPE}[0m ${prompt}`);
  const width = Math.ceil(columns * CELL.width + 2 * PADDING);
  const height = Math.ceil(BAR + lines.length * CELL.height + 1.5 * PADDING);
  const dots = ['#ff5f57', '#febc2e', '#28c840']
    .map((color, index) => `<circle cx="${20 + index * 20}" cy="17" r="6" fill="${color}"/>`)
    .join('');
  let style = PLAIN;
  const body = lines.map((line, index) => {
    const row = drawLine(line, BAR + PADDING / 2 + index * CELL.height, style);
    style = row.style;
    return row.svg;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
${dots}
<g font-family="ui-monospace, 'SF Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${CELL.font}" fill="${FOREGROUND}" xml:space="preserve">
<text x="${width / 2}" y="22" text-anchor="middle" fill="#7f8796" font-size="12">${escaped(shortened(title, columns - 20))}</text>
${body.filter(line => line !== '').join('\n')}
</g>
</svg>
`;
}

/** One line, and the style that goes on in the next. */
function drawLine(line, top, before) {
  const baseline = round(top + CELL.height * 0.75);
  const boxes = [];
  const spans = [];
  let column = 0;
  let style = before;
  for (const part of line.split(SGR)) {
    if (part.startsWith(ESCAPE)) {
      style = restyled(style, part.slice(2, -1));
      continue;
    }
    const text = withoutOtherSequences(part);
    const cells = stringWidth(text);
    if (cells === 0) continue;
    const x = round(PADDING + column * CELL.width);
    const paint = colorsOf(style);
    const length = round(cells * CELL.width);
    if (paint.background !== undefined) {
      boxes.push(
        `<rect x="${x}" y="${round(top)}" width="${length}" height="${CELL.height}" fill="${paint.background}"/>`,
      );
    }
    if (text.trim() !== '') {
      spans.push(
        `<tspan x="${x}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${attributesOf(style, paint)}>${escaped(text)}</tspan>`,
      );
    }
    column += cells;
  }
  const text = spans.length === 0 ? '' : `<text y="${baseline}">${spans.join('')}</text>`;
  return { svg: boxes.join('') + text, style };
}

function attributesOf(style, { color }) {
  return [
    color === undefined ? '' : ` fill="${color}"`,
    style.bold ? ' font-weight="bold"' : '',
    style.italic ? ' font-style="italic"' : '',
    style.underline ? ' text-decoration="underline"' : '',
    style.dim ? ' fill-opacity="0.6"' : '',
  ].join('');
}

function colorsOf({ color, background, inverse }) {
  return inverse
    ? { color: background ?? BACKGROUND, background: color ?? FOREGROUND }
    : { color, background };
}

/** What one SGR sequence makes of a style. */
function restyled(style, parameters) {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = style;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i];
    if (code === 38 || code === 48) {
      const { color, used } = extendedColor(codes, i + 1);
      next = { ...next, [code === 38 ? 'color' : 'background']: color };
      i += used;
    } else {
      next = { ...next, ...simpleChange(code) };
    }
  }
  return next;
}

function simpleChange(code) {
  if (code === 0) return PLAIN;
  if (code >= 30 && code <= 37) return { color: BASE[code - 30] };
  if (code >= 90 && code <= 97) return { color: BRIGHT[code - 90] };
  if (code >= 40 && code <= 47) return { background: BASE[code - 40] };
  if (code >= 100 && code <= 107) return { background: BRIGHT[code - 100] };
  const changes = {
    1: { bold: true },
    2: { dim: true },
    3: { italic: true },
    4: { underline: true },
    7: { inverse: true },
    22: { bold: false, dim: false },
    23: { italic: false },
    24: { underline: false },
    27: { inverse: false },
    39: { color: undefined },
    49: { background: undefined },
  };
  return changes[code] ?? {};
}

/** `5;N` is one of 256, `2;R;G;B` any. */
function extendedColor(codes, at) {
  const [kind, a = 0, b = 0, c = 0] = codes.slice(at, at + 4);
  if (kind === 2) return { color: hex(a, b, c), used: 4 };
  if (kind !== 5) return { color: undefined, used: 0 };
  if (a < 8) return { color: BASE[a], used: 2 };
  if (a < 16) return { color: BRIGHT[a - 8], used: 2 };
  if (a >= 232) return { color: hex(...Array(3).fill(8 + (a - 232) * 10)), used: 2 };
  const level = step => (step === 0 ? 0 : 55 + step * 40);
  const cube = a - 16;
  return {
    color: hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)),
    used: 2,
  };
}

function hex(...channels) {
  return `#${channels.map(channel => Math.min(255, channel).toString(16).padStart(2, '0')).join('')}`;
}

function withoutOtherSequences(text) {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, '');
}

function escaped(text) {
  return text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`);
}

function shortened(text, length) {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}
