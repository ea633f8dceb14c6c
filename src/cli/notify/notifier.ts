import type { Clock } from '../../sdk/clock.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import { resolveReferences } from '../../sdk/group/config/environment.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import type { CliIo } from '../io.ts';
import { type Notice, noticeOf } from './notice.ts';
import type { NotifyConfig } from './notify-config.ts';
import { runCommand, showOnDesktop } from './programs.ts';
import { addressProblem, postNotice, type WebhookTarget } from './webhook.ts';

export interface NotifierWorld {
  readonly io: Pick<CliIo, 'stderr' | 'env'>;
  readonly clock: Clock;
  /** Prints a line where it disturbs nothing. */
  readonly warn: (line: string) => void;
}

/**
 * Tells the user of what happens in groups.
 *
 * NOTIFY-1 a receiver that fails, or never answers, harms nothing: each has a queue of its own, which is bounded, and the first failure of
 *    each is printed, without its address. Nothing here throws, and no program leaves anything running.
 * NOTIFY-2 what is told reaches programs as arguments or input, and the terminal without control characters.
 * NOTIFY-3 once groups are at rest, what is still under way has FINISH_MS.
 */
export interface Notifier {
  /** @param group the group's name. @param rehearsal whether it is one. Default: false. */
  tell(event: GroupEvent, group: string, rehearsal?: boolean): void;
  /** Resolves once everything is told, or its time is over; at once if there is none. */
  finish(isCut?: boolean): Promise<void>;
}

const FINISH_MS = 5_000;
const MOST_WAITING = 20;

/** A webhook whose references have no value, or whose address can't be used, is left out, with a warning. */
export function createNotifier(config: NotifyConfig, world: NotifierWorld): Notifier {
  const { io, clock, warn } = world;
  const cut = new AbortController();
  const queues: Queue[] = [];
  const add = (name: string, send: (notice: Notice) => Promise<void>) =>
    queues.push(
      new Queue(send, reason => warn(`warning: ${name} in config.yaml failed: ${textOfThrown(reason)}`)),
    );
  const { command, webhook } = config;
  const programs = { env: io.env, clock, signal: cut.signal };
  if (config.desktop) add('notify.desktop', notice => showOnDesktop(notice, programs));
  if (command) add('notify.command', notice => runCommand(command, notice, programs));
  const target = webhook && targetOf(webhook, io.env, warn);
  if (target) add('notify.webhook', notice => postNotice(notice, target, clock, cut.signal));
  const terminal = terminalOf(config, io);
  return {
    tell(event, group, rehearsal) {
      const notice = noticeOf(event, group, rehearsal);
      if (!notice || !config.on.includes(notice.kind)) return;
      terminal.tell(notice);
      for (const queue of queues) queue.put(notice);
    },
    async finish(isCut) {
      terminal.finish();
      if (isCut) return cut.abort(new Error('it was cut short'));
      const late = `it took longer than ${FINISH_MS / 1_000} s once the group had ended`;
      const timer = clock.setTimeout(() => cut.abort(new Error(late)), FINISH_MS);
      await Promise.all(queues.map(queue => queue.idle));
      clock.clearTimeout(timer);
    },
  };
}

/** Sends one notice after the other. */
class Queue {
  readonly #send: (notice: Notice) => Promise<void>;
  readonly #failed: (reason: unknown) => void;
  readonly #waiting: Notice[] = [];
  #running: Promise<void> | undefined;
  #hasFailed = false;

  constructor(send: (notice: Notice) => Promise<void>, failed: (reason: unknown) => void) {
    this.#send = send;
    this.#failed = failed;
  }

  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Of too many, the oldest are left out: what is new matters more. */
  put(notice: Notice): void {
    this.#waiting.push(notice);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        await this.#send(next);
      } catch (reason) {
        if (!this.#hasFailed) this.#failed(reason);
        this.#hasFailed = true;
      }
    }
    this.#running = undefined;
  }
}

const BELL = '\u0007';

/** The title is put back afterwards, where the terminal keeps a stack of titles. */
function terminalOf({ bell, title }: NotifyConfig, { stderr }: NotifierWorld['io']) {
  const isTerminal = stderr.isTTY === true;
  let isChanged = false;
  return {
    tell(notice: Notice): void {
      if (!isTerminal) return;
      if (title) {
        if (!isChanged) stderr.write('\u001b[22;2t');
        isChanged = true;
        stderr.write(`\u001b]2;${notice.title}: ${notice.text}${BELL}`);
      }
      if (bell) stderr.write(BELL);
    },
    finish(): void {
      if (isChanged) stderr.write('\u001b[23;2t');
      isChanged = false;
    },
  };
}

function targetOf(
  { url, secret = '' }: NonNullable<NotifyConfig['webhook']>,
  env: NotifierWorld['io']['env'],
  warn: NotifierWorld['warn'],
): WebhookTarget | undefined {
  const values = [url, secret].map(text => resolveReferences(text, env));
  const missing = values.flatMap(({ unset }) => unset);
  const [address, key] = values.map(({ value }) => value);
  const isSet = missing.length === 0 && address && (secret === '' || key);
  const problem = isSet ? addressProblem(address) : `${missing.join(', ') || 'a variable'} is not set`;
  if (isSet && problem === undefined) return { url: address, secret: key || undefined };
  warn(`warning: notify.webhook in config.yaml is left out: ${problem}`);
  return undefined;
}
