import type { Clock } from '../../clock.ts';
import { hello } from './speech.ts';

/** Makes a client that finds an interrupted turn in its conversation rerun that turn by itself. */
export const RERUN_ENVIRONMENT = { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1' };

/** A running client reports within milliseconds that it runs a turn. */
const TURN_GRACE_MS = 2_000;
/** A client that doesn't answer at all is sent the prompt. */
const HELLO_GRACE_MS = 20_000;

export interface InterruptedTurn {
  /** Called with every line of the client. `showsWork`: it belongs to a turn. */
  onLine(line: string, showsWork: boolean): void;
  /** Called when the client has exited. */
  cancel(): void;
}

export interface InterruptedTurnOptions {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** There is no turn to rerun: the client waits for a message. */
  readonly onNone: () => void;
}

/**
 * After the engine has died, the client reruns the interrupted turn without a message; with a message as well, it would
 * run two turns. But if its last turn was complete, it waits silently. So it is sent a request that it answers once it
 * is up, which is after it has reported that it runs a turn (measured: adr/0010-client-as-measured.md).
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
    onLine(line, showsWork) {
      if (decided) return;
      if (showsWork) cancel();
      else if (/"type"\s*:\s*"control_response"/.test(line)) after(TURN_GRACE_MS);
    },
    cancel,
  };
}
