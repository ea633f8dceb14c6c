import { button } from '../controls/button.ts';
import type { GroupContext } from '../group/part.ts';

/** Buttons that download what is known of a group; what they do is loaded when one is pressed. */
export const exportButtons = (context: GroupContext): HTMLButtonElement[] =>
  (['journal', 'result'] as const).map(
    what =>
      button({
        label: `Download ${what}`,
        icon: 'down',
        act: async () => {
          try {
            const { download } = await import('../group/download.ts');
            await download(what, context);
          } catch {
            context.tell(`The ${what} cannot be read.`);
          }
        },
      }).node,
  );
