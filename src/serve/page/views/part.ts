import type { Changes, GroupModel } from '../model/group-model.ts';
import type { Api } from '../net/api.ts';

/** A part of the group's view. It is made from the whole model, and then told what changed. */
export interface Part {
  readonly node: Element;
  /** `ticked`: sessions whose words change as time goes; only they may look different without a change. */
  update(changes: Changes, ticked: Iterable<string>): void;
}

/** What the parts of one group's view share. */
export interface GroupContext {
  readonly api: Api;
  readonly model: GroupModel;
  /** `/groups/ID`, of the API. */
  readonly path: string;
  /** The session that is shown in the panel. */
  selected(): string | undefined;
  /** The address of a session's panel. */
  hashOf(sessionId?: string): string;
  /** Asks the server for something, and shows what it refuses; whether it was accepted. */
  request(path: string, body?: unknown): Promise<boolean>;
  /** Shows a message until it is dismissed. */
  tell(words: string): void;
  /** Says it to those who cannot see it happen. */
  say(words: string): void;
}
