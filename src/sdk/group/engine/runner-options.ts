import type { HostEnvironment } from '../config/environment.ts';
import type { LoadOptions } from '../definition/definition.ts';
import type { EventHistory } from '../journal/streams/journal-stream.ts';
import type { GroupActor } from './provide.ts';

/** What drives a group besides its engine. */
export interface RunnerOptions {
  readonly actor: GroupActor | undefined;
  /** The group's events so far. */
  readonly history: EventHistory;
  readonly dir: string | undefined;
  readonly announce: (address: string) => void;
  /** What `dispose` requests of a live group. */
  readonly onDispose: 'pause' | 'stop';
  /** How a new definition is read. */
  readonly loading: LoadOptions & { readonly env: HostEnvironment };
  /** Called after the definition was replaced. */
  readonly onUpdated: () => void;
  /** Called after everything has ended: releases ownership. */
  readonly release: () => Promise<void>;
}
