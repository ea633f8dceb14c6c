import { createHash } from 'node:crypto';
import type { AgentEvent } from '../../agent.ts';
import type { ClaudeLine, ReadMessage, ResultMessage } from './messages.ts';
import type { StreamState } from './stream-state.ts';
import { sayStreamed } from './streamed-text.ts';
import { costOf } from './usage.ts';

/**
 * The pieces of a line without the results that a log only quotes: beside other text stands one that follows a result
 * which the client has printed by itself, unless it says that it is another of the same conversation.
 */
export function withoutQuoted(state: StreamState, pieces: readonly ClaudeLine[]): readonly ClaudeLine[] {
  const inText = pieces.some(({ kind }) => kind === 'not_json');
  return pieces.filter(piece => {
    if (piece.kind !== 'message' || piece.message.type !== 'result') return true;
    const isQuoted = inText && state.resultAlone && !state.worksOn && !isNext(state, piece.message);
    if (!isQuoted) state.resultAlone = !inText && piece.unread.length === 0;
    return !isQuoted;
  });
}

const isNext = ({ result }: StreamState, { uuid, session_id: conversation }: ResultMessage): boolean =>
  uuid !== undefined &&
  uuid !== result?.uuid &&
  conversation !== undefined &&
  conversation === result?.session_id;

/** Kept before anything else is done with it. */
export function learnResult(
  state: StreamState,
  { message, unread }: Omit<ReadMessage, 'message'> & { readonly message: ResultMessage },
): readonly AgentEvent[] {
  if (isRepeated(state, message)) return [];
  state.result = message;
  state.worksOn = false;
  delete state.resultError;
  if (state.apiError) state.resultError = state.apiError;
  delete state.apiError;
  const said = sayStreamed(state);
  const cost = costOf(state, message, unread);
  return cost ? [...said, cost] : said;
}

/** A line that came before says nothing new: what it has spent counts once. Without an id, it is one that follows itself. */
function isRepeated(state: StreamState, message: ResultMessage): boolean {
  const digest = createHash('sha256').update(JSON.stringify(message)).digest('base64');
  if (state.results.has(digest)) return message.uuid !== undefined || !state.worksOn;
  if (message.uuid === undefined) state.results.clear();
  state.results.add(digest);
  return false;
}
