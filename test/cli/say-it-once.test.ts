// @module-tag processes
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { builtCli, cliEnv } from './built-cli.ts';
import { FakeIo } from './fakes.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

/** What a definition says once, and the command line fills in: the default file, variables, fan-outs. */

let shop: Workshop;
beforeAll(() => void builtCli(), 120_000);
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const write = (name: string, text: string) => writeFile(join(shop.folder, name), text);
const HEAD = 'version: 1\nname: Demo\n';
const ONE = `${HEAD}config: { agent: scripted }\nsessions: [{ id: only, projectPath: a, prompt: x }]\n`;

describe('a command without a file', () => {
  it.each(['session-groups.yaml', 'session-groups.yml', 'session-groups.json'])('takes %s', async name => {
    const json = JSON.stringify({
      version: 1,
      name: 'Demo',
      config: { agent: 'scripted' },
      sessions: [{ id: 'only', projectPath: 'a', prompt: 'x' }],
    });
    await write(name, name.endsWith('json') ? json : ONE);
    const plan = await shop.finished('plan', '--json');
    expect([plan.code, plan.lines[0]?.layers]).toEqual([0, [['only']]]);
    const run = await shop.finished('run', '--json');
    expect([run.code, run.lines.at(-1)?.status]).toEqual([0, 'completed']);
  });

  it('says which file it misses, and how to get one', async () => {
    for (const command of ['plan', 'run']) {
      const { code, err } = await shop.finished(command);
      expect(code).toBe(2);
      expect(err).toContain('there is no session-groups.yaml in');
      expect(err).toContain('session-groups init');
    }
  });
});

