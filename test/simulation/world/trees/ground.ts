import type { Clock } from '../../../../src/sdk/clock.ts';
import { WorkspaceError } from '../../../../src/sdk/workspace/error.ts';
import { folderOf } from '../../../../src/sdk/workspace/names.ts';
import type { WorkspacePort } from '../../../../src/sdk/workspace/port.ts';
import { MARKER } from '../../../support/simulated-workspaces/objects.ts';
import {
  SimulatedGround,
  type SimulatedTree,
  simulatedWorkspaces,
} from '../../../support/simulated-workspaces/simulated-workspaces.ts';
import { MACHINE, projectOf } from '../../plan/definitions.ts';
import type { Plan, PlannedFault, PlannedRun } from '../../plan/plan.ts';
import type { Machine } from '../machine.ts';
import type { SimulatedProcess } from '../process.ts';

/** Where trees are. */
const ROOT = `${MACHINE}/work/`;
const USERS = 'refs/heads/main';

type StepFault = Extract<PlannedFault, { kind: 'crash in a step' | 'step fails' }>;
type User = Extract<PlannedFault, { kind: 'user' }>;

const never = (): Promise<never> => new Promise(() => {});

/** The repositories of a machine, and the trees of sessions in them. They outlive engines. */
export class Ground {
  readonly ground = new SimulatedGround();
  readonly #machine: Machine;
  readonly #plan: Plan;
  readonly #faults: { readonly fault: StepFault; left: number }[];
  /** Whose step it is. */
  #pid: number | undefined;
  #wrote = 0;

  constructor(machine: Machine, plan: Plan) {
    this.#machine = machine;
    this.#plan = plan;
    this.#faults = plan.faults.flatMap(fault =>
      fault.kind === 'crash in a step' || fault.kind === 'step fails' ? [{ fault, left: fault.nth }] : [],
    );
  }

  /** Before anything else happens. */
  begin(): void {
    for (const { repository } of this.#plan.definition.sessions) {
      if (repository !== undefined && !this.ground.repositories.has(projectOf(repository)))
        this.#repository(repository);
    }
  }

  #repository(name: string): void {
    const repository = this.ground.repository(projectOf(name), { 'a.txt': 'a\n', 'b.txt': 'b\n' });
    repository.watchedBy({
      commit: (id, { parents, files }) =>
        this.#machine.tell({
          kind: 'commit',
          repository: name,
          id,
          parents,
          files: Object.fromEntries(files),
        }),
      ref: (ref, to) =>
        this.#machine.tell({
          ...{ kind: 'ref', repository: name, ref },
          ...(to === undefined ? {} : { to }),
          ...(this.#pid === undefined ? {} : { pid: this.#pid }),
        }),
    });
  }

  /** The port as one process has it. */
  workspacesOf(process: SimulatedProcess): WorkspacePort {
    const { stepMs = 10 } = this.#plan.delivery ?? {};
    const point = (name: string): Promise<void> | void => {
      this.#pid = process.pid;
      if (!process.alive) return never();
      return this.#strike(name, process);
    };
    return simulatedWorkspaces(this.ground, { clock: process.clock, stepMs, root: ROOT, point });
  }

  #strike(name: string, process: SimulatedProcess): Promise<void> | void {
    for (const one of this.#faults) {
      const { fault } = one;
      if (fault.step !== 'any' && fault.step !== name) continue;
      one.left -= 1;
      if (one.left !== 0) continue;
      if (fault.kind === 'crash in a step') {
        this.#machine.tell({ kind: 'fault', what: `the process dies at the step ${name}` });
        process.crash(fault.reaperMs);
        return never();
      }
      this.#machine.tell({ kind: 'fault', what: `the step ${name} ${fault.how}` });
      switch (fault.how) {
        case 'slow':
          return new Promise(resolve => void process.clock.setTimeout(resolve, 30_000));
        case 'moved':
          throw new WorkspaceError('workspace_moved', 'planned: moved');
        default:
          throw new WorkspaceError('workspace_failed', 'planned', { retryable: fault.how === 'passes' });
      }
    }
  }

  /** Where an agent works; undefined: in no tree. */
  treeAt(cwd: string): SimulatedTree | undefined {
    return cwd.startsWith(ROOT) ? this.ground.trees.get(cwd.slice(ROOT.length)) : undefined;
  }

  filesAt(cwd: string): Record<string, string> {
    return Object.fromEntries(this.treeAt(cwd)?.files ?? []);
  }

  /** An agent writes a line that nobody else writes. Undefined: its tree has gone. */
  write(cwd: string, path: string, who: string): string | undefined {
    const tree = this.treeAt(cwd);
    if (!tree) return undefined;
    this.#wrote += 1;
    const text = `${who} ${this.#wrote}\n`;
    // What does not follow the last line of another conflicts with it.
    tree.files.set(path, `${tree.files.get(path) ?? ''}${text}`);
    return text;
  }

  /** An agent takes both sides of each conflict that it finds, unless it leaves them. */
  resolve(cwd: string, leaves: PlannedRun['leaves']): void {
    const files = this.treeAt(cwd)?.files;
    const marked = [...(files ?? [])].filter(([, content]) => content.includes(MARKER));
    const left = leaves === 'all' ? marked.length : leaves === 'one' ? 1 : 0;
    for (const [path, content] of marked.slice(left)) files?.set(path, content.replaceAll(MARKS, ''));
  }

  /** The user does something. */
  act({ does, where }: User, groupId: string | undefined): void {
    this.#pid = undefined;
    if (does === 'commits' || does === 'commits in conflict') {
      const repository = this.ground.repositories.get(projectOf(where));
      const tip = repository?.refs.get(USERS);
      if (!repository || tip === undefined) return;
      this.#wrote += 1;
      const path = does === 'commits' ? `user-${this.#wrote}.txt` : 'a.txt';
      const text = `by the user ${this.#wrote}\n`;
      repository.users.set(path, `${repository.users.get(path) ?? ''}${text}`);
      const files = new Map([...repository.at(tip).files, [path, repository.users.get(path) ?? '']]);
      const time = Math.floor(this.#machine.now() / 1_000);
      repository.refs.set(USERS, repository.commit({ files, parents: [tip], text: 'by the user', time }));
      return;
    }
    // That session's, or any that there is.
    const ids = [where, ...this.#plan.definition.sessions.map(({ id }) => id)];
    const session = ids.find(id => this.ground.trees.has(folderOf(groupId ?? '', id))) ?? where;
    const folder = folderOf(groupId ?? '', session);
    const tree = this.ground.trees.get(folder);
    if (!tree) return;
    const gone = does === 'deletes a tree';
    this.#machine.tell({ kind: 'tree.disturbed', session, gone });
    if (gone) this.ground.trees.delete(folder);
    else tree.files.set('by-the-user.txt', `${this.#machine.now()}\n`);
  }

  tellTrees(): void {
    const trees = [...this.ground.trees.values()].map(
      ({ branch, files }) => [branch.split('/').at(-1) ?? '', Object.fromEntries(files)] as const,
    );
    this.#machine.tell({ kind: 'trees', trees: Object.fromEntries(trees) });
  }

  clockOf(life: Parameters<Machine['clockOf']>[0]): Clock {
    return this.#machine.clockOf(life);
  }
}

const MARKS = /^(?:<<<<<<<|=======|>>>>>>>)\n/gm;
