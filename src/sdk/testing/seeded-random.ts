/** The first numbers of neighbouring seeds are alike. */
const SKIPPED = 16;

/** Numbers in [0, 1) that a seed decides (a linear congruential generator, modulo 2^32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let skipped = 0; skipped < SKIPPED; skipped++) next();
  return next;
}
