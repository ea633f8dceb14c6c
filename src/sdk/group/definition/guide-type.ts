/** What a key is for. */
export interface KeyGuide {
  /** A sentence, or a part of one, without a full stop at its end. */
  readonly text: string;
  /** What each value means, where only some are possible. */
  readonly values?: Readonly<Record<string, string>>;
  /** Values that a definition may have there. */
  readonly examples?: readonly unknown[];
}

/** By path. */
export type Guide = Readonly<Record<string, KeyGuide>>;
