import type { Observation, Pid, SeenEvent, SimulatedDefinition } from '../history.ts';
import type { Neighbours } from './truth/neighbours.ts';
import type { Runs } from './truth/runs.ts';
import type { Truth } from './truth/truth.ts';

/** A part of the specification that is checked in one file. Each of its rules says which promise it reads. */
export interface Concern {
  /** Each observation, in the order of the history. */
  see?(observation: Observation): void;
  /** Each public event in the order of the journal: before it changes the truth, and after. */
  before?(event: SeenEvent): void;
  after?(event: SeenEvent): void;
  /** The definition that the truth goes by has changed. */
  defined?(definition: SimulatedDefinition): void;
  step?(): void;
  end?(): void;
}

export type Machine = 'alive' | 'frozen' | 'crashed' | 'exited';

/** What all concerns share. */
export interface Court {
  readonly truth: Truth;
  readonly runs: Runs;
  readonly neighbours: Neighbours;
  /** Of each process that has been seen. */
  readonly processes: ReadonlyMap<
    Pid,
    { readonly state: Machine; readonly reaped: boolean; readonly since: number }
  >;
  /** Epoch milliseconds and number of the current step. */
  readonly at: number;
  readonly step: number;
  /** A fault of the disk or of the clock may still be in force. */
  readonly trouble: { readonly disk: boolean; readonly clock: boolean };
  /** The owner may have died or let go since somebody last started or continued the group; `surely`: it has. */
  readonly ownerless: boolean;
  readonly surelyOwnerless: boolean;
  /** The number of the last event that a live process has shown, and of the next one that the journal will have. */
  readonly seenSeq: number;
  readonly journal: { readonly events: readonly SeenEvent[]; readonly next: number };
  report(rule: string, message: string): void;
}

export const micro = (usd: unknown): number => Math.round(numberOf(usd) * 1_000_000);

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}

/** A field of an object that came as JSON. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

export const sessionOf = (event: SeenEvent): string => textOf(event.sessionId);
/** An attempt of a session begins. */
export const isStart = ({ type }: Pick<SeenEvent, 'type'>): boolean =>
  /^session_(started|resumed)$/.test(type);
export const timeOf = (event: SeenEvent): number => Date.parse(event.time);
