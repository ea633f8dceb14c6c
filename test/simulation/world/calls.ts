import type { ControlClient } from '../../../src/control/wire/client.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import type { Verb } from '../history.ts';
import { changed, definitionInput, sessionInput } from '../plan/definitions.ts';
import type { Arguments, PlannedChange, PlannedDefinition } from '../plan/plan.ts';
import type { Web } from './watching/web.ts';

/** What a request needs to know. */
export interface Call {
  readonly verb: Verb;
  readonly args: Arguments;
  /** The definition that an update starts from. */
  readonly definition: PlannedDefinition;
  /** The permission request that an answer is about. */
  readonly requestId: string;
  readonly groupId: string;
}

/** Ways to ask: each returns undefined for a verb that it does not have. */
type Way<T> = (target: T, call: Call) => Promise<unknown> | undefined;

const limitOf = (usd: number | 'none' | undefined) => (usd === undefined ? {} : { maxBudgetUsd: usd });
const intoOf = ({ into }: Arguments) => (into === undefined ? {} : { into });
const waitOf = ({ wait = false }: Arguments) => ({ wait });

export const throughHandle: Way<GroupRunner> = (group, { verb, args, definition, requestId }) => {
  const session = args.session ?? '';
  switch (verb) {
    case 'run':
      return group.run();
    case 'pause':
      return group.pause(waitOf(args));
    case 'resume':
      return group.resume({ ...waitOf(args), ...limitOf(args.usd) });
    case 'stop':
      return group.stop(waitOf(args));
    case 'retry':
      return group.retry({ ...waitOf(args), ...retryOf(args) });
    case 'setMaxBudget':
      return group.setMaxBudget(args.usd ?? 'none');
    case 'pauseSession':
      return group.pauseSession(session);
    case 'resumeSession':
      return group.resumeSession(session);
    case 'send':
      return group.send(session, 'Go left.', { messageId: args.message ?? 'm' });
    case 'answer':
      return group.answer(requestId, args.decision ?? 'allow');
    case 'update':
      return args.change && updateThrough(group, args.change, definition);
    case 'integrate':
      return group.integrate({ ...waitOf(args), ...intoOf(args) });
    case 'dispose':
      return group.dispose();
    default:
      return undefined;
  }
};

type Updates = Pick<GroupRunner, 'update' | 'addSession' | 'removeSession' | 'updateSession'>;

export function updateThrough(
  group: Updates,
  change: PlannedChange,
  definition: PlannedDefinition,
): Promise<unknown> {
  switch (change.kind) {
    case 'add':
      return group.addSession(sessionInput(change.session));
    case 'remove':
      return group.removeSession(change.session);
    case 'change':
      return group.updateSession(change.session, changesOf(change, definition));
    case 'values':
    case 'limit':
      return group.update(definitionInput(changed(definition, change) ?? definition));
  }
}

/** What the change says of the session, as a user writes it. */
function changesOf(
  change: Extract<PlannedChange, { kind: 'change' }>,
  definition: PlannedDefinition,
): Record<string, unknown> {
  const after = changed(definition, change)?.sessions.find(({ id }) => id === change.session);
  const written: Record<string, unknown> = after ? { ...sessionInput(after) } : {};
  const keys = Object.keys(change.to).map(key => (key === 'project' ? 'projectPath' : key));
  return Object.fromEntries(keys.map(key => [key, written[key]]));
}

const retryOf = ({ sessions, fresh }: Arguments) => ({
  ...(sessions === undefined ? {} : { sessions: [...sessions] }),
  ...(fresh === undefined ? {} : { fresh }),
});

export const throughControl: Way<ControlClient> = (client, call) => {
  const { verb, args, definition, requestId } = call;
  const id = args.session ?? '';
  const options = waitOf(args);
  switch (verb) {
    case 'pause':
    case 'stop':
      return client.request(verb, {}, options);
    case 'resume':
      return client.request(
        verb,
        args.usd === undefined || args.usd === 'none' ? {} : (limitOf(args.usd) as never),
        options,
      );
    case 'retry':
      return client.request(verb, retryOf(args), options);
    case 'setMaxBudget':
      return client.request('set_max_budget', { usd: args.usd ?? 'none' });
    case 'pauseSession':
      return client.request('session_pause', { id });
    case 'resumeSession':
      return client.request('session_resume', { id });
    case 'send':
      return client.request('session_send', { id, text: 'Go left.', messageId: args.message ?? 'm' });
    case 'integrate':
      return client.request(verb, intoOf(args), options);
    case 'answer':
      return client.request('answer', { requestId, decision: args.decision ?? 'allow' });
    case 'update':
      return args.change && client.request('redefine', { change: wireChange(args.change, definition) });
    default:
      return undefined;
  }
};

function wireChange(change: PlannedChange, definition: PlannedDefinition) {
  switch (change.kind) {
    case 'add':
      return { kind: 'add', session: { ...sessionInput(change.session) } } as const;
    case 'remove':
      return { kind: 'remove', id: change.session } as const;
    case 'change':
      return { kind: 'change', id: change.session, changes: changesOf(change, definition) } as const;
    case 'values':
    case 'limit': {
      const next = definitionInput(changed(definition, change) ?? definition);
      return { kind: 'update', definition: { ...next } } as const;
    }
  }
}

export const throughWeb: Way<{ readonly web: Web; readonly session: string }> = ({ web, session }, call) => {
  const { verb, args, definition, requestId, groupId } = call;
  const group = `/groups/${groupId}`;
  const wait = args.wait ? '?wait=true' : '';
  switch (verb) {
    case 'run':
    case 'pause':
    case 'stop':
      return web('POST', `${group}/${verb}${wait}`, {});
    case 'resume':
      return web('POST', `${group}/resume${wait}`, limitOf(args.usd));
    case 'retry':
      return web('POST', `${group}/retry${wait}`, retryOf(args));
    case 'setMaxBudget':
      return web('POST', `${group}/budget`, { maxBudgetUsd: args.usd ?? 'none' });
    case 'pauseSession':
      return web('POST', `${group}/sessions/${args.session}/pause`, {});
    case 'resumeSession':
      return web('POST', `${group}/sessions/${args.session}/resume`, {});
    case 'send':
      return web('POST', `${group}/sessions/${args.session}/send`, { text: 'Go left.' });
    case 'integrate':
      return web('POST', `${group}/integrate${wait}`, intoOf(args));
    case 'archive':
      return web('POST', `${group}/archive`, {});
    case 'delete':
      return web('DELETE', group, {});
    case 'answer':
      return web('POST', `${group}/sessions/${session}/answer`, {
        requestId,
        decision: args.decision ?? 'allow',
      });
    case 'update': {
      const next = args.change && changed(definition, args.change);
      return next && web('POST', `${group}/update`, { definition: definitionInput(next) });
    }
    default:
      return undefined;
  }
};
