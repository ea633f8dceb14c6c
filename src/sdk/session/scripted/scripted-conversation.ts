import type { PermissionDenial } from '../usage.ts';

/** What a scripted conversation remembers between its attempts (AGENT-5). */
export interface ScriptedConversation {
  readonly id: string;
  /** Index of the step to do next, or of the one that was cut. */
  step: number;
  /** What is left of the wait of that step, ms; absent when it was not begun. */
  leftMs: number | undefined;
  /** Over all attempts. */
  costMicroUsd: number;
  /** Counts replies, tool calls and permission requests, for their ids. */
  lastNumber: number;
  lastText: string;
  result: string | undefined;
  output: unknown;
  denials: PermissionDenial[];
  /** Attempts that a `failure` or `limit` step has ended, by its index. */
  readonly hits: Map<number, number>;
  /** When a `limit` step lets pass, by its index; epoch ms. */
  readonly limitedUntil: Map<number, number>;
}

export function newConversation(id: string): ScriptedConversation {
  return {
    id,
    costMicroUsd: 0,
    lastNumber: 0,
    hits: new Map(),
    limitedUntil: new Map(),
    ...atTheBeginning(),
  };
}

/** A conversation that goes on after its script has ended plays it again; what it has spent stays spent. */
export function startOver(conversation: ScriptedConversation): void {
  Object.assign(conversation, atTheBeginning());
}

export function advance(conversation: ScriptedConversation): void {
  conversation.step += 1;
  conversation.leftMs = undefined;
}

/** Never twice in a conversation, and the same in every run. */
export function numberedId(conversation: ScriptedConversation, kind: string): string {
  conversation.lastNumber += 1;
  return `${conversation.id}-${kind}-${conversation.lastNumber}`;
}

function atTheBeginning() {
  return { step: 0, leftMs: undefined, lastText: '', result: undefined, output: undefined, denials: [] };
}
