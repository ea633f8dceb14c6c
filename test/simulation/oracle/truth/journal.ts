import type { SeenEvent } from '../../history.ts';
import { textOf, timeOf } from '../concern.ts';

/**
 * The journal as it grows: each public event once. Rules read here: I10 (what was written stays), I11 (`seq` has no gap),
 * §8 (only a torn last line is repaired), §12 (the header), §10 (time does not run backwards in one process).
 */
export class Journal {
  readonly events: SeenEvent[] = [];
  readonly #report: (rule: string, message: string) => void;
  /** The last reading began again from the first line. */
  shrunk = false;
  /** Lines that have been read. */
  #count = 0;
  #last = '';
  #time = Number.NEGATIVE_INFINITY;

  constructor(report: (rule: string, message: string) => void) {
    this.#report = report;
  }

  #forget(): void {
    this.events.length = 0;
    this.#count = 0;
    this.#last = '';
    this.#time = Number.NEGATIVE_INFINITY;
  }

  /** The next event's number. */
  get next(): number {
    return this.events.length;
  }

  /** What is new, in order. `clockIsSet`: the wall clock may have been set back; `powerCut`: lines may be gone. */
  read(lines: readonly string[], clockIsSet: boolean, powerCut: boolean): SeenEvent[] {
    const kept = lines[this.#count - 1];
    this.shrunk =
      powerCut &&
      (lines.length < this.#count ||
        (kept !== undefined && !(sameLine(kept, this.#last) && parsed(kept) !== undefined)));
    if (this.shrunk) this.#forget();
    else if (lines.length < this.#count) {
      this.#report('I10', `the journal had ${this.#count} lines, and has ${lines.length}`);
      this.#count = lines.length;
    } else if (kept !== undefined && !sameLine(kept, this.#last)) {
      this.#report('I10', `line ${this.#count} of the journal has changed: ${kept}`);
    }
    const fresh: SeenEvent[] = [];
    for (; this.#count < lines.length; this.#count++) {
      const line = lines[this.#count] ?? '';
      const record = parsed(line);
      if (record === undefined) {
        if (this.#count === lines.length - 1) break; // torn, or still being written
        this.#report('§8', `line ${this.#count + 1} of the journal cannot be read: ${line}`);
        continue;
      }
      this.#last = line;
      if (this.#count === 0) this.#header(record);
      else if (isEvent(record)) {
        this.#check(record, clockIsSet);
        this.events.push(record);
        fresh.push(record);
      } else if (!textOf(record.type).startsWith('_')) {
        this.#report('§10', `a record without a number is not internal: ${line}`);
      } else if (record.seq !== undefined) {
        this.#report('§10', `an internal record has a number: ${line}`);
      }
    }
    return fresh;
  }

  #header(record: Readonly<Record<string, unknown>>): void {
    if (record.type !== '_journal' || typeof record.version !== 'number') {
      this.#report('§12', 'the journal does not begin with a header');
    }
  }

  #check(event: SeenEvent, clockIsSet: boolean): void {
    if (event.seq !== this.events.length) {
      this.#report('I11', `${event.type} has the number ${event.seq}, expected ${this.events.length}`);
    }
    const time = timeOf(event);
    if (Number.isNaN(time) || !event.time.endsWith('Z')) {
      this.#report('§10', `${event.type} has the time ${event.time}`);
    }
    if (time < this.#time && !clockIsSet)
      this.#report('§10', `the time of ${event.type} ${event.seq} runs backwards`);
    this.#time = time;
  }
}

/** A journal that is raised to a later version gets new checksums, and a new header; nothing else (ADR 18). */
function sameLine(a: string, b: string): boolean {
  return withoutChecksum(a) === withoutChecksum(b) || (a.includes('"_journal"') && b.includes('"_journal"'));
}

function withoutChecksum(line: string): string {
  const at = line.lastIndexOf(',"crc":');
  return at < 0 ? line : line.slice(0, at);
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(record: Record<string, unknown>): record is SeenEvent & Record<string, unknown> {
  const { seq, time, groupId, type } = record;
  if (typeof type !== 'string' || type.startsWith('_')) return false;
  return typeof seq === 'number' && typeof time === 'string' && typeof groupId === 'string';
}
