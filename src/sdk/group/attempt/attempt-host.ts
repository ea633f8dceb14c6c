import type { SessionMachineEvent } from '../../../../machines/contract.ts';
import type { ErrorCode } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import type { AttemptConfig } from '../../session/agent.ts';
import type { HostEnvironment } from '../config/environment.ts';
import type { Ledger } from '../cost/ledger.ts';
import type { GroupEventBody } from '../journal/events.ts';
import type { InternalRecord } from '../journal/records.ts';
import type { RenderedPrompt } from '../prompts/render-prompt.ts';

/** What a session's attempts need of their group. */
export interface AttemptHost {
  readonly groupId: string;
  readonly clock: Clock;
  /** Of this process. */
  readonly env: HostEnvironment;
  readonly ledger: Ledger;
  /** Whether somebody can answer permission requests. */
  readonly attended: boolean;
  /** The group pauses for what its store cannot do. */
  readonly storeFails: boolean;
  /** Journals what has happened. */
  record(body: GroupEventBody): void;
  internal(record: InternalRecord): void;
  /** Journals what is about to be started. @throws where it cannot: then it must not be. */
  announce(body: GroupEventBody): void;
  /** To the session's actor. */
  tell(id: string, event: SessionMachineEvent): void;
  /** The group's spend has changed: its thresholds are judged. */
  spent(): void;
  /** The session's account has given an answer: it is open. */
  answered(id: string): void;
  unavailable(code: ErrorCode): void;
  render(id: string): RenderedPrompt;
  /** Generates the session's configuration, and journals it where it is new; undefined: none is switched on. */
  configure(id: string): AttemptConfig | undefined;
  environment(id: string): Record<string, string>;
  /** Folder for the session's logs; undefined where none are kept. */
  logDir(id: string): string | undefined;
}
