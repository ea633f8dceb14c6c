import { chmodSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { priceOf } from '../../src/sdk/group/cost/prices.ts';
import { claudeExecutable, STEADY_MODEL } from './claude-bench.ts';
import { clientFigures } from './client-figures.ts';
import { agentProcesses, type GroupBench, type Watched } from './group-bench.ts';
import { filesBelow } from './live-folder.ts';
import {
  type Answer,
  type Block,
  type ChosenUsage,
  overloaded,
  reply,
  slow,
  text,
  toolUse,
} from './messages-api/answers.ts';
import { Gate } from './messages-api/pace.ts';
import { conversationText, type RequestBody, turnsSoFar } from './messages-api/request.ts';

/**
 * The shapes of spending that the real client has: each is a session with what the model answers, and what is done to
 * it meanwhile. `bench/money.ts` prints what the group said of each, and `test/claude/money.test.ts` checks it.
 */
export interface MoneyShape {
  readonly name: string;
  readonly model?: string;
  /** Added to the client's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options that are put before the client's own. */
  readonly options?: readonly string[];
  /** The main requests' answers; side requests are answered by default. */
  answer(request: { readonly body: RequestBody; readonly side: boolean }): Answer | undefined;
  /** What happens while it runs; default: nothing, until it has settled. */
  drive?(watched: Watched, bench: GroupBench): Promise<unknown>;
}

export interface MoneyFigures {
  /** The group's figure just before the client's own one came. */
  readonly estimatedUsd: number;
  /** What the group says in the end. */
  readonly finalUsd: number;
  /** What the client has said in the end, of each conversation or of each process. */
  readonly clientUsd: number;
  /** What the API has charged for the replies it sent, at the table's prices. */
  readonly apiUsd: number;
}

const CACHED: ChosenUsage = { input: 500, output: 400, cacheRead: 60_000, cacheWrite5m: 3_000 };
const usage = CACHED;

/** Runs one session of that shape in a group of its own. */
export async function runShape(bench: GroupBench, shape: MoneyShape): Promise<MoneyFigures & Watched> {
  const { api, env } = bench;
  api.answerWith(request => shape.answer(request));
  Object.assign(env, shape.env);
  const executable = shape.options ? wrapped(bench, shape.options) : claudeExecutable();
  let group: Watched | undefined;
  const { agents, total, lastCorrection } = clientFigures(() =>
    (group?.all('cost_reconciled') ?? []).reduce(
      (sum, { costUsd, estimatedUsd }) => sum + costUsd - estimatedUsd,
      0,
    ),
  );
  const watched = await bench.create(
    {
      name: shape.name,
      config: {
        agent: { kind: 'claude', executable },
        model: shape.model ?? STEADY_MODEL,
        permissions: { allow: ['Bash(true)', 'Agent', 'Task', 'WebSearch'] },
        retry: { initialInterval: 1, maximumAttempts: 2 },
      },
      sessions: [{ id: 'a', projectPath: bench.repository('a'), prompt: 'MAIN' }],
    },
    { agents },
  );
  group = watched;
  if (shape.drive) await shape.drive(watched, bench);
  else await watched.group.run();
  const finalUsd = watched.group.getResult().totalCostUsd;
  return {
    ...watched,
    estimatedUsd: finalUsd - lastCorrection(),
    finalUsd,
    clientUsd: total(),
    apiUsd: api.billed.reduce((sum, { model, usage: used, output }) => sum + charged(model, used, output), 0),
  };
}

function charged(
  model: string,
  { input = 100, cacheRead = 0, ...used }: ChosenUsage,
  output: number,
): number {
  const { cacheWrite5m = 0, cacheWrite1h = 0, webSearches = 0 } = used;
  const tokens = { input, output, cacheRead, cacheWrite: cacheWrite5m + cacheWrite1h };
  return priceOf({ model, tokens, cacheWrite1h, webSearches }).microUsd / 1_000_000;
}

function wrapped(bench: GroupBench, options: readonly string[]): string {
  const path = join(bench.folder, 'claude-with-options');
  writeFileSync(path, `#!/bin/sh\nexec '${claudeExecutable()}' "$@" ${options.join(' ')}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The client's files of its conversations. */
const transcripts = ({ folder }: GroupBench): string[] =>
  filesBelow(join(folder, 'config', 'projects')).filter(
    file => file.endsWith('.jsonl') && !file.includes('subagents'),
  );

const isOf = (body: RequestBody, word: string): boolean => conversationText(body).includes(word);
const agent = (prompt: string, input: Record<string, unknown> = {}): Block => ({
  tool: 'Agent',
  input: { description: 'd', prompt, subagent_type: 'general-purpose', ...input },
});

/** A subagent that uses three tools, and the session that has started `started`. */
function withSubagents(started: readonly Block[], used: ChosenUsage): MoneyShape['answer'] {
  return ({ body, side }) => {
    if (side) return undefined;
    const turns = turnsSoFar(body);
    if (isOf(body, 'MAIN'))
      return turns === 0 ? reply(started, { usage: used }) : text('all', { usage: used });
    if (isOf(body, 'OUTER') && turns === 0) return reply([agent('INNER')], { usage: used });
    return turns < 3 && isOf(body, 'INNER')
      ? toolUse('Bash', { command: 'true' }, { usage: used })
      : text('part', { usage: used });
  };
}

/** Two turns, the second of which is cut after `words` words; what comes then is answered whole. */
function cut(how: (watched: Watched) => void): Pick<MoneyShape, 'answer' | 'drive'> {
  const gate = new Gate();
  gate.release(2);
  let held = false;
  return {
    answer: ({ body, side }) => {
      if (side) return undefined;
      if (turnsSoFar(body) === 0) return toolUse('Bash', { command: 'true' }, { usage });
      if (held) return text('done', { usage });
      held = true;
      return slow('one two three four', gate, { usage: { input: 40_000, output: 2_000 } });
    },
    async drive(watched) {
      const rest = watched.first('group_paused').catch(() => undefined);
      const run = watched.group.run();
      await gate.reached();
      await watched.first('session_progress', ({ tokens }) => tokens.input >= 40_000);
      how(watched);
      await Promise.race([rest, run]);
      gate.open();
      if (watched.group.getResult().status === 'paused') await watched.group.resume();
    },
  };
}

/** Paused after its first reply has cost something; then its transcript is damaged, and it goes on. */
function healed(damage: (path: string) => void): Pick<MoneyShape, 'answer' | 'drive'> {
  const gate = new Gate();
  gate.release(1);
  let asked = 0;
  return {
    answer({ side }) {
      if (side) return undefined;
      asked += 1;
      if (asked === 1) return toolUse('Bash', { command: 'true' }, { usage });
      return asked === 2 ? slow('one two three', gate, { usage }) : text('done', { usage });
    },
    async drive(watched, bench) {
      const paused = watched.first('group_paused');
      void watched.group.run();
      await gate.reached();
      await watched.first('session_progress', ({ tokens }) => tokens.input >= 1_000);
      await watched.group.pause();
      await paused;
      for (const path of transcripts(bench)) damage(path);
      await watched.group.resume();
    },
  };
}

const kill = ({ group }: Watched): void => {
  for (const pid of agentProcesses(group.id)) process.kill(pid, 'SIGKILL');
};

const killedInSubagent = (): Pick<MoneyShape, 'answer' | 'drive'> => {
  const gate = new Gate();
  let held = false;
  const plain = withSubagents([agent('INNER', { run_in_background: false })], usage);
  return {
    answer(request) {
      const { body, side } = request;
      if (side || held || isOf(body, 'MAIN') || turnsSoFar(body) < 2) return plain(request);
      held = true;
      return slow('never said', gate, { usage });
    },
    async drive(watched) {
      const run = watched.group.run();
      await gate.reached();
      kill(watched);
      await run;
    },
  };
};

/** One each; a shape keeps state, so it runs once. */
export const moneyShapes = (): MoneyShape[] => [
  {
    name: 'plain',
    answer: ({ side }) => (side ? undefined : text('done', { usage: { input: 9_000, output: 700 } })),
  },
  {
    name: 'cached context, one hour too',
    answer: ({ body, side }) => {
      const used = { ...usage, cacheWrite1h: 4_000 };
      if (side) return undefined;
      return turnsSoFar(body) < 3
        ? toolUse('Bash', { command: 'true' }, { usage: used })
        : text('done', { usage: used });
    },
  },
  { name: 'subagent', answer: withSubagents([agent('INNER')], { input: 2_000, output: 300 }) },
  { name: 'subagent with cached context', answer: withSubagents([agent('INNER')], usage) },
  {
    name: 'three subagents with cached context',
    answer: withSubagents([agent('INNER 1'), agent('INNER 2'), agent('INNER 3')], usage),
  },
  { name: 'nested subagents', answer: withSubagents([agent('OUTER')], usage) },
  { name: 'two models', answer: withSubagents([agent('INNER', { model: 'haiku' })], usage) },
  { name: 'killed in a subagent', ...killedInSubagent() },
  {
    name: 'compaction',
    env: { CLAUDE_CODE_AUTO_COMPACT_WINDOW: '200000', CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: '80' },
    answer: compacted(),
  },
  {
    name: 'web search by the API',
    answer: ({ side }) => (side ? undefined : text('found', { usage: { ...usage, webSearches: 3 } })),
  },
  {
    name: 'web search by the tool',
    answer({ body, side }) {
      if (side) return undefined;
      const searches = body.tools?.length === 1;
      if (searches) return text('found', { usage: { ...usage, webSearches: 2 } });
      return turnsSoFar(body) === 0
        ? toolUse('WebSearch', { query: 'x y z' }, { usage })
        : text('done', { usage });
    },
  },
  {
    name: '1M context',
    model: `${STEADY_MODEL}[1m]`,
    answer: ({ side }) =>
      side ? undefined : text('done', { usage: { input: 1_000, cacheRead: 600_000, output: 900 } }),
  },
  {
    name: 'long context at a higher price',
    model: 'haiku',
    answer: ({ side }) => (side ? undefined : text('done', { usage: { input: 150_000, output: 900 } })),
  },
  { name: 'reply cut by a pause', ...cut(({ group }) => void group.pause()) },
  { name: 'reply cut by SIGKILL', ...cut(kill) },
  { name: 'transcript deleted', ...healed(path => rmSync(path)) },
  {
    name: 'transcript torn in its last lines',
    ...healed(path => truncateSync(path, Math.floor(statSync(path).size * 0.6))),
  },
  { name: 'transcript torn in its first line', ...healed(path => truncateSync(path, 100)) },
  {
    name: 'fallback model',
    options: ['--fallback-model=haiku'],
    answer: ({ body, side }) => {
      if (side) return undefined;
      return body.model.includes('haiku') ? text('done', { usage }) : overloaded();
    },
  },
  {
    name: 'model of a known family',
    model: 'claude-sonnet-9',
    answer: ({ side }) => (side ? undefined : text('done', { usage })),
  },
  {
    name: 'model of no known family',
    model: 'brand-new',
    answer: ({ side }) => (side ? undefined : text('done', { usage })),
  },
];

function compacted(): MoneyShape['answer'] {
  let asked = 0;
  return ({ body, side }) => {
    const last = body.messages.at(-1);
    const summary = last && conversationText({ ...body, messages: [last] }).includes('<summary>');
    if (side || summary)
      return text('<summary>short</summary>', { usage: { cacheRead: 190_000, input: 1_000, output: 2_000 } });
    asked += 1;
    return asked <= 2
      ? toolUse('Bash', { command: 'true' }, { usage: { input: 190_000, output: 500 } })
      : text('done', { usage: { input: 5_000, output: 100 } });
  };
}
