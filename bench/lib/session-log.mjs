/**
 * What a contender did with its sessions: each of them notes two numbers, whoever runs it; what they say is checked after
 * the measurement.
 */
export class SessionLog {
  #entries;
  #length = 0;

  constructor(sessions) {
    this.#entries = new Int32Array(3 * sessions);
  }

  started(index) {
    this.#entries[this.#length++] = index + 1;
  }

  ended(index) {
    this.#entries[this.#length++] = -index - 1;
  }

  /** @throws Error unless each session ran once, after its dependencies, and never more than `limit` at a time. */
  check(dependencies, limit) {
    const [starts, ends] = [dependencies.map(() => 0), dependencies.map(() => 0)];
    let live = 0;
    for (const entry of this.#entries.subarray(0, this.#length)) {
      const index = Math.abs(entry) - 1;
      if (entry < 0) {
        live -= 1;
        ends[index] += 1;
        continue;
      }
      live += 1;
      starts[index] += 1;
      if (starts[index] > 1) throw new Error(`session ${index} was started twice`);
      if (live > limit) throw new Error(`${live} sessions were live, at most ${limit} may be`);
      const missing = dependencies[index].find(needed => ends[needed] === 0);
      if (missing !== undefined) throw new Error(`session ${index} started before ${missing} had ended`);
    }
    const never = ends.indexOf(0);
    if (never >= 0) throw new Error(`session ${never} never ended`);
  }
}
