import type { ModelFigure } from '../../session/agent.ts';
import { addTokens, NO_TOKENS, subtractTokens, type Tokens } from '../../session/usage.ts';
import { bareName } from './prices.ts';

/** A reply that the stream has shown. Its input is exact as soon as it begins. */
export interface ShownReply {
  readonly model: string;
  readonly tokens: Tokens;
}

/** What an agent's own figure counts: in all, and by model if it tells. */
export interface Counted {
  readonly tokens?: Tokens;
  readonly models?: Readonly<Record<string, ModelFigure>>;
}

/**
 * The replies that an agent's figure leaves out: those that fit, biggest first, into what is shown beyond what the
 * figure counts. Tokens say it, not money: an agent with other prices has forgotten nothing. An agent that counts
 * requests of its own among the session's may hide that it has forgotten some. A figure without tokens says nothing.
 */
export function leftOut<T extends ShownReply>(replies: readonly T[], { tokens, models }: Counted): T[] {
  if (tokens === undefined || (inputOf(tokens) === 0 && tokens.output === 0)) return [];
  const shown = new Set(replies.map(({ model }) => bareName(model)));
  const counted = new Map([['', tokens]]);
  for (const [model, figure] of Object.entries(models ?? {})) {
    const name = bareName(model);
    if (!shown.has(name)) continue;
    counted.set(name, addTokens(counted.get(name) ?? NO_TOKENS, figure.tokens));
    counted.set('', subtractTokens(counted.get('') ?? NO_TOKENS, figure.tokens));
  }
  // What is counted under no name that a reply has may be any reply that the figure does not name.
  const nameOf = ({ model }: ShownReply): string => (counted.has(bareName(model)) ? bareName(model) : '');
  const missing = new Map<string, Tokens>();
  for (const reply of replies) {
    const name = nameOf(reply);
    missing.set(name, addTokens(missing.get(name) ?? minus(counted.get(name)), reply.tokens));
  }
  const left = new Set<T>();
  const take = (reply: T, output: 'with output' | 'input only'): void => {
    const room = missing.get(nameOf(reply));
    if (room === undefined || left.has(reply) || inputOf(reply.tokens) === 0) return;
    if (!fits(reply.tokens, room) || (output === 'with output' && reply.tokens.output > room.output)) return;
    left.add(reply);
    missing.set(nameOf(reply), subtractTokens(room, reply.tokens));
  };
  const biggestFirst = [...replies].sort(
    (a, b) => inputOf(b.tokens) - inputOf(a.tokens) || outputOf(b) - outputOf(a),
  );
  for (const reply of biggestFirst) take(reply, 'with output');
  // Of a reply that was cut, the output is not known exactly: of those with the same input, it is the shortest.
  const shortestFirst = biggestFirst.sort(
    (a, b) => inputOf(b.tokens) - inputOf(a.tokens) || outputOf(a) - outputOf(b),
  );
  for (const reply of shortestFirst) take(reply, 'input only');
  return [...left];
}

const outputOf = ({ tokens }: ShownReply): number => tokens.output;
const inputOf = ({ input, cacheRead, cacheWrite }: Tokens): number => input + cacheRead + cacheWrite;

const fits = (tokens: Tokens, room: Tokens): boolean =>
  tokens.input <= room.input && tokens.cacheRead <= room.cacheRead && tokens.cacheWrite <= room.cacheWrite;

const minus = (tokens: Tokens = NO_TOKENS): Tokens => subtractTokens(NO_TOKENS, tokens);
