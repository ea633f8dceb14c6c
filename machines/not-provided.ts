/** The default of everything a host must provide: it throws, so that a missing piece is found at once. */
export function notProvided(name: string): () => never {
  return () => {
    throw new Error(`The host must provide "${name}": use machine.provide({ … })`);
  };
}
