import type { GraphArrow, Point } from '../../picture-types.ts';
import { svg } from '../dom/el.ts';
import type { Rectangle } from './graph-camera.ts';

/** A dependency arrow, labelled with its condition if it has one. */
export function arrow({ points, critical, when }: GraphArrow): Element {
  const kind = `edge${critical ? ' critical' : ''}${when === 'completed' ? '' : ' conditional'}`;
  const end = points.at(-1);
  const before = points.at(-2);
  const group = svg('g', { class: kind }, svg('path', { d: curve(points) }));
  if (end !== undefined && before !== undefined)
    group.append(svg('path', { class: 'head', d: head(before, end) }));
  const middle = points[Math.floor(points.length / 2)];
  if (when !== 'completed' && middle !== undefined) {
    group.append(svg('text', { x: middle.x, y: middle.y - 5 }, `if ${when}`));
  }
  return group;
}

/** A path through the points, rounded at the inner ones. */
export function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${at(first)}`];
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    if (next === undefined) parts.push(`L${at(point)}`);
    else parts.push(`Q${at(point)} ${at({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`);
  });
  return parts.join('');
}

/** The tip of an arrow that comes from `before`. */
export function head(before: Point, end: Point): string {
  const angle = Math.atan2(end.y - before.y, end.x - before.x);
  const wing = (turn: number): Point => ({
    x: end.x - 8 * Math.cos(angle + turn),
    y: end.y - 8 * Math.sin(angle + turn),
  });
  return `M${at(end)}L${at(wing(0.42))}L${at(wing(-0.42))}Z`;
}

const at = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** The bounding box of a line. */
export function roomOf(points: readonly Point[]): Rectangle {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
