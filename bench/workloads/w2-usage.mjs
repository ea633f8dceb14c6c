import { setImmediate as nextTurn } from 'node:timers/promises';
import { cpuOf, peakMb } from '../lib/measure.mjs';

const LIVE = 64;
const BURST = 100;
const MODEL = 'claude-opus-4-8';
const TOKENS = { input: 1_000, output: 100, cacheRead: 0, cacheWrite: 0 };
/** At the list price of that model. */
const MICRO_USD = 7_500;

/** Has them all report in turn, a hundred final replies in one turn of the event loop, until `stopped`. */
async function burst(emitters, most, stopped) {
  let sent = 0;
  while (sent < most && !stopped()) {
    for (let left = BURST; left > 0 && sent < most && !stopped(); left--) {
      const messageId = `m${sent}`;
      emitters[sent % LIVE]({ type: 'usage', messageId, model: MODEL, tokens: TOKENS, final: true });
      sent += 1;
    }
    await nextTurn();
  }
  return sent;
}

/** A ledger written by hand: figures by session and message, and each change told to three subscribers. */
async function byHand(count) {
  const prices = { [MODEL]: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 } };
  const sessions = Array.from({ length: LIVE }, () => ({
    replies: new Map(),
    microUsd: 0,
    input: 0,
    output: 0,
  }));
  const seen = [0, 0, 0];
  const subscribers = seen.map((_, at) => () => {
    seen[at] += 1;
  });
  let total = 0;
  let isSpent = false;
  const emitters = sessions.map((session, index) => ({ messageId, model, tokens }) => {
    const price = prices[model];
    const cost = Object.keys(tokens).reduce((sum, kind) => sum + tokens[kind] * price[kind], 0);
    const before = session.replies.get(messageId) ?? 0;
    session.replies.set(messageId, cost);
    session.microUsd += cost - before;
    session.input += tokens.input;
    session.output += tokens.output;
    total += cost - before;
    isSpent = total >= count * MICRO_USD;
    const { microUsd, input, output } = session;
    const event = {
      sessionId: `s${index}`,
      costUsd: microUsd / 1e6,
      tokens: { input, output },
      time: Date.now(),
    };
    for (const subscriber of subscribers) subscriber(event);
  });
  const { value, us } = await cpuOf(() => burst(emitters, 2 * count, () => isSpent));
  return { us, sent: value, microUsd: total };
}

async function ours(count) {
  const { benchAgent, createSessionGroup, memoryProjectGate } = await import('../lib/product.mjs');
  const emitters = [];
  let [interrupted, allLive] = [0];
  const live = new Promise(resolve => {
    allLive = resolve;
  });
  const agent = benchAgent(
    'reports',
    ({ conversation }, emit) => {
      emitters.push(emit);
      queueMicrotask(() => emit({ type: 'started', conversationId: conversation.id, model: MODEL }));
      if (emitters.length === LIVE) queueMicrotask(allLive);
      const end = () => {
        interrupted += 1;
        queueMicrotask(() => emit({ type: 'ended', end: { outcome: 'interrupted' } }));
      };
      return { interrupt: end, terminate() {}, kill() {}, answerPermission() {} };
    },
    { resume: true, usage: 'stream', spends: true },
  );
  const definition = {
    ...{ version: 1, name: 'Bench' },
    config: {
      agent: { kind: 'reports' },
      sessionDefaults: { generateClaudeMd: false },
      concurrency: { maxConcurrent: LIVE, maxPerProject: LIVE },
      budget: { maxBudgetUsd: (count * MICRO_USD) / 1e6, onBudgetExceeded: 'pause' },
    },
    sessions: Array.from({ length: LIVE }, (_, index) => ({
      ...{ id: `s${index}`, projectPath: process.cwd(), prompt: 'Work' },
    })),
  };
  const options = { agents: { reports: agent }, projects: memoryProjectGate(), env: {} };
  const group = await createSessionGroup(definition, options);
  const shown = new Map();
  let events = 0;
  group.events$.subscribe(event => {
    if (event.type === 'session_progress') shown.set(event.sessionId, event.costUsd);
  });
  for (let more = 0; more < 2; more++) {
    group.events$.subscribe(() => {
      events += 1;
    });
  }
  const run = group.run();
  await live;
  const { value: sent, us } = await cpuOf(async () => {
    const all = await burst(emitters, 2 * count, () => interrupted > 0);
    await run;
    return all;
  });
  const microUsd = Math.round(group.getProgress().totalCostUsd * 1e6);
  const sum = Math.round([...shown.values()].reduce((total, usd) => total + usd, 0) * 1e6);
  if (interrupted !== LIVE) throw new Error(`${interrupted} of ${LIVE} attempts were interrupted`);
  if (sum !== microUsd) throw new Error(`the sessions show ${sum} of ${microUsd} micro-dollars`);
  await group.dispose();
  return { us, sent, microUsd, events: events / 2 };
}

/** Of each session, and of all of them together. */
const RUNS = { long: LIVE * 10_000, short: 10_000 };

export default {
  name: 'W2',
  title: 'CPU per usage report of a group that spends',
  about:
    `${LIVE} live sessions report final replies, ${BURST} in a turn of the event loop: 10,000 each in the long run, 10,000 in all in the ` +
    'short one, which has hardly warmed up. The budget is what these cost, three subscribers get every event. `us` is per report, ' +
    'until the group has come to rest. `overshoot` is how many replies were made after the one that spent the budget. It is checked ' +
    'that every session was interrupted and that the figures that subscribers saw last add up. The floor is a ledger written by hand.',
  rounds: 5,
  cases: ({ size }) =>
    Object.entries(RUNS).flatMap(([run, reports]) =>
      ['ours', 'floor'].map(who => ({
        ...{ name: `${who}, ${run}`, floor: `floor, ${run}`, who, reports: size(reports) },
        ...(run === 'long' ? { rounds: 3 } : {}),
      })),
    ),
  async measure({ who, reports }) {
    const { us, sent, microUsd, events = sent } = await (who === 'ours' ? ours : byHand)(reports);
    if (microUsd !== sent * MICRO_USD) throw new Error(`${sent} reports cost ${microUsd} micro-dollars`);
    return { us: us / reports, overshoot: sent - reports, events: events / reports, peakMb: peakMb() };
  },
  rows: [
    {
      ...{ name: '64 live sessions, 10,000 usage reports each : a ledger written by hand', binding: true },
      ...{ unit: '×', atMost: 15, stretch: 5 },
      value: of => of('ours, long').us / of('floor, long').us,
    },
    {
      ...{ name: '64 live sessions, 10,000 usage reports in all : a ledger written by hand', binding: true },
      ...{ unit: '×', atMost: 15, stretch: 5 },
      value: of => of('ours, short').us / of('floor, short').us,
    },
    {
      ...{ name: 'replies beyond the budget', binding: true, unit: 'replies', atMost: 0 },
      value: of => Math.max(...Object.keys(RUNS).map(run => of(`ours, ${run}`).overshoot)),
    },
  ],
};
