import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { builtCli, cliEnv } from '../cli/built-cli.ts';
import { openTerminal, type PseudoTerminal } from '../support/pseudo-terminal.ts';

/**
 * Where a journey takes place: a user's own folder, shell, configuration and temporary folder, and the command line as it
 * is shipped, on the PATH. A journey types the commands that docs/recipes.md has, and looks at what a user sees.
 */
export interface Workplace {
  readonly folder: string;
  /** The temporary folder of whatever is run. */
  readonly temporary: string;
  write(path: string, text: string): void;
  /** Types a line in a shell without a terminal, and waits for its end. */
  sh(line: string): { readonly code: number | null; readonly out: string; readonly err: string };
  /** Opens a terminal, types a line, and leaves it open. */
  terminal(line: string): PseudoTerminal;
  close(): Promise<void>;
}

export function openWorkplace(): Workplace {
  const root = mkdtempSync(join(tmpdir(), 'session-groups-journey-'));
  const at = (name: string) => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  const [folder, temporary, programs] = [at('work'), at('tmp'), at('bin')];
  const program = join(programs, 'session-groups');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${builtCli()}' "$@"\n`);
  chmodSync(program, 0o755);
  const env = cliEnv({
    PATH: `${programs}:${process.env.PATH}`,
    TMPDIR: temporary,
    SESSION_GROUPS_DATA_DIR: join(root, 'data'),
    SESSION_GROUPS_CONFIG_DIR: join(root, 'config'),
    SESSION_GROUPS_CLAUDE: join(root, 'no-such-claude'),
  });
  const terminals: PseudoTerminal[] = [];
  return {
    folder,
    temporary,
    write(path, text) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    sh(line) {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
        cwd: folder,
        env,
        encoding: 'utf8',
      });
      return { code: status, out: stdout, err: stderr };
    },
    terminal(line) {
      const opened = openTerminal(`exec ${line}`, { cwd: folder, env });
      terminals.push(opened);
      return opened;
    },
    async close() {
      await Promise.all(terminals.map(terminal => terminal.close()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}
