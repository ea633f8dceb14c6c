import { textOfThrown } from '../../sdk/errors.ts';
import type { Action } from '../live/view-state.ts';
import type { ShownGroup } from '../services.ts';
import { cleanLine } from '../text.ts';
import type { SignalControl } from './signals.ts';

/** What a key of the live view does to the group, and to this process. */
export function actions(
  group: ShownGroup,
  control: Pick<SignalControl, 'interrupt' | 'pause' | 'detach'> & { suspend(): void },
  note: (line: string) => void,
): (action: Action) => void {
  const asked = (request: Promise<unknown>, done: string) => {
    request.then(
      () => note(done),
      error => note(cleanLine(`Refused: ${textOfThrown(error)}`)),
    );
  };
  return action => {
    switch (action.type) {
      case 'interrupt':
        return control.interrupt();
      case 'suspend':
        return control.suspend();
      case 'detach':
        return control.detach();
      case 'pause':
        return control.pause();
      case 'answer': {
        const { sessionId, requestId, tool } = action.request;
        const word = action.decision === 'allow' ? 'Approved' : 'Denied';
        return asked(
          group.answer(requestId, action.decision, 'cli'),
          cleanLine(`${word}: ${tool} in ${sessionId}`),
        );
      }
      case 'hold':
        return asked(
          group.pauseSession(action.sessionId, { by: 'cli' }),
          `Pausing ${cleanLine(action.sessionId)}`,
        );
      case 'release':
        return asked(group.resumeSession(action.sessionId), `Resuming ${cleanLine(action.sessionId)}`);
    }
  };
}
