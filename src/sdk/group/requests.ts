import { randomUUID } from 'node:crypto';
import type { RefusalCode } from '../../../machines/contract.ts';
import type { GroupStatus } from '../../../machines/vocabulary.ts';
import { RefusedError } from './errors.ts';
import { refusalText } from './refusal-text.ts';

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

  /** @param send hands the request to the chart, which answers before it returns. */
  open(send: (request: string) => void): Promise<void> {
    const request = randomUUID();
    return new Promise((accept, refuse) => {
      this.#pending.set(request, { accept, refuse });
      send(request);
      this.refuse(request, 'not_in_this_state'); // nothing happens where the chart has answered
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
