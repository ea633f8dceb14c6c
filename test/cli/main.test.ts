import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { CliServices } from '../../src/cli/services.ts';
import { AgentUnavailableError, RefusedError, SessionGroupsError } from '../../src/sdk/errors.ts';
import { DefinitionError } from '../../src/sdk/group/document/diagnostics.ts';
import { FakeGroup, FakeIo, FakeStream, fakeServices } from './fakes.ts';

const services = () => fakeServices(new FakeGroup());

async function cli(argv: string[], given: CliServices = services(), io = new FakeIo()) {
  const code = await main(argv, io, given);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

describe('the command line', () => {
  it('without a command prints the help on stderr and exits 2', async () => {
    const { code, out, err } = await cli([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: session-groups');
  });

  it.each(['group', 'session'])('without a verb prints the help of %s on stderr and exits 2', async noun => {
    const { code, out, err } = await cli([noun]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`Usage: session-groups ${noun}`);
    expect(err).not.toContain('error:');
  });

  it.each([
    [['--help'], 'session-groups plan session-groups.yaml'],
    [['run', '--help'], '--max-budget-usd'],
    [['plan', '--help'], '--mermaid'],
    [['init', '--help'], '--force'],
    [['doctor', '--help'], '--json'],
    [['group', '--help'], 'resume'],
    [['group', 'resume', '--help'], '--max-budget-usd'],
    [['session', '--help'], 'approve'],
  ])('%j prints help with examples on stdout and exits 0', async (argv, text) => {
    const { code, out, err } = await cli(argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(text);
  });

  it.each([
    [['help', 'group', 'resume'], 'Usage: session-groups group resume [options] [group]'],
    [['help', 'ls'], 'Usage: session-groups group list'],
    [['help', 'session', 'show'], 'Usage: session-groups session show [options] [group] <session>'],
    [['help'], 'Usage: session-groups'],
    [['ls', '--help'], 'Usage: session-groups group list'],
    [['status', '--help'], 'Usage: session-groups group show'],
    [['logs', '--help'], 'Usage: session-groups session logs'],
  ])('%j prints that help on stdout', async (argv, text) => {
    const { code, out, err } = await cli(argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(text);
  });

  it('answers a verb without its noun with the commands that have it', async () => {
    const { code, err } = await cli(['resume', 'x']);
    expect({ code, err }).toEqual({
      code: 2,
      err: "error: unknown command 'resume'\nhint: Did you mean session-groups group resume, or session-groups session resume?\n",
    });
    expect((await cli(['help', 'nothing'])).err).toBe("error: unknown command 'nothing'\n");
  });

  it('mentions only commands in its help that work', async () => {
    const { out } = await cli(['--help']);
    const commands = [...out.matchAll(/^ {2}(\w+) .*$/gm)].map(match => match[1]);
    for (const name of ['run', 'group', 'session', 'plan', 'init', 'doctor'])
      expect(commands).toContain(name);
  });

  it('prints the version of the package', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    for (const flag of ['--version', '-V', '-v'])
      expect(await cli([flag])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
  });

  it.each([
    [['run', 'x.yaml', '--jsn'], "unknown option '--jsn'", 'Did you mean --json?'],
    [['plan', 'x.yaml', '--mermiad'], "unknown option '--mermiad'", 'Did you mean --mermaid?'],
    [['plna'], "unknown command 'plna'", 'Did you mean plan?'],
    [['group', 'rsume'], "unknown command 'rsume'", 'Did you mean resume?'],
    [['group', 'watch', 'x', '--from-seq', '-1'], 'Expected a whole number', ''],
    [['run'], 'there is no session-groups.yaml in', 'session-groups init'],
    [['session', 'show'], "missing required argument 'session'", ''],
    [['session', 'show', 'a', 'b', 'c'], 'too many arguments', ''],
    [['group', 'update'], "missing required argument 'file'", ''],
    [['group', 'delete', '--force'], "missing required argument 'group'", ''],
    [['completion', 'bsh'], 'there is no shell "bsh"', 'Did you mean "bash"?'],
    [['plan', 'x.yaml', 'y.yaml'], 'too many arguments', ''],
    [['run', 'x.yaml', '--max-budget-usd', '0'], 'Expected an amount in USD above 0, or none.', ''],
    [['run', 'x.yaml', '--max-budget-usd', 'much'], 'Expected an amount in USD above 0, or none.', ''],
    [['run', 'x.yaml', '--max-concurrent', '1.5'], 'Expected a whole number from 1 to 1000.', ''],
    [['plan', 'x.yaml', '--json', '--mermaid'], '', ''],
  ])('refuses %j with exit 2', async (argv, message, suggestion) => {
    const { code, out, err } = await cli(argv);
    expect(code).toBe(2);
    expect(out + err).toContain(message);
    expect(out + err).toContain(suggestion);
    expect(err).not.toContain('    at ');
  });

  it('gives a usage error as one JSON line on stdout when asked for JSON', async () => {
    const { code, out, err } = await cli(['group', 'archive', '--json']);
    expect({ code, err }).toEqual({ code: 2, err: '' });
    expect(JSON.parse(out)).toEqual({
      type: 'error',
      code: 'usage',
      message: "missing required argument 'group'",
    });
  });
});

describe('errors', () => {
  const diagnostic = {
    severity: 'error',
    code: 'unknown_key',
    message: 'unknown key "promt"',
    path: ['sessions', 0, 'promt'],
    file: 'x.yaml',
    line: 4,
    column: 5,
    frame: '> 4 |     promt: x',
    suggestion: 'did you mean "prompt"?',
  } as const;
  const failing = (error: unknown) =>
    fakeServices(new FakeGroup(), { loadDefinition: () => Promise.reject(error) });

  it.each([
    [new DefinitionError('The definition is not valid.', [diagnostic]), 2, 'invalid_definition'],
    [
      new AgentUnavailableError('agent_not_found', 'there is no claude', { hint: 'Install it.' }),
      4,
      'agent_not_found',
    ],
    [new RefusedError('archived', 'It is archived.'), 5, 'archived'],
    [new SessionGroupsError('journal_damaged', 'Line 4 cannot be read.'), 1, 'journal_damaged'],
    [new TypeError('x is not a function'), 1, 'internal'],
  ])('%s exits %i in words and as JSON', async (error, exit, code) => {
    const words = await cli(['run', 'x.yaml'], failing(error));
    expect(words.code).toBe(exit);
    expect(words.out).toBe('');
    expect(words.err).toContain(error instanceof DefinitionError ? diagnostic.message : `${error.message}\n`);
    expect(words.err).not.toContain('    at ');

    const json = await cli(['run', 'x.yaml', '--json'], failing(error));
    expect(json).toMatchObject({ code: exit, err: '' });
    expect(json.out.split('\n')).toHaveLength(2);
    expect(JSON.parse(json.out)).toMatchObject({ type: 'error', code });
  });

  it('shows every problem of a definition with its line and a suggestion', async () => {
    const error = new DefinitionError('The definition is not valid.', [diagnostic]);
    const { err } = await cli(['plan', 'x.yaml'], failing(error));
    expect(err).toContain('x.yaml:4:5');
    expect(err).toContain('> 4 |     promt: x');
    expect(err).toContain('did you mean "prompt"?');
    const { out } = await cli(['plan', 'x.yaml', '--json'], failing(error));
    expect(JSON.parse(out).diagnostics).toEqual([diagnostic]);
  });

  it('prints the hint, and the stack with its causes only with --debug', async () => {
    const error = new AgentUnavailableError('agent_not_found', 'there is no claude', {
      hint: 'Install it.',
      cause: new Error('ENOENT of claude'),
    });
    const { err } = await cli(['run', 'x.yaml'], failing(error));
    expect(err).toBe('error: there is no claude\nhint: Install it.\n');
    const debug = await cli(['run', 'x.yaml', '--debug'], failing(error));
    expect(debug.err).toMatch(/ {4}at /);
    expect(debug.err).toContain('caused by: Error: ENOENT of claude');
  });

  it('sanitizes text from a file in an error', async () => {
    const error = new SessionGroupsError('invalid_path', 'bad \u001b[2Jname\u202e');
    expect((await cli(['run', 'x.yaml'], failing(error))).err).toBe('error: bad name\n');
  });
});

describe('a reader that closes the stream', () => {
  it('ends a command quietly', async () => {
    const stdout = new FakeStream();
    stdout._write = (_chunk, _encoding, done: (error?: Error) => void) =>
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    const io = new FakeIo({ stdout });
    expect(await cli(['plan', 'x.yaml'], services(), io)).toEqual({ code: 0, out: '', err: '' });
  });
});

describe('init', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'session-groups-init-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const init = (...argv: string[]) => cli(['init', ...argv], services(), new FakeIo({ cwd: folder }));

  it('writes a definition and says what to do next', async () => {
    expect(await init()).toEqual({
      code: 0,
      out: 'Wrote session-groups.yaml\n',
      err: 'Next: session-groups plan session-groups.yaml\n',
    });
    expect(await readFile(join(folder, 'session-groups.yaml'), 'utf8')).toContain('sessions:');
  });

  it('names the schema of the package beside it, else its published address: no path of this machine', async () => {
    const first = async () => (await readFile(join(folder, 'session-groups.yaml'), 'utf8')).split('\n')[0];
    await init();
    expect(await first()).toBe(
      '# yaml-language-server: $schema=https://unpkg.com/session-groups/schema.json',
    );
    await mkdir(join(folder, 'node_modules', 'session-groups'), { recursive: true });
    await writeFile(join(folder, 'node_modules', 'session-groups', 'schema.json'), '{}');
    await init('--force');
    expect(await first()).toBe('# yaml-language-server: $schema=./node_modules/session-groups/schema.json');
  });

  it('overwrites a file only with --force', async () => {
    await init('mine.yaml');
    const again = await init('mine.yaml');
    expect(again.code).toBe(2);
    expect(again.err).toBe('error: mine.yaml already exists\nhint: Overwrite it with --force.\n');
    expect((await init('mine.yaml', '--force')).code).toBe(0);
  });

  it('refuses a .json name, because it writes comments', async () => {
    const refused = await init('mine.JSON');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('hint: Name it mine.yaml.\n');
    expect(existsSync(join(folder, 'mine.JSON'))).toBe(false);
  });

  it.each(['.', 'no/such/folder.yaml'])('refuses %s as a place', async place => {
    expect((await init(place)).code).toBe(2);
  });
});
