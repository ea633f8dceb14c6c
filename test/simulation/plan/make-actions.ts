import type { Verb, Via } from '../history.ts';
import type { Random } from '../random.ts';
import { makeSession } from './make-definition.ts';
import type { Arguments, Moment, PlannedAction, PlannedChange, PlannedDefinition } from './plan.ts';

const VERBS: readonly [readonly [number, Verb], ...(readonly [number, Verb])[]] = [
  [4, 'pause'],
  [6, 'resume'],
  [2, 'stop'],
  [4, 'retry'],
  [3, 'update'],
  [3, 'setMaxBudget'],
  [6, 'pauseSession'],
  [3, 'resumeSession'],
  [6, 'answer'],
  [1, 'run'],
  [1, 'open'],
  [1, 'dispose'],
];

const EVENTS = [
  'session_started',
  'session_failed',
  'session_completed',
  'group_paused',
  'group_pausing',
  'approval_requested',
  'budget_exceeded',
  'session_retrying',
  'quota_limited',
] as const;

const RESTS = ['group_paused', 'group_completed', 'group_failed', 'group_stopped'] as const;

/** The first action is the run; the others come when they may. */
export function makeActions(random: Random, definition: PlannedDefinition, untilMs: number): PlannedAction[] {
  const count = random.weigh([
    [3, 0],
    [4, 1],
    [4, 3],
    [3, 6],
    [1, 12],
  ]);
  const actions: PlannedAction[] = [{ at: { ms: 0 }, process: 0, via: 'handle', verb: 'run', args: {} }];
  let before: Moment | undefined;
  for (let index = 0; index < count; index += 1) {
    const stream = random.of(index);
    const at: Moment = before && stream.chance(0.2) ? before : momentOf(stream, untilMs);
    before = at;
    actions.push(makeAction(stream, definition, at, index));
  }
  const archiving = random.of('archive');
  if (archiving.chance(0.08)) {
    const process = archiving.chance(0.5) ? 'owner' : archiving.int(1, 2);
    const via = archiving.pick(['manager', 'http'] as const);
    actions.push({ at: { ms: archiving.int(0, untilMs) }, process, via, verb: 'archive', args: {} });
  }
  return [
    ...actions,
    ...makeDeletes(random.of('delete'), untilMs),
    ...makeLimit(random.of('limit'), untilMs),
  ];
}

/** An update that takes away what the group has left, while something runs. */
function makeLimit(random: Random, untilMs: number): PlannedAction[] {
  if (!random.chance(0.06)) return [];
  const change: PlannedChange = { kind: 'limit', microUsd: random.pick([1, 1_000, 50_000, 120_000]) };
  const at: Moment = { ms: random.chance(0.7) ? random.int(1, 6_000) : random.int(1, untilMs) };
  const via = random.pick<Via>(['handle', 'control', 'http']);
  return [{ at, process: via === 'handle' ? 'owner' : 1, via, verb: 'update', args: { change } }];
}

/** Mostly refused at any time; when the group rests, or is about to, it goes. */
function makeDeletes(random: Random, untilMs: number): PlannedAction[] {
  if (!random.chance(0.12)) return [];
  return Array.from({ length: random.int(1, 3) }, (_, index) => {
    const of = random.of(index);
    const at: Moment = of.chance(0.6)
      ? { ms: of.chance(0.5) ? of.int(0, untilMs) : untilMs }
      : { event: of.pick(RESTS), nth: 1 };
    const process = of.chance(0.5) ? 'owner' : of.int(1, 2);
    return { at, process, via: of.pick(['manager', 'http'] as const), verb: 'delete', args: {} };
  });
}

function momentOf(random: Random, untilMs: number): Moment {
  if (random.chance(0.15)) return { event: random.pick(EVENTS), nth: random.int(1, 3) };
  return { ms: random.chance(0.5) ? random.int(0, 6_000) : random.int(0, untilMs) };
}

function makeAction(random: Random, definition: PlannedDefinition, at: Moment, index: number): PlannedAction {
  const verb = random.weigh(VERBS);
  const args = makeArguments(random.of('args'), verb, definition, index);
  if (verb === 'open') return { at, process: random.int(1, 2), via: 'manager', verb, args };
  if (verb === 'dispose') return { at, process: 'owner', via: 'handle', verb, args };
  const via: Via =
    'event' in at ? 'handle' : random.pick(['handle', 'handle', 'control', 'control', 'http', 'manager']);
  const outside = via === 'control' || via === 'http' ? random.chance(0.8) : false;
  return { at, process: outside ? random.int(1, 2) : 'owner', via, verb, args };
}

function makeArguments(random: Random, verb: Verb, definition: PlannedDefinition, index: number): Arguments {
  const { sessions } = definition;
  const session = () =>
    random.chance(0.03) ? 'nobody' : (sessions[random.int(0, sessions.length - 1)]?.id ?? 's0');
  const usd = () => random.pick([0.1, 0.5, 1, 3, 10]);
  const wait = random.chance(0.2) ? { wait: true } : {};
  switch (verb) {
    case 'pause':
    case 'stop':
      return wait;
    case 'resume':
      return { ...wait, ...(random.chance(0.3) ? { usd: usd() } : {}) };
    case 'retry':
      return {
        ...wait,
        ...(random.chance(0.4) ? { sessions: [session()] } : {}),
        ...(random.chance(0.3) ? { fresh: true } : {}),
      };
    case 'setMaxBudget':
      return { usd: random.chance(0.2) ? 'none' : random.chance(0.05) ? -1 : usd() };
    case 'pauseSession':
    case 'resumeSession':
      return { session: session() };
    case 'answer':
      return { decision: random.chance(0.6) ? 'allow' : 'deny' };
    case 'update':
      return { change: makeChange(random, definition, session(), index) };
    case 'open':
      return random.chance(0.5) ? { pauseInterrupted: true } : {};
    default:
      return {};
  }
}

function makeChange(
  random: Random,
  definition: PlannedDefinition,
  session: string,
  index: number,
): PlannedChange {
  const fresh = makeSession(random.of('session'), definition.sessions.length, 3);
  const moves = random.of('moves');
  if (moves.chance(0.1)) return { kind: 'change', session, to: { project: `p${moves.int(0, 3)}` } };
  return random.weigh<PlannedChange>([
    [4, { kind: 'add', session: { ...fresh, id: `n${index}` } }],
    [2, { kind: 'remove', session }],
    [2, { kind: 'change', session, to: { priority: random.int(-2, 2), allowFailure: random.chance(0.5) } }],
    [1, { kind: 'change', session, to: { dependsOn: [] } }],
    [1, { kind: 'limit', microUsd: random.pick([100_000, 1_000_000, 8_000_000]) }],
    [1, { kind: 'limit' }],
  ]);
}
