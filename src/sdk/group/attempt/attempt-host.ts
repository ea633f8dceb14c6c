import type { SessionMachineEvent } from '../../../../machines/contract.ts';
import type { Clock } from '../../clock.ts';
import type { AttemptMessage } from '../../session/agent.ts';
import type { CapabilitiesOf } from '../../session/own/registered.ts';
import type { HostEnvironment } from '../config/environment.ts';
import type { Ledger } from '../cost/ledger.ts';
import type { PriceBook } from '../cost/price-book.ts';
import type { GroupEventBody } from '../journal/events.ts';
import type { InternalRecord, ReportNumber } from '../journal/records.ts';
import type { RenderedPrompt } from '../prompts/render-prompt.ts';
import type { TreeHost } from '../tree/tree-host.ts';
import type { SessionExecutor } from './executor/executor.ts';
import type { OrderedConfig } from './order/attempt-order.ts';
import type { ResultFile } from './order/carried-results.ts';

/** What a session's attempts need from their group. */
export interface AttemptHost {
  readonly groupId: string;
  readonly clock: Clock;
  /** This process's environment. */
  readonly env: HostEnvironment;
  readonly ledger: Ledger;
  readonly prices: PriceBook;
  readonly trees: TreeHost;
  /** Carries its attempts out. */
  readonly executor: SessionExecutor;
  /** The place elsewhere that has the session's conversation, where that is known. */
  placeOf(id: string): string | undefined;
  /** What people have sent to the session, and its agent has not taken. */
  messagesOf(id: string): readonly AttemptMessage[];
  /** Whether someone can answer permission requests. */
  readonly attended: boolean;
  /** The session whose request with this id waits for a person. */
  sessionOfRequest(requestId: string): string | undefined;
  /** The store has failed, so the group is pausing. */
  readonly storeFails: boolean;
  /** Journals something that has happened. */
  record(body: GroupEventBody & ReportNumber): void;
  internal(record: InternalRecord): void;
  /**
   * Journals something that is about to start: at once or, if there is a promise, when that resolves.
   * @throws if it can't be written; then it must not start.
   */
  announce(body: GroupEventBody): Promise<void> | undefined;
  /** Calls it when the code that runs now has ended, before anything else does: one microtask for all that is due then. */
  atTurnEnd(act: () => void): void;
  /** Sends an event to the session's actor. */
  tell(id: string, event: SessionMachineEvent): void;
  /** The group's cost has changed: checks its thresholds. @param before called if one is crossed, before that has an effect. */
  spent(before: () => void): void;
  /** The session's account has answered, so it isn't limited. */
  answered(id: string): void;
  render(id: string): RenderedPrompt;
  /** Those of all sessions, which prompts may name. */
  resultFiles(): Iterable<ResultFile>;
  /** Generates the session's configuration, and journals it if it is new; undefined if there is none. */
  configure(id: string): OrderedConfig | undefined;
  readonly can: CapabilitiesOf;
  /** Where that has been written. */
  configFolder(id: string): string;
  /** Folder for the session's logs; undefined if nothing is kept on disk. */
  logDir(id: string): string | undefined;
}
