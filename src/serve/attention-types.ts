import type { AttentionItem } from '../sdk/group/standing/attention.ts';
import type { AttentionList } from '../sdk/group/standing/list-attention.ts';

/** The response of `GET /attention`. Types only, like api-types.ts. */

/** `GET /attention`: what waits for a person, in all groups that aren't archived; the most urgent first. */
export interface AttentionView {
  readonly items: readonly AttentionEntry[];
  /** Groups that may wait for a person, and cannot be read. */
  readonly leftOut: AttentionList['leftOut'];
}

/** Something that waits for a person, and the commands that answer it, the likeliest first. */
export type AttentionEntry = AttentionItem & { readonly commands: readonly string[] };
