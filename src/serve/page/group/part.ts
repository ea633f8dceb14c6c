import type { Cell } from '../model/cell.ts';
import type { Changes, GroupModel } from '../model/group-model.ts';
import type { SessionFilter } from '../model/session-filter.ts';
import type { Api } from '../net/api.ts';

/** A part of the group's view. It is created from the whole model, then updated with changes. */
export interface Part {
  readonly node: Element;
  /** `ticked`: sessions whose text changes as time passes; only these may look different without a change. */
  update(changes: Changes, ticked: Iterable<string>): void;
}

/** Shared by the parts of one group's view. */
export interface GroupContext {
  readonly api: Api;
  readonly model: GroupModel;
  /** API path `/groups/ID`. */
  readonly path: string;
  /** The session in the panel. */
  selected(): string | undefined;
  /** The address of a session's panel. */
  hashOf(sessionId?: string): string;
  /** Which sessions are shown; the address has it too. */
  readonly filter: Cell<SessionFilter>;
  /** Sends a request and shows an error if it is refused; resolves with whether it was accepted. */
  request(path: string, body?: unknown): Promise<boolean>;
  /** Shows a message until it is dismissed. */
  tell(words: string): void;
  /** Announces it to screen readers. */
  say(words: string): void;
}
