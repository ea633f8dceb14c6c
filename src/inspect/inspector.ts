import type { AnyActorRef, InspectionEvent } from 'xstate';
import { systemClock } from '../sdk/clock.ts';
import { actorMessage, type InspectionMessage, inspectionMessage } from './inspection-message.ts';
import { openRelay } from './relay.ts';

/** How the relay listens and what it shows. */
export interface InspectorOptions {
  /** Default: 0, any free port. */
  readonly port?: number;
  /** The inspector's page that the relay's page frames. Default: `https://stately.ai/inspect`. */
  readonly pageUrl?: string;
  /** Also show texts such as errors' messages; prompts and environment are in no chart. Default: false. */
  readonly texts?: boolean;
}

/** A running relay; see `createInspector`. */
export interface Inspector {
  /** To be given to `createSessionGroup`, `createActor` and the like as their `inspect`. */
  readonly inspect: (event: InspectionEvent) => void;
  /** To be opened in a browser of this machine; holds the token. */
  readonly url: string;
  /** For a program: `ws://127.0.0.1:PORT/?token=…`. */
  readonly socketUrl: string;
  readonly port: number;
  /** Ends the relay; the group goes on. */
  close(): Promise<void>;
}

/**
 * Shows actors in the Stately Inspector: a relay on 127.0.0.1 that only the bearer of its token reaches. Needs the
 * package `ws`, an optional peer.
 *
 * INSPECTOR-1 who connects is told of every actor that lives, each with its present state, and then of all that
 *    happens.
 * INSPECTOR-2 without a watcher nothing is serialised; what is kept is one reference for each live actor.
 * INSPECTOR-3 a watcher that does not keep up is cut off; nothing that goes wrong here harms the run.
 *
 * @throws SessionGroupsError `port_busy`, `package_missing`.
 * @example
 * const inspector = await createInspector();
 * console.error(inspector.url);
 * const group = await createSessionGroup('session-groups.yaml', { inspect: inspector.inspect });
 */
export async function createInspector(options: InspectorOptions = {}): Promise<Inspector> {
  const { port = 0, pageUrl = 'https://stately.ai/inspect', texts = false } = options;
  const messages = { texts, now: () => systemClock.now() };
  /** Live actors and their roots, parents first. */
  const actors = new Map<AnyActorRef, string>();
  const present = (): InspectionMessage[] =>
    [...actors].map(([actor, rootId]) => actorMessage(actor, rootId, messages));
  const relay = await openRelay({ port, pageUrl, greeting: present });

  const inspect = (event: InspectionEvent): void => {
    const actor = event.actorRef as AnyActorRef;
    if (event.type === '@xstate.actor') actors.set(actor, event.rootId);
    else if (event.type === '@xstate.snapshot' && hasEnded(event.snapshot)) actors.delete(actor);
    if (!relay.watched) return;
    try {
      const message = inspectionMessage(event, messages);
      if (message) relay.send(message);
    } catch {
      // What cannot be shown is not shown; the group goes on.
    }
  };
  return {
    inspect,
    url: relay.url,
    socketUrl: relay.socketUrl,
    port: relay.port,
    close: () => relay.close(),
  };
}

const hasEnded = (snapshot: { readonly status?: string }): boolean =>
  (snapshot.status ?? 'active') !== 'active';
