/** Live processes whose marker satisfies the predicate. */
export function findMarked(_predicate: (marker: string) => boolean): number[] {
  throw new Error('not built yet');
}