describe('a definition from standard input', () => {
  const piped = async (input: string | Uint8Array, ...argv: string[]) => {
    const io = new FakeIo({
      cwd: shop.folder,
      env: cliEnv({ SESSION_GROUPS_DATA_DIR: shop.dataDir }),
      now: Date.now,
    });
    const stdin = Object.assign(Readable.from([input]), { isTTY: false });
    const code = await main(argv, Object.assign(io, { stdin }));
    return { code, out: io.stdout.text, err: io.stderr.text };
  };

  it('is read with -, and its paths are relative to the working folder', async () => {
    const { code, out } = await piped(ONE, 'plan', '-', '--json');
    expect(code).toBe(0);
    expect(out).toContain(JSON.stringify(join(shop.folder, 'a')));
    const run = await piped(ONE, 'run', '-', '--json');
    expect([run.code, JSON.parse(run.out.trimEnd().split('\n').at(-1) ?? '').status]).toEqual([
      0,
      'completed',
    ]);
    const show = await shop.finished('group', 'show', 'demo');
    expect(show.out).not.toContain('definition:');
  });

  it('has its problems by line, and is bounded', async () => {
    const { code, err } = await piped(`${ONE}nope: 1\n`, 'plan', '-');
    expect([code, err]).toEqual([2, expect.stringContaining('<stdin>:5:1 error unknown_key nope')]);
    const long = await piped(Buffer.alloc(5 * 1024 * 1024, '#'), 'plan', '-');
    expect([long.code, long.err]).toEqual([2, expect.stringContaining('standard input has more than 4 MB')]);
    const binary = await piped(new Uint8Array([0xff, 0xfe]), 'plan', '-');
    expect([binary.code, binary.err]).toEqual([2, expect.stringContaining('not UTF-8')]);
  });

  it('comes through a real pipe, too', async () => {
    const { status, stdout } = spawnSync(process.execPath, [builtCli(), 'plan', '-', '--json'], {
      input: ONE,
      cwd: shop.folder,
      env: cliEnv({ SESSION_GROUPS_DATA_DIR: shop.dataDir }),
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain('"layers":[["only"]]');
  });
});

const WITH_VARIABLES = `${HEAD}variables:
  topic: security
  depth: { default: 1, description: how deep }
  owner: { description: who is asked, required: true }
config: { agent: scripted }
sessions:
  - id: audit
    projectPath: a
    prompt: Audit {{ vars.topic }} to {{ vars.depth }} for {{ vars.owner }}
`;

describe('variables', () => {
  it('have values from --var, --var-file and their defaults, in this order, and plan shows them', async () => {
    await write('vars.yaml', 'owner: me\ntopic: speed\ndepth: 3\n');
    await write('group.yaml', WITH_VARIABLES);
    const { code, out } = await shop.finished(
      'plan',
      'group.yaml',
      '--var-file',
      'vars.yaml',
      '--var',
      'topic=size',
      '--render',
    );
    expect(code).toBe(0);
    expect(out).toContain('Variables\n  topic: size\n  depth: 3  how deep\n  owner: me  who is asked\n');
    expect(out).toContain('Audit size to 3 for me');
    const defaults = await shop.finished('plan', 'group.yaml', '--var', 'owner=a=b');
    expect(defaults.out).toContain('topic: security (default)\n  depth: 1 (default)  how deep\n  owner: a=b');
  });

  it('are inserted as they are written, also where YAML reads a number', async () => {
    const texts = '1.10, 007, 2, 0x1f, &n 1e3';
    await write('vars.yaml', `a: 1.10\nb: [${texts}]\n`);
    await write(
      'group.yaml',
      `${HEAD}variables: { a: , b: , c: 1.10, d: { default: 007 }, e: [${texts}] }
config: { agent: scripted, budget: { maxBudgetUsd: 1.50 } }
sessions:
  - id: one
    projectPath: a
    variables: { f: 2.50, g: 3 }
    prompt: '{{ vars.a }} {{ vars.b[1] }} {{ vars.c }} {{ vars.d }} {{ vars.e }} {{ f }} {{ g }}'
`,
    );
    const { out, err } = await shop.finished('plan', 'group.yaml', '--var-file', 'vars.yaml', '--render');
    expect(out, err).toContain('1.10 007 1.10 007 ["1.10","007",2,"0x1f",1000] 2.50 3');
    expect(out).toContain('budget: $1.50');
  });

  it('that are missing or unknown are errors with their place and a way out', async () => {
    await write('group.yaml', WITH_VARIABLES);
    const missing = await shop.finished('run', 'group.yaml');
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('group.yaml:6:3 error missing_variable variables.owner');
    expect(missing.err).toContain('--var owner=…');
    const unknown = await shop.finished('run', 'group.yaml', '--var', 'owner=me', '--var', 'topik=x');
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('did you mean "topic"?')]);
    const noFile = await shop.finished('plan', 'group.yaml', '--var-file', 'none.yaml');
    expect([noFile.code, noFile.err]).toEqual([2, expect.stringContaining('none.yaml does not exist')]);
  });

  it('are kept with the group, and an update can give others', async () => {
    await write('group.yaml', WITH_VARIABLES);
    const { out: id } = await shop.finished(
      'group',
      'create',
      'group.yaml',
      '--var',
      'owner=me',
      '--var',
      'topic=speed',
    );
    const same = await shop.finished('group', 'update', 'demo', 'group.yaml');
    expect([same.code, same.err]).toEqual([0, expect.stringContaining('Nothing changed.')]);
    const other = await shop.finished(
      'group',
      'update',
      'demo',
      'group.yaml',
      '--var',
      'topic=size',
      '--json',
    );
    expect(other.lines[0]).toMatchObject({ changed: ['audit'], settings: ['variables'] });
    const stored = JSON.parse(
      await readFile(join(shop.dataDir, 'groups', id.trim(), 'revisions/1/definition.json'), 'utf8'),
    );
    expect(stored.variables).toMatchObject({
      owner: { value: 'me' },
      topic: { value: 'size', default: 'security' },
    });
  });
});

/** Sessions for four packages, of which two fail while there is a file `broken` in them. */
const FAN_OUT = `${HEAD}config: { retry: { maximumAttempts: 1 }, concurrency: { errorThreshold: 9 } }
sessions:
  - id: audit
    forEach: { glob: "packages/*" }
    projectPath: "{{ each }}"
    prompt: audit {{ each }}
    agent: { kind: command, command: [sh, -c, 'test ! -e broken && echo "fine: $NAME"'] }
    env: { NAME: "{{ each }}" }
    allowFailure: true
  - id: report
    projectPath: a
    prompt: "{{ sessions['audit[*]'].result }}"
    agent: { kind: command, command: [cat] }
    dependsOn: [{ session: audit, when: settled }]
`;

async function packages(broken: readonly string[]) {
  for (const name of ['api', 'core', 'docs', 'web']) {
    await mkdir(join(shop.folder, 'packages', name), { recursive: true });
    if (broken.includes(name)) await write(`packages/${name}/broken`, '');
  }
}

