import type { GroupContext } from '../group/part.ts';
import { noChanges } from '../model/group-model.ts';
import type { SessionPanel } from '../session/session-panel.ts';
import { later, stylesheet } from './later.ts';

let code: typeof import('../session/session-panel.ts') | undefined;

/** The panel of one session; its code is loaded when the first one is opened. */
export function laterPanel(context: GroupContext, id: string, leave: () => void): SessionPanel {
  if (code !== undefined) return code.sessionPanel(context, id, leave);
  let panel: SessionPanel | undefined;
  let closed = false;
  const loading = later(
    async () => {
      [code] = await Promise.all([
        import('../session/session-panel.ts'),
        stylesheet('session.css'),
        stylesheet('work.css'),
      ]);
      return code.sessionPanel(context, id, leave);
    },
    loaded => {
      if (closed) return loaded.close();
      panel = loaded;
      panel.update(noChanges(), []);
      panel.focus();
    },
  );
  loading.ask();
  return {
    node: loading.node,
    update: (changes, ticked) => panel?.update(changes, ticked),
    focus: () => panel?.focus(),
    close() {
      closed = true;
      panel?.close();
    },
  };
}
