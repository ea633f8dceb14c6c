import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { group as registerGroup } from '../../src/cli/program/group.ts';
import { session as registerSession } from '../../src/cli/program/session.ts';
import type { SavedGroupView } from '../../src/control/read-saved.ts';
import { readForVerb } from '../../src/control/refusals.ts';
import { serveGroup } from '../../src/control/serve-group.ts';
import { groupHandlers, isWireVerb, type ParamsOf } from '../../src/control/verbs.ts';
import { connectControl } from '../../src/control/wire/client.ts';
import { chartAnswers } from '../../src/inspect/chart-answers.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { ApiWorld } from '../../src/serve/api/world.ts';
import { app } from '../../src/serve/http/app.ts';
import { DEFAULT_LIMITS } from '../../src/serve/http/limits.ts';
import type { StreamWorld } from '../../src/serve/live/event-stream.ts';
import type { GroupModel } from '../../src/serve/page/model/group-model.ts';
import { GROUP_VERBS, refusal } from '../../src/serve/page/model/verbs.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { CHART_ANSWERS } from '../../src/words/chart-answers.ts';
import { type ChangingVerb, VERB_NAMES, VERBS, type VerbRow, type WireVerb } from '../../src/words/verbs.ts';
import { FakeGroup, FakeIo, fakeServices } from '../cli/fakes.ts';
import { REQUESTS, STATES } from '../machines/group-table.ts';

/** Checks the table of verbs against each interface that uses it. */

const rows = VERB_NAMES.map((verb): readonly [typeof verb, VerbRow] => [verb, VERBS[verb]]);
const wire = VERB_NAMES.filter(isWireVerb);
const changing = VERB_NAMES.filter((verb): verb is ChangingVerb => VERBS[verb].changes);

describe('what the chart accepts', () => {
  test('matches src/words (npm run verbs)', () => {
    expect(CHART_ANSWERS).toEqual(chartAnswers());
  });

  test.each(REQUESTS)('matches what it accepts: $event.type', ({ event, in: seen }) => {
    for (const state of STATES) {
      const answers: Partial<Record<string, string>> =
        CHART_ANSWERS[
          state === 'interrupted.running' || state === 'interrupted.stopping' ? 'interrupted' : state
        ];
      const said = answers[event.type] ?? 'not_in_this_state';
      const [, answer = 'not_in_this_state'] = seen[state] ?? [];
      const accepting = ['accepts', 'depends', 'already'];
      if (state === 'interrupted.running') accepting.push('unless_stopping');
      const refusing: Record<string, readonly string[]> = {
        interrupted: ['not_in_this_state'],
        stop_unfinished: ['not_in_this_state', 'unless_stopping'],
      };
      const asked = state.startsWith('interrupted') ? ['depends', 'unless_stopping'] : ['depends'];
      const fits = answer === 'accept' ? accepting : [...asked, ...(refusing[answer] ?? [answer])];
      expect(fits, `${event.type} in ${state}`).toContain(said);
    }
  });
});

describe('every verb', () => {
  test('has a route that the documentation has', () => {
    const world = {} as ApiWorld & StreamWorld; // never used
    const { routes } = app({
      world,
      token: 'token',
      limits: DEFAULT_LIMITS,
      pageFolder: fileURLToPath(new URL('.', import.meta.url)),
    });
    const known = routes.map(({ method, path }) => `${method} ${path}`);
    const file = fileURLToPath(new URL('../../design-docs/http-api.md', import.meta.url));
    const text = readFileSync(file, 'utf8');
    for (const [, { route }] of rows) {
      const [method = '', path = ''] = route.split(' ');
      expect(known).toContain(`${method} /api/v1${path}`);
      const asked = `$API${path.replace(':id', '$ID').replace(':sid', 'lib')}`;
      expect(text).toContain(method === 'DELETE' ? `-X DELETE ${asked}` : asked);
    }
  });

  test('has a command with the help text of the table, or a reason for none', () => {
    const program = new Command();
    const context = { io: new FakeIo(), services: fakeServices(new FakeGroup()), exitCode: 0 };
    for (const register of [registerGroup, registerSession]) register(program, context);
    const known = program.commands.flatMap(of =>
      of.commands.map(command => [`${of.name()} ${command.name()}`, command.description()] as const),
    );
    for (const [verb, { commands }] of rows) {
      if ('none' in commands) expect(commands.none, verb).not.toBe('');
      else expect(Object.fromEntries(known)).toMatchObject(commands);
    }
    expect(new Set(known.map(([name]) => name)).size).toBe(known.length);
  });

  test('has a button, or a reason for none', () => {
    const at = (place: string) =>
      rows.flatMap(([verb, { button }]) => ('place' in button && button.place === place ? [verb] : []));
    expect(GROUP_VERBS).toEqual(at('group'));
    // session/hold-button.ts and session/send-form.ts draw these
    expect(at('session')).toEqual(['session_pause', 'session_resume', 'session_send']);
    for (const [verb, { button }] of rows) expect(Object.values(button)[0], verb).not.toBe('');
  });

  test('is marked as a change unless it only reads', () => {
    for (const [verb, { changes, route }] of rows) expect(!route.startsWith('GET '), verb).toBe(changes);
  });
});

