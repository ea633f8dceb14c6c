import type { AnyActorRef, InspectionEvent } from 'xstate';
import { expectArgument, isPort } from '../sdk/argument.ts';
import { systemClock } from '../sdk/clock.ts';
import { actorMessage, type InspectionMessage, inspectionMessage } from './inspection-message.ts';
import { openRelay } from './relay.ts';

/** Where the relay listens and what it shows. */
export interface InspectorOptions {
  /** Default: 0, which picks a free port. */
  readonly port?: number;
  /** The inspector that the relay's page embeds. Default: `https://stately.ai/inspect`. */
  readonly pageUrl?: string;
  /** Also show texts such as error messages; no chart contains prompts or environment. Default: false. */
  readonly texts?: boolean;
}

/** A running relay; see `createInspector`. */
export interface Inspector {
  /** Pass it to `createSessionGroup`, `createActor` and the like as `inspect`. */
  readonly inspect: (event: InspectionEvent) => void;
  /** Open it in a browser on this machine; contains the token. */
  readonly url: string;
  /** For programs: `ws://127.0.0.1:PORT/?token=…`. */
  readonly socketUrl: string;
  readonly port: number;
  /** Closes the relay; the group keeps running. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Shows actors in the Stately Inspector, through a relay on 127.0.0.1 to which only clients with its token can connect.
 * Needs the package `ws`, an optional peer dependency.
 *
 * INSPECTOR-1 a new watcher gets every live actor with its current state, and then every event.
 * INSPECTOR-2 without a watcher nothing is serialised; the inspector keeps only a reference to each live actor.
 * INSPECTOR-3 a watcher that cannot keep up is disconnected; an error in the inspector never affects the run.
 *
 * @throws SessionGroupsError `port_busy`, `package_missing`, `invalid_argument`.
 * @example
 * const inspector = await createInspector();
 * console.error(inspector.url);
 * const group = await createSessionGroup('session-groups.yaml', { inspect: inspector.inspect });
 */
export async function createInspector(options: InspectorOptions = {}): Promise<Inspector> {
  const { port = 0, pageUrl = 'https://stately.ai/inspect', texts = false } = options;
  expectArgument(isPort(port), 'options.port', 'a whole number from 0 to 65535');
  expectArgument(URL.canParse(pageUrl), 'options.pageUrl', 'a URL');
  const messages = { texts, now: () => systemClock.now() };
  /** Live actors and their roots, parents first. */
  const actors = new Map<AnyActorRef, string>();
  const present = (): InspectionMessage[] =>
    [...actors].flatMap(
      ([actor, rootId]) => unlessUnreadable(() => actorMessage(actor, rootId, messages)) ?? [],
    );
  const relay = await openRelay({ port, pageUrl, greeting: present });

  const inspect = (event: InspectionEvent): void => {
    const actor = event.actorRef as AnyActorRef;
    if (event.type === '@xstate.actor') actors.set(actor, event.rootId);
    else if (event.type === '@xstate.snapshot' && hasEnded(event.snapshot)) actors.delete(actor);
    if (!relay.watched) return;
    const message = unlessUnreadable(() => inspectionMessage(event, messages));
    if (message) unlessUnreadable(() => relay.send(message));
  };
  return {
    inspect,
    url: relay.url,
    socketUrl: relay.socketUrl,
    port: relay.port,
    close: () => relay.close(),
    [Symbol.asyncDispose]: () => relay.close(),
  };
}

/** INSPECTOR-3: what a host's own machine has, and can't be serialised, is skipped. */
function unlessUnreadable<T>(message: () => T): T | undefined {
  try {
    return message();
  } catch {
    return undefined;
  }
}

const hasEnded = (snapshot: { readonly status?: string }): boolean =>
  (snapshot.status ?? 'active') !== 'active';
