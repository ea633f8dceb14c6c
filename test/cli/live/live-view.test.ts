import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CTRL_C, CTRL_Z } from '../../../src/cli/live/keys.ts';
import { sayStarting } from '../../../src/cli/live/starting.ts';
import { main } from '../../../src/cli/main.ts';
import { RefusedError } from '../../../src/sdk/errors.ts';
import {
  FakeGroup,
  FakeIo,
  FakeKeyboard,
  FakeStream,
  fakeServices,
  groupProgress,
  groupResult,
  sessionProgress,
} from '../fakes.ts';

const DOWN = '\u001b[B';
const TERMINAL = { columns: 80, rows: 24 };
const why = { kind: 'approval', requestId: 'r-1', tool: 'Bash' } as const;
const asking = groupProgress([
  sessionProgress('web', { status: 'awaiting_approval', attempts: 1, why }),
  sessionProgress('lib', { status: 'running', attempts: 1 }),
]);

/** A run with a keyboard, whose keys count. */
async function typing(isInForeground = true, now = Date.now) {
  const stdin = new FakeKeyboard();
  const io = new FakeIo({ terminal: TERMINAL, stdin, now });
  io.isInForeground = isInForeground;
  const group = new FakeGroup(asking);
  const code = main(['run', 'group.yaml'], io, fakeServices(group));
  await vi.waitFor(() => expect(group.calls).toContain('run'), 20_000);
  await turns();
  const shown = () => stripVTControlCharacters(io.stderr.text);
  const ended = async (...keys: string[]) => {
    stdin.type(...keys);
    group.end(groupResult());
    return code;
  };
  return { io, stdin, group, code, shown, ended };
}

/** What the terminal is asked: to mark what is pasted (`h`), and no longer to do so (`l`). */
const marking = (io: FakeIo) =>
  io.stderr.text
    .split('\u001b[?2004')
    .slice(1)
    .map(rest => rest[0]);

async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise(resolve => setImmediate(resolve));
}

