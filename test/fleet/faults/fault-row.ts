import type { FaultBench, Figures } from './fault-bench.ts';

/** What happens to a group in the middle of its work, and what is to be seen of that. */
export interface FaultRow {
  readonly name: string;
  /** Also in each run of all tests; the others take longer, or are like these. */
  readonly always?: true;
  /** Default: all three sessions complete, and those that were cut began one step again. */
  readonly expected?: Partial<Figures>;
  readonly happens: (bench: FaultBench) => Promise<void>;
}

/** Both sessions that were live were cut in their third step, and went on in a second attempt. */
export const CUT = { attempts: 5, cut: 2 };
/** Nothing was cut. */
export const WHOLE = { attempts: 3, cut: 0 };
