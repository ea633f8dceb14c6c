import type { ToolOutputPage, Transcript } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { attr } from '../dom/el.ts';

/** Of those whose line has not been read yet, so many are kept. */
const MOST = 100;

/** A button by which outputs of tools open by themselves: the latest, and each that comes. `ask` reads what is new. */
export function outputFollower(ask: () => void) {
  const came = new Map<string, ToolOutputPage>();
  let cursor: string | undefined;
  const press = button({
    label: 'Follow outputs',
    kind: 'quiet',
    act() {
      cursor = cursor === undefined ? '' : undefined;
      came.clear();
      attr(press.node, 'aria-pressed', String(cursor !== undefined));
      ask();
    },
  });
  attr(press.node, 'aria-pressed', 'false');
  return {
    node: press.node,
    /** Is added to the query of a transcript. */
    query: () => (cursor === undefined ? '' : `&outputs=${cursor}`),
    put({ outputs }: Transcript): void {
      if (cursor === undefined || outputs === undefined) return;
      cursor = outputs.next;
      for (const one of outputs.latest) came.set(one.toolUseId, one);
      for (const id of came.keys()) {
        if (came.size <= MOST) break;
        came.delete(id);
      }
    },
    /** The beginning of a call's output, once. */
    take(toolUseId: string): ToolOutputPage | undefined {
      const output = came.get(toolUseId);
      came.delete(toolUseId);
      return output;
    },
  };
}

export type OutputFollower = ReturnType<typeof outputFollower>;