describe('keys in a run', () => {
  it('answer, pause a session, and step through Ctrl-C', async () => {
    const { group, stdin, shown, code } = await typing();
    stdin.type('a', DOWN, DOWN, 's');
    expect(shown()).not.toContain('Ctrl-C stops');
    stdin.type(CTRL_C);
    expect(shown()).toMatch(/Ctrl-C stops the group\s*$/);
    stdin.type(CTRL_C);
    expect(shown()).toMatch(/Ctrl-C ends it all\s*$/);
    expect(group.calls).toEqual(['run', 'allow r-1 by cli', 'pause lib', 'pause', 'stop']);
    await vi.waitFor(() => expect(shown()).toContain('Approved: Bash in web'));
    stdin.type(CTRL_C);
    expect(await code).toBe(130);
    expect(stdin).toMatchObject({ isRaw: false });
    expect(stdin.listenerCount('data')).toBe(0);
  });

  it('do not come from a paste, which the terminal is asked to mark', async () => {
    const { io, group, stdin, ended } = await typing();
    expect(marking(io)).toEqual(['h']);
    stdin.type('\u001b[200~rm the cach', 'e and re-run m', 'a', 'aaa', '\u001b[201~');
    expect(group.calls).toEqual(['run']);
    stdin.type('a');
    expect(group.calls).toEqual(['run', 'allow r-1 by cli']);
    await ended();
    expect(marking(io)).toEqual(['h', 'l']);
  });

  it('p pauses the group, and never stops it', async () => {
    const { group, ended } = await typing();
    await ended('p', 'p', 'p');
    expect(group.calls).toEqual(['run', 'pause', 'dispose']);
  });

  it('say what was refused', async () => {
    const { group, stdin, shown, ended } = await typing();
    group.answer = () =>
      Promise.reject(new RefusedError('no_such_request', 'it was answered \u001b[2Jbefore'));
    stdin.type('d');
    await vi.waitFor(() => expect(shown()).toContain('Refused: it was answered before'));
    await ended();
  });

  it('show a transcript that goes on, from the beginning', async () => {
    const { group, stdin, shown, ended } = await typing();
    const event = (seq: number, text: string, sessionId = 'web') =>
      ({
        seq,
        time: '2026-01-02T03:04:05.000Z',
        groupId: group.id,
        type: 'session_message',
        role: 'assistant',
        sessionId,
        text,
      }) as const;
    group.history = async function* () {
      yield event(0, 'Hello.');
      yield event(1, 'Something else.', 'lib');
    };
    stdin.type(DOWN, '\r');
    await vi.waitFor(() => expect(shown()).toContain('assistant: Hello.'));
    group.events$.next(event(2, 'And \u001b[31mmore.'));
    await vi.waitFor(() => expect(shown()).toContain('assistant: And more.'));
    expect(shown()).not.toContain('assistant: Something else.');
    await ended('\u001b');
  });

  it('after the end, none has a meaning but Ctrl-C, and none reaches the shell until the process has released all', async () => {
    const { group, stdin, code } = await typing();
    let release = () => {};
    group.dispose = () => new Promise(resolve => (release = () => resolve()));
    group.end(groupResult());
    await turns();
    stdin.type('a', 'p');
    expect([stdin.isRaw, group.calls]).toEqual([true, ['run']]);
    release();
    expect(await code).toBe(0);
    expect(stdin.isRaw).toBe(false);
  });

  it('typed before the view was there have no meaning', async () => {
    const stdin = new FakeKeyboard();
    const { on } = stdin;
    // As a terminal does that has them already: they come in the next turn.
    stdin.on = (...args) => {
      setImmediate(() => stdin.type('a'));
      return on.apply(stdin, args);
    };
    const group = new FakeGroup(asking);
    const code = main(['run', 'group.yaml'], new FakeIo({ terminal: TERMINAL, stdin }), fakeServices(group));
    await vi.waitFor(() => expect(group.calls).toContain('run'), 20_000);
    await turns();
    group.end(groupResult());
    await code;
    expect(group.calls).toEqual(['run', 'dispose']);
  });
});

describe('a job of a shell', () => {
  it('Ctrl-Z gives the terminal back, and takes it again once the job is continued', async () => {
    const { io, stdin, ended } = await typing();
    let meanwhile: unknown;
    let length = 0;
    io.whileSuspended = () => {
      io.raise('SIGCONT');
      meanwhile = stdin.isRaw;
      length = io.stderr.text.length;
    };
    stdin.type(CTRL_Z);
    await turns();
    await turns();
    expect([io.suspensions, meanwhile, stdin.isRaw]).toEqual([1, false, true]);
    expect(io.stderr.text.slice(length).split('Demo group')).toHaveLength(2);
    expect(marking(io)).toEqual(['h', 'l', 'h']);
    await turns();
    expect(await ended()).toBe(0);
    expect(io.listening).toBe(0);
  });

  it('code that ends the process gives the terminal back', async () => {
    const { io, stdin, ended } = await typing();
    io.exit();
    expect([stdin.isRaw, marking(io)]).toEqual([false, ['h', 'l']]);
    await ended();
  });

  it('in the background, it draws nothing, and does not touch the terminal', async () => {
    const { io, stdin, ended } = await typing(false);
    expect([stdin.isRaw, io.stderr.text]).toEqual([false, expect.not.stringContaining('Demo group')]);
    io.isInForeground = true;
    io.raise('SIGCONT');
    expect(stdin.isRaw).toBe(true);
    await turns();
    expect(io.stderr.text).toContain('Demo group');
    await ended();
  });

  it('stopped and continued by others, it does not draw over the shell, even before it hears of that', async () => {
    let now = 1_000_000;
    const { io, stdin, group, ended } = await typing(true, () => now);
    io.isInForeground = false;
    now += 60_000;
    const { length } = io.stderr.text;
    group.progress$.next(asking);
    expect(io.stderr.text.length).toBe(length);
    io.raise('SIGCONT');
    await turns();
    expect(io.stderr.text.length).toBe(length);
    io.isInForeground = true;
    io.raise('SIGCONT');
    await turns();
    expect(io.stderr.text.slice(length)).toContain('Demo group');
    expect(stdin.isRaw).toBe(true);
    await ended();
  });

  it.each([['--plain'], ['--json']])('is suspended as a whole with %s', async option => {
    const io = new FakeIo({ terminal: TERMINAL, stdin: new FakeKeyboard() });
    const group = new FakeGroup(asking);
    const code = main(['run', 'group.yaml', option], io, fakeServices(group));
    await vi.waitFor(() => expect(group.calls).toContain('run'), 20_000);
    io.raise('SIGTSTP');
    await turns();
    expect(io.suspensions).toBe(1);
    group.end(groupResult());
    await code;
  });
});

