import { describe, expect, it } from 'vitest';
import { CTRL_C, CTRL_Z, keysIn } from '../../../src/cli/live/keys.ts';
import { pageOf, renderHelp, renderTranscript } from '../../../src/cli/live/screens.ts';
import { FIRST_STATE, type Intent, KEYS, press, type Seen } from '../../../src/cli/live/view-state.ts';
import { arrangedRows } from '../../../src/cli/live/visible-sessions.ts';
import { groupProgress, sessionProgress } from '../fakes.ts';

const approval = (requestId: string, tool = 'Bash') => ({ kind: 'approval', requestId, tool }) as const;
const sessions = [
  sessionProgress('first', { status: 'running' }),
  sessionProgress('asks', { status: 'awaiting_approval', why: approval('r-1') }),
  sessionProgress('also', { status: 'awaiting_approval', why: approval('r-2') }),
  sessionProgress('audit.a', { forEach: { of: 'audit', value: 'a' } }),
  sessionProgress('audit.b', { forEach: { of: 'audit', value: 'b' } }),
];
const progress = groupProgress(sessions);
const seen = (fields: Partial<Seen> = {}): Seen => {
  const rows = arrangedRows(sessions, 20);
  return { progress, rows, elsewhere: false, page: 3, above: 0, ...fields };
};

/** Keys one after the other; what they want, and the state after them. */
function pressed(keys: readonly string[], fields: Partial<Seen> = {}) {
  let state = FIRST_STATE;
  const intents: Intent[] = [];
  for (const key of keys) {
    const rows = fields.rows ?? arrangedRows((fields.progress ?? progress).sessions, 20, state.unfolded);
    const next = press(state, key, seen({ rows, ...fields }));
    state = next.state;
    if (next.intent) intents.push(next.intent);
  }
  return { state, intents };
}
const answerTo = (sessionId: string, requestId: string, decision: 'allow' | 'deny') =>
  ({ type: 'answer', decision, request: { sessionId, requestId, tool: 'Bash' } }) as const;

describe('keys of the live view', () => {
  it('answer the first request, or the selected session', () => {
    expect(pressed(['a']).intents).toEqual([answerTo('asks', 'r-1', 'allow')]);
    expect(pressed(['down', 'down', 'd']).intents).toEqual([answerTo('also', 'r-2', 'deny')]);
  });

  it('answer nothing that was not asked, and no question, which needs words', () => {
    expect(pressed(['end', 'up', 'a']).intents).toEqual([
      { type: 'note', text: 'first has no open permission request.' },
    ]);
    const none = groupProgress([sessionProgress('a')]);
    expect(pressed(['a'], { progress: none }).intents).toEqual([
      { type: 'note', text: 'No session has an open permission request.' },
    ]);
    const why = approval('q', 'AskUserQuestion');
    const question = groupProgress([sessionProgress('a', { status: 'awaiting_approval', why })]);
    expect(pressed(['a'], { progress: question }).intents).toMatchObject([{ type: 'note' }]);
    expect(pressed(['d'], { progress: question }).intents).toMatchObject([
      { type: 'answer', decision: 'deny' },
    ]);
  });

  it('answer nothing while the group is suspended, and say so with what it asks for', () => {
    const suspended = ['? asks wants to use Bash: ls'];
    const text =
      'The group is suspended, and takes no answer. It asks, once it goes on:\n? asks wants to use Bash: ls';
    const none = groupProgress([sessionProgress('asks')]);
    for (const key of ['a', 'd'])
      expect(pressed([key], { progress: none, suspended }).intents).toEqual([{ type: 'note', text }]);
  });

  it('select rows within the list, and select nothing again', () => {
    const at = (...keys: string[]) => pressed(keys).state.selected;
    expect(at('down')).toBe('asks');
    expect(at('j', 'j', 'k')).toBe('asks');
    expect(at('up')).toBe('audit[*]');
    expect(at('end', 'down')).toBe('audit[*]');
    expect(at('pagedown', 'pagedown')).toBe('audit[*]');
    expect(at('home', 'pageup')).toBe('asks');
    expect(at('down', 'escape')).toBeUndefined();
    expect(pressed(['down'], { progress: groupProgress([]) }).state.selected).toBeUndefined();
  });

  it('Enter shows a transcript and unfolds a fan-out; Esc goes back', () => {
    expect(pressed(['down', 'enter']).state).toMatchObject({ screen: 'transcript', selected: 'asks' });
    expect(pressed(['down', 'enter', 'escape']).state).toMatchObject({ screen: 'group', selected: 'asks' });
    const unfolded = pressed(['end', 'enter', 'down']);
    expect(unfolded.state).toMatchObject({ screen: 'group', selected: 'audit.a' });
    expect([...pressed(['end', 'right', 'right']).state.unfolded]).toEqual(['audit[*]']);
    expect([...pressed(['end', 'space', 'left']).state.unfolded]).toEqual([]);
    expect(pressed(['enter']).state).toEqual(FIRST_STATE);
  });

  it('scroll a transcript no further than it is long', () => {
    const scrolled = (...keys: string[]) => pressed(['down', 'enter', ...keys], { above: 5 }).state.scrolled;
    expect([
      scrolled('up', 'k'),
      scrolled('pageup', 'pageup'),
      scrolled('home'),
      scrolled('up', 'down', 'down'),
    ]).toEqual([2, 5, 5, 0]);
  });

  it('pause a session or the group, or let a session go on', () => {
    expect(pressed(['end', 'up', 's', 'p']).intents).toEqual([
      { type: 'hold', sessionId: 'first' },
      { type: 'pause' },
    ]);
    const held = groupProgress([
      sessionProgress('a', { why: { kind: 'paused', reason: 'held' } }),
      sessionProgress('b', { status: 'paused' }),
    ]);
    expect(pressed(['down', 's', 'down', 's'], { progress: held }).intents).toEqual([
      { type: 'release', sessionId: 'a' },
      { type: 'release', sessionId: 'b' },
    ]);
    expect(pressed(['s']).intents).toMatchObject([{ type: 'note' }]);
  });

  it('q detaches only from what another process runs', () => {
    expect(pressed(['q'], { elsewhere: true }).intents).toEqual([{ type: 'detach' }]);
    expect(pressed(['?', 'q'], { elsewhere: true })).toMatchObject({
      intents: [],
      state: { screen: 'group' },
    });
    expect(pressed(['q']).intents).toMatchObject([{ type: 'note' }]);
  });

  it.each([[], ['?'], ['down', 'enter']])('Ctrl-C and Ctrl-Z mean the same after %j', (...keys) => {
    expect(pressed([...keys, CTRL_C, CTRL_Z]).intents).toEqual([{ type: 'interrupt' }, { type: 'suspend' }]);
  });

  it('have no other meaning', () => {
    for (const key of ['x', 'A', '\t', '\u001b[99~', 'é']) {
      expect(pressed([key])).toEqual({ state: FIRST_STATE, intents: [] });
    }
  });
});

