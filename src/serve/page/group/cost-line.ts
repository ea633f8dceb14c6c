/** What had been spent at a time, in epoch milliseconds. */
export interface CostPoint {
  readonly at: number;
  readonly usd: number;
}

export interface CostLine {
  /** Paths of a picture of this size: the sum in steps, the area below it, and the limit, if it is in the picture. */
  readonly line: string;
  readonly area: string;
  readonly limit: string | undefined;
  readonly from: number;
  readonly to: number;
}

/** The points as a picture; undefined if nothing was spent. A limit is in it once a quarter of it is spent. */
export function costLine(
  points: readonly CostPoint[],
  limitUsd: number | undefined,
  { width, height }: { readonly width: number; readonly height: number },
): CostLine | undefined {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const spent = Math.max(...points.map(({ usd }) => usd));
  if (spent <= 0) return undefined;
  const isNear = limitUsd !== undefined && spent >= limitUsd / 4;
  const top = 1.05 * Math.max(spent, isNear ? limitUsd : 0);
  const length = Math.max(1_000, last.at - first.at);
  const x = (at: number) => ((width * (at - first.at)) / length).toFixed(1);
  const y = (usd: number) => (height * (1 - usd / top)).toFixed(1);
  const steps = points.map(({ at, usd }) => `H${x(at)}V${y(usd)}`).join('');
  const line = `M0 ${height}${steps}H${width}`;
  return {
    line,
    area: `${line}V${height}Z`,
    limit: isNear ? `M0 ${y(limitUsd)}H${width}` : undefined,
    from: first.at,
    to: first.at + length,
  };
}