describe('while it is loaded', () => {
  const erase = '\r\u001b[K';

  it('a terminal says so, until anything else is written', () => {
    const io = new FakeIo({ terminal: TERMINAL });
    sayStarting(io);
    expect(io.stderr.text).toBe('Starting …');
    io.stdout.write('done\n');
    io.stderr.write('more\n');
    expect([io.stderr.text, io.stdout.text]).toEqual([`Starting …${erase}more\n`, 'done\n']);
  });

  it('before a run, and not where output cannot be redrawn', async () => {
    const io = new FakeIo({ terminal: TERMINAL });
    const services = fakeServices(new FakeGroup(), {
      createGroup: () => Promise.reject(new RefusedError('not_in_this_state', 'no')),
    });
    await main(['run', 'group.yaml'], io, services);
    expect(io.stderr.text).toMatch(/^Starting …\r/);
    const quiet = { stdout: new FakeStream(), stderr: new FakeStream(), env: {} };
    sayStarting(new FakeIo({ ...quiet }));
    expect(quiet.stderr.text).toBe('');
  });
});

it('rows have what was said before, also in the process before', async () => {
  const group = new FakeGroup(
    groupProgress([
      sessionProgress('web', { status: 'completed', attempts: 1 }),
      sessionProgress('lib', { status: 'running', attempts: 2 }),
    ]),
  );
  const head = { groupId: group.id, time: '2026-01-02T03:04:05.000Z' };
  group.history = async function* () {
    yield { ...head, seq: 0, type: 'session_message', sessionId: 'lib', role: 'assistant', text: 'Half way' };
    yield {
      ...head,
      seq: 1,
      type: 'session_completed',
      sessionId: 'web',
      result: 'The page\nis there',
    } as never;
  };
  const io = new FakeIo({ terminal: TERMINAL });
  const code = main(['run', 'group.yaml'], io, fakeServices(group));
  const shown = () => stripVTControlCharacters(io.stderr.text);
  await vi.waitFor(() => expect(shown()).toMatch(/completed +web +The page is there/), 20_000);
  expect(shown()).toMatch(/running +lib +Half way/);
  group.end(groupResult());
  await code;
});

describe('a group of another process', () => {
  it('is asked every second how it stands, and is drawn as suspended while its process is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { io, group, shown, ended } = await typing();
    const refresh = vi.fn();
    const elsewhere = { refresh, suspended: () => ({ pid: 7, since: undefined }) };
    Object.assign(group, elsewhere);
    const before = shown().length;
    vi.advanceTimersByTime(2_000);
    expect(refresh).toHaveBeenCalledTimes(2);
    const drawn = stripVTControlCharacters(io.stderr.text).slice(before);
    expect(drawn).toContain('! Demo group  suspended');
    expect(drawn).toMatch(/! {2}suspended {5}web /);
    expect(drawn).toContain('2 sessions: 2 suspended\n');
    expect(drawn).toMatch(/Suspended: it goes on with `fg` in its terminal, or with: kill\s+-CONT 7\n/);
    expect(drawn).not.toMatch(/running|Ctrl-C/);
    await ended();
  });
});