describe('a fan-out', () => {
  it('is planned as one, and its outcome is told as "2 of 4"', async () => {
    await packages(['core', 'web']);
    await write('session-groups.yaml', FAN_OUT);
    const plan = await shop.finished('plan');
    expect(plan.out).toContain('  1. audit (4)\n  2. report\n');
    expect(plan.out).toContain('after: audit (4) has settled');
    const run = await shop.finished('run', '--plain');
    expect(run.code).toBe(0);
    expect(run.out).toContain('  audit: 2 of 4 done, 2 failed\n');
    const show = await shop.finished('group', 'show', 'demo');
    expect(show.out).toContain('  audit: 2 of 4 done, 2 failed\n');
    const failed = await shop.finished('session', 'list', 'demo', '--status', 'failed');
    expect(failed.out.split('\n').slice(1, 4)).toEqual([
      'audit: 2 of 4 done, 2 failed',
      expect.stringContaining('audit.packages-core'),
      expect.stringContaining('audit.packages-web'),
    ]);
    const report = await shop.finished('session', 'show', 'demo', 'report');
    expect(report.out).toContain('2 of 4 sessions completed.');
    expect(report.out).toContain('## audit.packages-api (packages/api): completed\n\nfine: packages/api');
    expect(report.out).toContain('## audit.packages-core (packages/core): failed');
    const { lines } = await shop.finished('group', 'show', 'demo', '--json');
    expect(JSON.stringify(lines)).toContain('"forEach":{"of":"audit","value":"packages/api"}');
  });

  it('is retried by its name: those that failed run again, and the others stay', async () => {
    await packages(['core', 'web']);
    await write('session-groups.yaml', FAN_OUT.replace('    allowFailure: true\n', ''));
    const run = await shop.finished('run', '--json');
    expect([run.code, run.lines.at(-1)?.status]).toEqual([1, 'failed']);
    const dry = await shop.finished('group', 'retry', 'demo', '--session', 'audit', '--dry-run');
    expect(dry.out).toBe('audit.packages-core\naudit.packages-web\n');
    for (const name of ['core', 'web']) await rm(join(shop.folder, 'packages', name, 'broken'));
    const retry = await shop.finished('group', 'retry', 'demo', '--session', 'audit', '--json');
    expect(retry.code).toBe(0);
    expect(retry.lines.at(-1)).toMatchObject({
      status: 'completed',
      sessions: {
        'audit.packages-api': { status: 'completed', attempts: 1 },
        'audit.packages-core': { status: 'completed', attempts: 2 },
      },
    });
  });

  it('is no session, where one is wanted', async () => {
    await packages([]);
    await write('session-groups.yaml', FAN_OUT);
    await shop.finished('group', 'create');
    const { code, err } = await shop.finished('session', 'logs', 'demo', 'audit');
    expect(code).toBe(2);
    expect(err).toContain('audit names 4 sessions');
    expect(err).toContain('Choose one of: audit.packages-api, ');
    const misspelled = await shop.finished('group', 'retry', 'demo', '--session', 'audti', '--dry-run');
    expect([misspelled.code, misspelled.err]).toEqual([2, expect.stringContaining('Did you mean audit?')]);
  });

  it('keeps the sessions of values that stay when the group is updated', async () => {
    await packages([]);
    await write('session-groups.yaml', FAN_OUT);
    await shop.finished('group', 'create');
    await mkdir(join(shop.folder, 'packages/api2'));
    const added = await shop.finished('group', 'update', 'demo', 'session-groups.yaml', '--json');
    expect(added.lines[0]).toMatchObject({
      added: ['audit.packages-api2'],
      removed: [],
      changed: ['report'],
    });
  });

  it('is paused and resumed as a whole by its name', async () => {
    await packages([]);
    const hanging = FAN_OUT.replace(
      /agent: \{ kind: command, command: \[sh.*/,
      'agent: { kind: scripted, steps: [{ text: hi }, { hang: true }] }',
    );
    await write(
      'session-groups.yaml',
      hanging.replace('errorThreshold: 9', 'errorThreshold: 9, maxConcurrent: 4, maxPerProject: 4'),
    );
    const run = shop.start('run', '--plain');
    for (const name of ['api', 'core', 'docs', 'web']) await run.says(`audit.packages-${name}: started`);
    const pause = await shop.finished('session', 'pause', 'demo', 'audit');
    expect(pause).toMatchObject({ code: 0, err: '' });
    expect(pause.out.split('\n').filter(line => line.endsWith(': paused'))).toHaveLength(4);
    expect(await run.ended).toBe(3);
    expect((await shop.finished('session', 'resume', 'demo', 'audit')).code).toBe(0);
  });
});
