import type { Clock } from '../../clock.ts';
import { signOf } from '../stream-json/signs-of-work.ts';
import { hello } from './speech.ts';

/** Makes a client that finds an interrupted turn in its conversation rerun that turn by itself. */
export const RERUN_ENVIRONMENT = { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1' };

/** A running client reports within milliseconds that it runs a turn. */
const TURN_GRACE_MS = 2_000;
/** A client that doesn't answer at all is sent the prompt. */
const HELLO_GRACE_MS = 20_000;

export interface InterruptedTurn {
  /** Called with the name of every message of the client. */
  onMessage(name: string): void;
  /** Called when the client has exited. */
  cancel(): void;
}

export interface InterruptedTurnOptions {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** There is no turn to rerun: the client waits for a message. */
  readonly onNone: () => void;
  /** It reruns one. */
  readonly onTurn: () => void;
}

/**
 * After the engine has died, the client reruns the interrupted turn without a message; with a message as well, it would
 * run two turns. But if its last turn was complete, it waits silently. So it is sent a request that it answers once it
 * is up, which is after it has reported that it runs a turn (measured: adr/0010-client-as-measured.md).
 * Invariant: unless it exits, the client runs a turn or is sent the prompt. Only what it prints in a turn shows one:
 * hooks of the session's start print too, and the answer waits for them.
 */
export function rerunInterruptedTurn({
  clock,
  write,
  onNone,
  onTurn,
}: InterruptedTurnOptions): InterruptedTurn {
  let timer: unknown;
  let decided = false;
  let answered = false;
  let hooks = 0;
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
    onMessage(name) {
      if (decided) return;
      if (signOf(name)?.provesTurn) {
        cancel();
        onTurn();
      } else if (name === 'control_response') {
        answered = true;
        after(TURN_GRACE_MS);
      } else if (!answered && name === 'system/hook_started') {
        hooks += 1;
        clock.clearTimeout(timer);
      } else if (!answered && name === 'system/hook_response') {
        hooks -= 1;
        if (hooks <= 0) after(HELLO_GRACE_MS);
      }
    },
    cancel,
  };
}