const TAKEN = {
  created: ['run', 'set_max_budget', 'session_pause', 'session_resume', 'session_send'],
  paused: [
    'resume',
    'stop',
    'retry',
    'integrate',
    'set_max_budget',
    'session_pause',
    'session_resume',
    'session_send',
  ],
  stopped: ['retry', 'integrate', 'set_max_budget', 'session_send'],
  completed: ['retry', 'integrate', 'session_send'], // the group itself refuses it
  failed: ['retry', 'integrate', 'set_max_budget', 'session_send'],
  interrupted: ['pause', 'resume', 'stop', 'retry', 'session_pause', 'session_resume', 'session_send'],
} as const;

describe('a group without an owner', () => {
  test.each(Object.entries(TAKEN))(
    'that is %s is taken over for %j, and for nothing else',
    async (status, taken) => {
      const asked = changing.filter(verb => !['archive', 'delete', 'redefine'].includes(verb));
      expect(await fitting(asked, status, 'running')).toEqual(
        asked.filter(verb => new Set<string>(taken).has(verb)),
      );
    },
  );

  test('is stopped if its owner died while it was stopping', async () => {
    expect(await fitting(changing, 'interrupted', 'stopping')).toEqual(['resume', 'stop']);
  });

  async function fitting(verbs: readonly ChangingVerb[], status: string, before: string) {
    const isDead = status === 'interrupted';
    const result = { groupId: 'group', status: isDead ? before : status };
    const view = { result, interrupted: isDead } as SavedGroupView['view'];
    const stored = {} as SavedGroupView['stored']; // only passed on
    const taken: ChangingVerb[] = [];
    for (const verb of verbs) {
      const looked = readForVerb(verb, stored, { viewGroup: () => view });
      const refused = await looked.then(
        () => undefined,
        (error: Error) => error,
      );
      if (refused === undefined) taken.push(verb);
      else
        expect(refused).toMatchObject({
          code: 'not_in_this_state',
          message: `group cannot ${VERBS[verb].cannot}: it is ${status}`,
        });
    }
    return taken;
  }
});

test.each([
  ['created', ['run', 'set_max_budget', 'archive']],
  ['running', ['pause', 'stop', 'set_max_budget']],
  ['pausing', ['stop', 'set_max_budget']],
  ['paused', ['resume', 'stop', 'retry', 'set_max_budget']],
  ['stopping', ['set_max_budget']],
  ['stopped', ['retry', 'set_max_budget', 'archive']],
  ['completed', ['archive']],
  ['failed', ['retry', 'set_max_budget', 'archive']],
  ['interrupted', ['pause', 'resume', 'stop', 'retry']],
])('the page of a group that is %s offers %j', (status, offered) => {
  const totals = { status, failed: 1, stopped: 0, skipped: 0, totalCostUsd: 0 };
  const model = { totals, archived: false } as unknown as GroupModel;
  expect(GROUP_VERBS.filter(verb => refusal(verb, model) === undefined)).toEqual(offered);
});

describe('the owner of a group', () => {
  const ASKED: { readonly [V in WireVerb]: ParamsOf<V> } = {
    status: {},
    watch: {},
    why: {},
    pause: {},
    resume: {},
    stop: {},
    retry: {},
    integrate: { into: 'main' },
    set_max_budget: { usd: 9 },
    redefine: { change: { kind: 'remove', id: 'b' }, dryRun: true },
    session_pause: { id: 'a' },
    session_resume: { id: 'a' },
    session_send: { id: 'a', text: 'go left', messageId: 'm' },
    answer: { requestId: 'r', decision: 'allow' },
  };

  test('answers each verb, and refuses all changes once it is leaving', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sg-verbs-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const session = (id: string) => ({ id, projectPath: folder, prompt: 'Work' });
    const group = await createSessionGroup(
      { version: 1, name: 'Asked', config: { agent: 'scripted' }, sessions: ['a', 'b'].map(session) },
      { store: createFileStore({ dataDir: folder }) },
    );
    const served = serveGroup(group);
    onTestFinished(() => group.dispose());
    await served.serve();
    const { address = '' } = JSON.parse(readFileSync(join(group.dir ?? '', 'owner.json'), 'utf8'));
    const client = await connectControl(address);
    onTestFinished(() => client.close());
    const code = async (verb: WireVerb): Promise<string> => {
      const asked = client.request(verb, ASKED[verb], { wait: false });
      return asked.then(
        () => 'answered',
        error => error.code,
      );
    };
    const codes = async () => {
      const finite = wire.filter(verb => verb !== 'watch'); // answered once the group has settled
      return Object.fromEntries(
        await Promise.all(finite.map(async verb => [verb, await code(verb)] as const)),
      );
    };
    expect(Object.keys(groupHandlers(group)).sort()).toEqual([...wire].sort());
    const before = await codes();
    expect(before).toMatchObject({ status: 'answered', set_max_budget: 'answered', redefine: 'answered' });
    expect(Object.values(before)).not.toContain('owner_leaving');
    served.leave();
    const after = await codes();
    for (const [verb, answer] of Object.entries(after)) {
      const { changes } = VERBS[verb as WireVerb];
      expect(answer, verb).toBe(changes ? 'owner_leaving' : 'answered');
    }
    expect(new Set(Object.values(after))).toEqual(new Set(['answered', 'owner_leaving']));
  });
});
