import type { GraphBox } from '../../api-types.ts';

/** The box that an arrow key moves to: the nearest in its direction, preferring those straight ahead. */
export function neighbour(from: GraphBox, boxes: readonly GraphBox[], key: string): GraphBox | undefined {
  if (key === 'Home') return boxes[0];
  if (key === 'End') return boxes.at(-1);
  const direction = DIRECTIONS[key];
  if (direction === undefined) return undefined;
  const [dx, dy] = direction;
  let best: GraphBox | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    const along = (box.x - from.x) * dx + (box.y - from.y) * dy;
    const aside = Math.abs((box.x - from.x) * dy) + Math.abs((box.y - from.y) * dx);
    if (along <= 1 || along + 2 * aside >= least) continue;
    best = box;
    least = along + 2 * aside;
  }
  return best;
}

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
