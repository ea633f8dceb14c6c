import { randomUUID } from 'node:crypto';
import type { RefusalCode } from '../../../../machines/contract.ts';
import type { GroupStatus } from '../../../../machines/vocabulary.ts';
import { RefusedError } from '../../errors.ts';

interface Pending {
  readonly accept: () => void;
  readonly refuse: (error: Error) => void;
}

/** Requests on their way through the chart. Every one is answered: accepted, or refused with a reason (I15). */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #status: () => GroupStatus;

  constructor(status: () => GroupStatus) {
    this.#status = status;
  }

  /** @param send hands the request to the chart, which answers at once, or when it has done what it is about. */
  open(send: (request: string) => void): Promise<void> {
    const request = randomUUID();
    return new Promise((accept, refuse) => {
      this.#pending.set(request, { accept, refuse });
      send(request);
      // Nothing happens where the chart has answered. One that a subscriber asks from within the chart's own step
      // is answered after that step, before any promise goes on.
      queueMicrotask(() => this.refuse(request, 'not_in_this_state'));
    });
  }

  accept(request: string | undefined): void {
    this.#take(request)?.accept();
  }

  refuse(request: string | undefined, code: RefusalCode): void {
    this.#take(request)?.refuse(new RefusedError(code, refusalText(code, this.#status())));
  }

  failAll(error: Error): void {
    for (const { refuse } of this.#pending.values()) refuse(error);
    this.#pending.clear();
  }

  #take(request: string | undefined): Pending | undefined {
    if (request === undefined) return undefined;
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    return pending;
  }
}

/** Why the chart refused a request, for people. */
function refusalText(code: RefusalCode, status: GroupStatus): string {
  return TEXTS[code].replace('{status}', status);
}

const TEXTS: Readonly<Record<RefusalCode, string>> = {
  not_in_this_state: 'not possible while the group is {status}',
  budget_exhausted: 'the budget is used up: raise the limit to go on',
  session_not_pausable: 'the session is not in play, or is paused already',
  session_not_paused: 'the session is not paused by itself',
  no_such_request: 'the session does not wait for this answer',
  still_pausing: 'the group is still pausing: wait until it is paused',
  already_paused: 'the group is paused already',
  already_stopped: 'the group is stopped already',
  sessions_in_the_way: 'a session that the new definition changes or takes away is in play, or has ended',
  nothing_to_retry: 'there is no failed, stopped or skipped session to run again',
};
