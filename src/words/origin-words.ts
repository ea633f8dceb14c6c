/** Where a request came from, as the journal has it: a terminal, the HTTP API, or what a host has given. Raw. */
export const originWords = (by: string): string => FROM[by] ?? `by ${by}`;

const FROM: Readonly<Partial<Record<string, string>>> = {
  cli: 'from a terminal',
  http: 'via the API',
  api: 'by the host application',
};
