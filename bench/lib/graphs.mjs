/** Graphs by shape; the same in every run. A dependency always has a lower number than its dependent. */
const SHAPES = {
  /** Up to three dependencies among the two hundred before. */
  random(index, { below }) {
    const among = Math.min(index, 200);
    return Array.from({ length: among === 0 ? 0 : below(4) }, () => index - 1 - below(among));
  },
  chain: index => (index === 0 ? [] : [index - 1]),
  independent: () => [],
  /** One session, then all others but the last, then the last. */
  fan(index, { count }) {
    if (index === 0) return [];
    return index < count - 1 ? [0] : Array.from({ length: count - 2 }, (_, n) => n + 1);
  },
  /** Layers of a hundred; each session needs three of the layer before. */
  layered(index, { below }) {
    const first = Math.floor(index / 100) * 100;
    return first === 0 ? [] : Array.from({ length: 3 }, () => first - 1 - below(100));
  },
};

export const SHAPE_NAMES = Object.keys(SHAPES);

/** For each session, the numbers of those that it depends on. */
export function graphOf(shape, count) {
  const random = seededRandom(1);
  const below = limit => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, index) => [...new Set(SHAPES[shape](index, { count, below }))]);
}

/** Mulberry32: numbers from 0 to 1 that are the same in every run. */
export function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Counts dependencies down: for contenders that have a queue, but no graph. */
export function countdown(dependencies) {
  const open = dependencies.map(needed => needed.length);
  const dependents = dependencies.map(() => []);
  dependencies.forEach((needed, index) => {
    for (const one of needed) dependents[one].push(index);
  });
  return {
    roots: open.flatMap((count, index) => (count === 0 ? [index] : [])),
    /** The sessions that can start now that this one has ended. */
    ended: index => dependents[index].filter(one => --open[one] === 0),
  };
}

/** The sessions by their depth: for contenders that know only rows of parallel steps. */
export function layersOf(dependencies) {
  const depths = [];
  const layers = [];
  dependencies.forEach((needed, index) => {
    depths[index] = needed.reduce((deepest, one) => Math.max(deepest, depths[one] + 1), 0);
    layers[depths[index]] ??= [];
    layers[depths[index]].push(index);
  });
  return layers;
}