describe('what a terminal sends', () => {
  it.each([
    ['\u001b[A', ['up']],
    ['\u001bOB', ['down']],
    ['\u001b', ['escape']],
    ['\u001b[5~', ['pageup']],
    ['\r', ['enter']],
    ['a', ['a']],
    ['jjj', ['j', 'j', 'j']],
    ['\u001b[B\u001b[B', ['down', 'down']],
  ])('%j is %j', (text, keys) => {
    expect(keysIn(text)).toEqual(keys);
  });

  it('is not typed if it comes at once: of what is pasted, only Ctrl-C and Ctrl-Z count', () => {
    expect(keysIn('add this\r')).toEqual([]);
    expect(keysIn(`abc${CTRL_C}`)).toEqual([CTRL_C]);
  });
});

describe('the other screens', () => {
  const look = { columns: 60, rows: 15, color: false, unicode: true };

  it('the help has all keys on the smallest terminal', () => {
    const help = renderHelp(look);
    for (const [keys, words] of KEYS) expect(help).toContain(`${keys.padEnd(10)}  ${words}`);
    expect(renderHelp({ ...look, unicode: false })).toMatch(/^[ -~\n]*$/);
    expect(renderHelp({ ...look, rows: 5 }).split('\n')).toHaveLength(4);
  });

  it('a transcript shows its end, or what was scrolled to, in lines that fit', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index} ${'x'.repeat(70)}`);
    const session = sessionProgress('asks', { status: 'running' });
    const shown = (scrolled: number, request?: string) =>
      renderTranscript(session, lines, { ...look, scrolled, request }).split('\n');
    expect(shown(0)[0]).toBe('● asks  running');
    expect(shown(0).at(-3)).toBe('x'.repeat(18));
    expect(shown(0).at(-1)).toBe('49 more above; Esc goes back; ? keys');
    expect(shown(4)[1]).toContain('x');
    expect(shown(4).at(-1)).toBe('4 more below; Esc goes back; ? keys');
    expect(shown(0, '? asks wants to use Bash').at(-2)).toBe(
      '? asks wants to use Bash  a approves, d denies',
    );
    for (const all of [shown(0), shown(1_000), shown(0, '? asks')]) {
      expect(all.length).toBeLessThan(look.rows);
      for (const line of all) expect(line.length).toBeLessThanOrEqual(look.columns);
    }
    expect(pageOf([], { columns: 60, scrolled: 3 }, 5)).toEqual({ shown: [], above: 0, below: 0 });
  });
});
