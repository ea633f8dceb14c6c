/** Seeds above it mean what smaller ones mean. */
export const LARGEST_SEED = 2 ** 32 - 1;

/**
 * A stream of decisions that follows from a seed. Streams made of it by name depend on the seed and the names alone, not
 * on what was drawn before: a decision that is left out shifts no other.
 */
export class Random {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = mix(seed >>> 0);
    this.#state = this.#seed;
  }

  /** A stream of its own. */
  of(...names: readonly (string | number)[]): Random {
    let hash = this.#seed;
    for (const character of names.join('\0')) hash = mix(hash ^ (character.codePointAt(0) ?? 0));
    return new Random(hash);
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** Both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.int(0, from.length - 1)] ?? from[0];
  }

  /** Of pairs of a weight and a value. */
  weigh<T>(from: readonly [readonly [number, T], ...(readonly [number, T])[]]): T {
    let left = this.next() * from.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of from) {
      left -= weight;
      if (left < 0) return value;
    }
    return from[0][1];
  }
}

function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
