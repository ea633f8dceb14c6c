import { type OutputsCursor, readNewOutputs } from '../../sdk/session/stream-json/tool-outputs.ts';
import { outputLines } from './tool-output.ts';

/** Of a session that is followed, so many are kept until the event that shows them. */
const MOST_OUTPUTS = 1_000;

/** What tools have returned, in short. A file that has grown is read on where it ended. */
export class ToolOutputs {
  readonly #path: () => string | undefined;
  readonly #follow: boolean;
  readonly #seen = new Map<string, readonly string[]>();
  #read: OutputsCursor | undefined;

  /** @param follow keeps what is not wanted yet, since its event comes later. */
  constructor(path: () => string | undefined, follow: boolean) {
    this.#path = path;
    this.#follow = follow;
  }

  of(toolUseId: string): readonly string[] | undefined {
    return this.#seen.get(toolUseId);
  }

  async read(wanted: ReadonlySet<string>): Promise<void> {
    if ([...wanted].every(id => this.#seen.has(id))) return;
    const path = this.#path();
    if (path === undefined) return;
    const keep = this.#follow ? { has: () => true } : wanted;
    const { outputs, cursor } = await readNewOutputs(path, keep, outputLines, { after: this.#read });
    this.#read = cursor;
    for (const [id, text] of outputs) this.#seen.set(id, text);
    for (const id of this.#seen.keys()) {
      if (this.#seen.size <= Math.max(MOST_OUTPUTS, wanted.size)) break;
      this.#seen.delete(id);
    }
  }
}
