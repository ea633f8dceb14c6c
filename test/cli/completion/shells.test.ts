// @module-tag processes
import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { builtCli } from '../built-cli.ts';
import { openWorkshop, session, type Workshop } from '../workshop.ts';

/*
 * In the shells themselves: what each offers at a place, with groups, sessions and templates that are there. CI installs
 * zsh and fish; without one of them its tests fail.
 */

let shop: Workshop;
let id: string;
let env: NodeJS.ProcessEnv;
const script = (shell: string) => join(shop.folder, `completion.${shell}`);

beforeAll(async () => {
  shop = await openWorkshop();
  for (const name of ['api', 'web']) await mkdir(join(shop.folder, name));
  const file = await shop.group(session('api', '{ result: done }') + session('web', '{ result: done }'));
  const run = await shop.finished('run', file, '--json');
  expect(run.code).toBe(0);
  id = String(run.lines.at(-1)?.groupId);
  await mkdir(join(shop.folder, 'templates'));
  await writeFile(
    join(shop.folder, 'templates', 'checklist.md'),
    '---\nvariables: [{ name: scope }]\n---\nCheck {{ scope }}.\n',
  );
  await writeFile(join(shop.folder, 'varied.yaml'), 'variables: { topic: security, depth: 2 }\n');
  const bin = join(shop.folder, 'bin');
  await mkdir(bin);
  await writeFile(
    join(bin, 'session-groups'),
    `#!/bin/sh\nexec '${process.execPath}' '${builtCli()}' "$@"\n`,
  );
  await chmod(join(bin, 'session-groups'), 0o755);
  for (const shell of ['bash', 'zsh', 'fish'])
    await writeFile(script(shell), (await shop.finished('completion', shell)).out);
  await writeFile(
    join(shop.folder, 'setup.zsh'),
    `autoload -U compinit; compinit -u -D; source '${script('zsh')}'
session-groups() { print -r -- "ran: $* :end" }
print set-up\n`,
  );
  env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    HOME: shop.folder,
    SESSION_GROUPS_DATA_DIR: shop.dataDir,
    ...{ LC_ALL: 'C.UTF-8', TERM: 'xterm' },
  };
}, 180_000);
afterAll(() => shop.close());

const OFFERS: [line: string, offered: string[]][] = [
  ['session-groups group re', ['resume', 'retry']],
  ['session-groups group show de', ['demo']],
  ['session-groups session show demo ', ['api', 'web']],
  ['session-groups logs @latest w', ['web']],
  ['session-groups group list --status=comp', ['completed']],
  ['session-groups group list --status failed,comp', ['completed']],
  ['session-groups session list demo --status interrupte', ['interrupted']],
  ['session-groups template show check', ['checklist']],
  ['session-groups template render checklist --var sc', ['scope=']],
  ['session-groups plan varied.yaml --var to', ['topic=']],
  ['session-groups plan varied.yaml --var=to', ['topic=']],
  ['session-groups plan gro', ['group.yaml']],
  ['session-groups group list --project bi', ['bin']],
];

/** An offer may be the whole word, or only what is left to write of it after a `=`, a `,` or an `@`. */
const fits = (offers: readonly string[], wanted: string) =>
  offers.some(
    offer => wanted.endsWith(offer.replace(/[/ ]$/, '').replace(/^.*[=,](?=.)/, '')) && offer !== '',
  );

