import type { AnyActorRef, InspectionEvent } from 'xstate';
import { type RedactOptions, redact } from './redact.ts';
import { statelyConfig } from './stately-json.ts';

/**
 * The messages of the Stately Inspector's protocol (as @statelyai/inspect 0.7 sends them), built field by field: only
 * what is named here leaves the process. A snapshot has its own state only, so that its size does not grow with the
 * group's children.
 */
export type InspectionMessage = ActorMessage | EventMessage | SnapshotMessage;

interface Envelope {
  readonly _version: string;
  /** Epoch milliseconds, as text. */
  readonly createdAt: string;
  readonly id: null;
  readonly rootId: string;
  readonly sessionId: string;
}
export interface ActorMessage extends Envelope {
  readonly type: '@xstate.actor';
  readonly name: string;
  readonly parentId: string | undefined;
  /** The machine's configuration as JSON, without its context. */
  readonly definition: string;
  readonly snapshot: ShownSnapshot;
}
export interface EventMessage extends Envelope {
  readonly type: '@xstate.event';
  readonly event: unknown;
  readonly sourceId: string | undefined;
}
export interface SnapshotMessage extends Envelope {
  readonly type: '@xstate.snapshot';
  readonly event: unknown;
  readonly snapshot: ShownSnapshot;
}
export interface ShownSnapshot {
  readonly status: string;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly error?: unknown;
}

const PROTOCOL_VERSION = '0.7.2';

export interface MessageOptions extends RedactOptions {
  readonly now: () => number;
}

export function actorMessage(actor: AnyActorRef, rootId: string, options: MessageOptions): ActorMessage {
  const config = configOf(actor);
  return {
    type: '@xstate.actor',
    name: nameOf(actor, config),
    parentId: parentOf(actor)?.sessionId,
    definition: config ? definitionOf(config) : JSON.stringify({ id: actor.id }),
    snapshot: shown(present(actor), options),
    ...envelope(actor.sessionId, rootId, options),
  };
}

/**
 * Undefined for what the inspector does not show: actions, and microsteps but one. What a group raises of a session's
 * dependencies is shown as an event that it sends to itself: nothing else is seen of a session that waits or is skipped.
 */
export function inspectionMessage(
  inspected: InspectionEvent,
  options: MessageOptions,
): InspectionMessage | undefined {
  const { type, actorRef, rootId } = inspected;
  if (type === '@xstate.actor') return actorMessage(actorRef as AnyActorRef, rootId, options);
  const head = envelope(actorRef.sessionId, rootId, options);
  if (type === '@xstate.event') {
    return {
      type,
      event: redact(inspected.event, options),
      sourceId: inspected.sourceRef?.sessionId,
      ...head,
    };
  }
  if (type === '@xstate.microstep' && isOfDependency(inspected)) {
    return {
      type: '@xstate.event',
      event: redact(inspected.event, options),
      sourceId: actorRef.sessionId,
      ...head,
    };
  }
  if (type === '@xstate.snapshot') {
    return {
      type,
      event: redact(inspected.event, options),
      snapshot: shown(inspected.snapshot, options),
      ...head,
    };
  }
  return undefined;
}

/** Eventless transitions after it are microsteps of the same event. */
const isOfDependency = ({ event, _transitions }: Extract<InspectionEvent, { type: '@xstate.microstep' }>) =>
  event.type === 'dependency.settled' && _transitions.some(({ eventType }) => eventType === event.type);

function envelope(sessionId: string, rootId: string, { now }: MessageOptions): Envelope {
  return { _version: PROTOCOL_VERSION, createdAt: String(now()), id: null, rootId, sessionId };
}

/** An actor is announced before it has a snapshot; XState's development build throws then. */
function present(actor: AnyActorRef): unknown {
  try {
    return actor.getSnapshot() ?? {};
  } catch {
    return {};
  }
}

function shown(snapshot: unknown, options: MessageOptions): ShownSnapshot {
  const { status, value, context, error } = snapshot as Record<string, unknown>;
  return {
    status: typeof status === 'string' ? status : 'active',
    // A state value consists of state names.
    ...(value === undefined ? {} : { value }),
    ...(context === undefined ? {} : { context: redact(summarised(context), options) }),
    ...(error === undefined ? {} : { error: redact(error, options) }),
  };
}

/** Replaces the group's roster by its counters. */
function summarised(context: unknown): unknown {
  if (typeof context !== 'object' || context === null || !('roster' in context)) return context;
  const roster = context.roster as Record<string, unknown>;
  return { ...context, roster: Object.fromEntries(COUNTERS.map(name => [name, roster[name]])) };
}
const COUNTERS = [
  'unsettled',
  'unsuccessful',
  'live',
  'inPlay',
  'undecided',
  'ready',
  'maxConcurrent',
  'reason',
] as const;

function configOf(actor: AnyActorRef): { readonly id?: unknown } | undefined {
  const { logic } = actor as unknown as { readonly logic?: { readonly config?: unknown } };
  return typeof logic?.config === 'object' && logic.config !== null ? logic.config : undefined;
}

/** A group is named by its id, whatever the machine that invokes it calls it; every other actor as XState names it. */
function nameOf(actor: AnyActorRef, config: { readonly id?: unknown } | undefined): string {
  const named = groupIdOf(actor);
  if (named !== undefined) return named;
  return actor.id === actor.sessionId && typeof config?.id === 'string' ? config.id : actor.id;
}

/** From its input: an actor is announced before it has a context. */
function groupIdOf(actor: AnyActorRef): string | undefined {
  const { input } = (actor as unknown as { readonly options?: { readonly input?: unknown } }).options ?? {};
  if (typeof input !== 'object' || input === null || !('roster' in input) || !('id' in input))
    return undefined;
  return typeof input.id === 'string' ? input.id : undefined;
}

function parentOf(actor: AnyActorRef): AnyActorRef | undefined {
  return (actor as unknown as { readonly _parent?: AnyActorRef })._parent;
}

/** All sessions share one configuration. */
const definitions = new WeakMap<object, string>();

function definitionOf(config: object): string {
  const definition = definitions.get(config) ?? JSON.stringify(statelyConfig(config));
  definitions.set(config, definition);
  return definition;
}
