import type { GraphBox } from '../../picture-types.ts';

/**
 * The box that an arrow key moves to: the nearest of those that lie wholly in its direction, preferring those straight ahead.
 * Of a wide box, such as that of an unfolded fan-out, all that is below it is straight ahead.
 */
export function neighbour(from: GraphBox, boxes: readonly GraphBox[], key: string): GraphBox | undefined {
  if (key === 'Home') return boxes[0];
  if (key === 'End') return boxes.at(-1);
  const direction = DIRECTIONS[key];
  if (direction === undefined) return undefined;
  const [dx, dy] = direction;
  let best: GraphBox | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    const [x, y] = [box.x - from.x, box.y - from.y];
    const along = dx === 0 ? y * dy - half(from.height, box.height) : x * dx - half(from.width, box.width);
    const aside =
      dx === 0
        ? Math.abs(x) - Math.abs(half(from.width, -box.width))
        : Math.abs(y) - Math.abs(half(from.height, -box.height));
    const far = along + 2 * Math.max(0, aside);
    if (along <= -1 || far >= least) continue;
    best = box;
    least = far;
  }
  return best;
}

const half = (one: number, other: number): number => (one + other) / 2;

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
