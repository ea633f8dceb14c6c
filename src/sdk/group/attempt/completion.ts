import { textOfThrown } from '../../errors.ts';
import { plainJson } from '../../json.ts';
import type { Baseline } from '../../project/working-tree.ts';
import type { Agent, AttemptEnd } from '../../session/agent.ts';
import { compileOutputSchema, type OutputCheck, type OutputSchema } from '../config/output-schema.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import { storeResult } from '../journal/session-result.ts';
import type { StoredResult } from '../journal/stored-result.ts';
import { SessionChanges } from '../tree/session-changes.ts';
import type { Changed } from '../tree/tree-words.ts';
import type { AttemptHost } from './attempt-host.ts';

type Done = Extract<AttemptEnd, { readonly outcome: 'done' }>;

/**
 * Completes an attempt that is done: checks its output, finds the changed files, and stores the result.
 * Invariant: `take` calls back exactly once, and synchronously if git isn't needed.
 */
export class Completion {
  readonly #schema: ResolvedSession['outputSchema'];
  readonly #changes: SessionChanges | undefined;
  readonly #id: string;
  readonly #host: Pick<AttemptHost, 'clock' | 'env' | 'logDir' | 'internal' | 'record'>;
  #check: OutputCheck | undefined;

  constructor(session: ResolvedSession, agent: Agent, host: AttemptHost) {
    const { id, projectPath, workspace } = session;
    this.#id = id;
    this.#schema = session.outputSchema;
    this.#host = host;
    if (!host.executor.here || !changesFiles(agent)) return;
    if (workspace.mode !== 'shared' || projectPath === undefined) return;
    const { clock, env } = host;
    this.#changes = new SessionChanges(projectPath, {
      ...{ clock, env },
      keep: found => host.internal({ type: '_baseline', sessionId: id, ...found }),
      warn: message => this.#warn(message),
    });
  }

  /** State that the next engine needs. */
  get baseline(): Baseline | undefined {
    return this.#changes?.baseline;
  }

  restore(baseline: Baseline | undefined): void {
    this.#changes?.restore(baseline);
  }

  /** Returns undefined if there is nothing to wait for. Rejects for an invalid schema. */
  prepare(signal: AbortSignal): Promise<void> | undefined {
    const begun = this.#changes?.begin(signal);
    const schema = this.#check === undefined ? this.#schema : undefined;
    return schema === undefined ? begun : this.#compile(schema, begun);
  }

  /** What is wrong with the attempt's output, as a message for the agent. */
  outputError({ output }: Done): string | undefined {
    if (output !== undefined && plainJson(output) === undefined)
      return 'The structured output is not valid JSON.';
    return this.#check?.(output);
  }

  take({ result, output }: Done, then: (kept: StoredResult) => void): void {
    const warn = (message: string) => this.#warn(message);
    const plain = output === undefined ? undefined : plainJson(output);
    const kept = storeResult({ result, output: plain }, () => this.#folder(), warn);
    if (!this.#changes?.tracks) {
      then(kept);
      return;
    }
    void this.recount().then(changed => then({ ...kept, ...changed }));
  }

  /** Which files of the project have changed by now; undefined if git can't tell, or isn't asked. Never rejects. */
  async recount(): Promise<Changed | undefined> {
    const changed = await this.#changes?.finish();
    if (changed === undefined) return undefined;
    const { files, more } = changed;
    return { changedFiles: files, ...(more > 0 ? { moreChangedFiles: more } : {}) };
  }

  /** A folder that fails takes no result with it: its text and output stay in memory and in the journal. */
  #folder(): string | undefined {
    try {
      return this.#host.logDir(this.#id);
    } catch (reason) {
      this.#warn(`the session's folder cannot be used: ${textOfThrown(reason)}`);
      return undefined;
    }
  }

  #warn(message: string): void {
    this.#host.record({ type: 'session_warning', sessionId: this.#id, message });
  }

  /** Cancels what `take` waits for. */
  cancel(): void {
    this.#changes?.cancel();
  }

  async #compile(schema: OutputSchema, begun: Promise<void> | undefined): Promise<void> {
    this.#check = await compileOutputSchema(schema);
    await begun;
  }
}

/** Whether a session has something to wait for before its first attempt. */
export const needsPreparation = (
  { outputSchema, workspace }: ResolvedSession,
  agent: Agent,
  here: boolean,
): boolean => outputSchema !== undefined || (here && changesFiles(agent) && workspace.mode === 'shared');

const changesFiles = ({ capabilities }: Agent): boolean => capabilities.changesFiles === true;