describe('bash', () => {
  /** What readline would be offered. */
  function offers(line: string, setUp = '', cwd = shop.folder): string[] {
    const text = `
      ${setUp}
      source '${script('bash')}'
      COMP_LINE="$1"; COMP_POINT=\${#1}
      IFS=$'\\n' read -r -d '' -a COMP_WORDS < <(printf '%s' "$1" | sed -E 's/([=@:])/\\n\\1\\n/g; s/ +/\\n/g' | sed '/^$/d')
      [[ $1 == *' ' || $1 == *= ]] && COMP_WORDS+=('')
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      last=\${1##* }
      _session_groups session-groups "\${last##*=}"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = execFileSync('bash', ['--norc', '-c', text, 'bash', line], { cwd, env });
    return String(out).split('\n').filter(Boolean);
  }

  test.each(OFFERS)('%s', (line, wanted) => {
    const offered = offers(line);
    expect(offered).toHaveLength(wanted.length);
    for (const word of wanted) expect(fits(offered, word)).toBe(true);
  });

  test('a bash without compopt, such as 3.2, offers each file as it is to be typed', async () => {
    const cwd = join(shop.folder, 'files');
    await mkdir(join(cwd, 'gr oup'), { recursive: true });
    for (const name of ['group.yaml', 'gr * a.yaml']) await writeFile(join(cwd, name), '');
    const without = 'enable -n compopt';
    expect(offers('session-groups plan gr', without, cwd).sort()).toEqual(
      ['gr\\ \\*\\ a.yaml', 'gr\\ oup', 'group.yaml'].sort(),
    );
    expect(offers('session-groups group list --project gr', without, cwd)).toEqual(['gr\\ oup']);
  });

  test('completes what is typed on a terminal', async () => {
    const child = spawn('script', ['-qec', 'bash --norc -i', '/dev/null'], { cwd: shop.folder, env });
    let text = '';
    child.stdout.on('data', bytes => {
      text += bytes;
    });
    const shows = (wanted: string) =>
      vi.waitFor(() => expect(stripVTControlCharacters(text)).toContain(wanted), { timeout: 60_000 });
    try {
      child.stdin.write(`PS1='ready> '; source '${script('bash')}'\n`);
      await shows('ready> ');
      child.stdin.write('session-groups session show @lat\tap\t');
      await shows('session-groups session show @latest api');
      child.stdin.write('\u0015session-groups group list --status=comp\t');
      await shows('session-groups group list --status=completed');
      child.stdin.write('\u0015session-groups plan group.y\t');
      await shows('session-groups plan group.yaml');
      child.stdin.write('\u0015session-groups plan varied.yaml --var to\tspeed');
      await shows('session-groups plan varied.yaml --var topic=speed');
    } finally {
      child.stdin.end('\u0015exit\n');
      await new Promise(resolve => child.once('close', resolve));
    }
  });
});

/** What zsh shows in a terminal of its own after Tab: the line that it has completed, or a list. */
function zshOffers(line: string, list: string): string {
  const text = `
    zmodload zsh/zpty
    zpty z "PS1='ready> ' zsh -f -i"
    zpty -w z "source '${join(shop.folder, 'setup.zsh')}'"
    zpty -r -m z seen '*set-up*ready>*'
    zpty -n -w z "$1"$'\\t'
    if [[ -n $2 ]]; then
      zpty -r -m z seen "*\${~2}*"
    else
      zpty -n -w z $'\\n'
      zpty -r -m z seen '*ran:*:end*'
    fi
    print -r -- "$seen"`;
  const argv = ['-f', '-c', text, 'zsh', line, list];
  const out = execFileSync('zsh', argv, { cwd: shop.folder, env, timeout: 60_000 });
  return stripVTControlCharacters(String(out));
}

describe('zsh', () => {
  test.each(OFFERS)('%s', (line, wanted) => {
    const [first = '', second] = wanted;
    const shown = zshOffers(line, second === undefined ? '' : `(${first}*${second}|${second}*${first})`);
    if (wanted.length > 1) for (const word of wanted) expect(shown).toContain(word);
    else expect(/ran:(.*):end/.exec(shown)?.[1]).toContain(wanted[0]);
  });

  test('writes on after the = of a variable', () => {
    expect(zshOffers('session-groups plan varied.yaml --var to\tspeed', '')).toContain(
      '--var topic=speed :end',
    );
  });
});

describe('fish', () => {
  function offers(line: string): string[] {
    const text = `source '${script('fish')}'; complete -C $argv[1]`;
    const out = execFileSync('fish', ['--no-config', '-c', text, line], { cwd: shop.folder, env });
    return String(out).split('\n').filter(Boolean);
  }

  test.each(OFFERS)('%s', (line, wanted) => {
    const offered = offers(line).map(text => text.split('\t')[0] ?? '');
    expect(offered).toHaveLength(wanted.length);
    for (const word of wanted) expect(fits(offered, word)).toBe(true);
  });

  test('says what a group is', () => {
    expect(offers('session-groups group show de')).toEqual(['demo\tcompleted 2/2 Demo']);
    expect(offers(`session-groups group show ${id.slice(0, 9)}`)).toEqual([`${id}\tcompleted 2/2 Demo`]);
  });
});
