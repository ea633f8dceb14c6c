import type { Clock } from '../../clock.ts';
import { hello } from './speech.ts';

/** Lets a client that finds a cut turn in its conversation run it again of itself. */
export const RERUN_ENVIRONMENT = { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1' };

/** A client that is up says within milliseconds that it runs a turn. */
const TURN_GRACE_MS = 2_000;
/** One that does not answer at all is told to go on. */
const HELLO_GRACE_MS = 20_000;

export interface InterruptedTurn {
  /** Hears every line of the client. */
  heard(line: string): void;
  /** The client has gone. */
  cancel(): void;
}

export interface InterruptedTurnOptions {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** There is no turn to run again: the client waits to be told what to do. */
  readonly onNone: () => void;
}

/**
 * After the engine's death the client runs the cut turn again with no message; told to go on as well, it would run two
 * turns. But where its last turn was complete it waits in silence. So it is asked something that it answers when it
 * is up, which is after it has said that it runs a turn (measured: adr/0010-client-as-measured.md).
 */
export function rerunInterruptedTurn({ clock, write, onNone }: InterruptedTurnOptions): InterruptedTurn {
  let timer: unknown;
  let decided = false;
  const after = (delayMs: number) => {
    clock.clearTimeout(timer);
    timer = clock.setTimeout(() => {
      decided = true;
      onNone();
    }, delayMs);
  };
  const cancel = () => {
    decided = true;
    clock.clearTimeout(timer);
  };
  after(HELLO_GRACE_MS);
  write(hello());
  return {
    heard(line) {
      if (decided) return;
      if (line.includes('"type":"control_response"')) after(TURN_GRACE_MS);
      else cancel();
    },
    cancel,
  };
}
