import { attr, svg } from './el.ts';

/** Stroked and filled paths on a 16 by 16 grid. Each status has its own shape, not only a colour. */
interface Drawing {
  readonly line?: string;
  readonly fill?: string;
}

const RING = 'M2.8 8a5.2 5.2 0 1 0 10.4 0a5.2 5.2 0 1 0-10.4 0';

const DRAWINGS = {
  circle: { line: RING },
  down: { line: 'M8 2.8V12.6M4 8.8L8 12.8L12 8.8' },
  target: { line: RING, fill: 'M8 5.6A2.4 2.4 0 1 1 8 10.4A2.4 2.4 0 1 1 8 5.6Z' },
  join: { line: `${RING}M8 4.6V11.4M4.6 8H11.4` },
  ring: { line: `${RING}M5.6 8h.1M8 8h.1M10.4 8h.1` },
  quarter: { line: RING, fill: 'M8 8V2.8A5.2 5.2 0 0 1 13.2 8Z' },
  half: { line: RING, fill: 'M8 2.8a5.2 5.2 0 0 0 0 10.4Z' },
  dot: { line: RING, fill: 'M5 8a3 3 0 1 0 6 0a3 3 0 1 0-6 0' },
  question: { line: 'M5.6 5.8a2.4 2.4 0 1 1 3.5 2.2C8.3 8.5 8 8.9 8 9.8M8 12.4v.1' },
  again: { line: 'M12.7 8.3a4.7 4.7 0 1 1-1.5-3.7M12.9 2.2v3.1H9.8' },
  clock: { line: `${RING}M8 5v3.2l2.2 1.3` },
  bars: { line: 'M5.8 3.8v8.4M10.2 3.8v8.4' },
  check: { line: 'M3.2 8.6l3.2 3.2 6.4-7.4' },
  cross: { line: 'M4 4l8 8M12 4l-8 8' },
  square: { fill: 'M4 4h8v8H4Z' },
  dash: { line: 'M3.5 8h9' },
  bang: { line: 'M8 3v6.2M8 12.6v.1' },
  play: { fill: 'M5 3.2v9.6l7.6-4.8Z' },
  raise: { line: 'M8 13V3.4M3.8 7.4L8 3.2l4.2 4.2' },
  box: { line: 'M2.8 3.5h10.4v3H2.8ZM3.8 6.5v6h8.4v-6M6.5 9h3' },
  back: { line: 'M9.8 3.5L5.2 8l4.6 4.5' },
  plus: { line: 'M3.5 8h9M8 3.5v9' },
  fit: { line: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3' },
  copy: { line: 'M5.5 5.5V3h7.5v7.5h-2.5M3 5.5h7.5V13H3Z' },
  more: { fill: 'M2.5 7h2v2h-2ZM7 7h2v2h-2ZM11.5 7h2v2h-2Z' },
  flag: { fill: 'M3.5 2.5h9L10 5.8l2.5 3.2h-7.5v5h-1.5Z' },
} as const satisfies Readonly<Record<string, Drawing>>;

export type IconName = keyof typeof DRAWINGS;

/** Decorative: text next to it or the label of its parent says the same. */
export interface Icon {
  readonly node: SVGSVGElement;
  set(name: IconName): void;
}

export function icon(name: IconName): Icon {
  const line = svg('path', { class: 'line' });
  const fill = svg('path', { class: 'fill' });
  const node = svg(
    'svg',
    { class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' },
    fill,
    line,
  );
  const set = (wanted: IconName) => {
    const drawing: Drawing = DRAWINGS[wanted];
    attr(line, 'd', drawing.line);
    attr(fill, 'd', drawing.fill);
  };
  set(name);
  return { node, set };
}
