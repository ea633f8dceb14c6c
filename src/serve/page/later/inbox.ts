import type { GroupContext, Part } from '../group/part.ts';
import { later, stylesheet } from './later.ts';

/** What agents wait for; its code is loaded when there is something. */
export function laterInbox(context: GroupContext): Part {
  let part: Part | undefined;
  const loading = later(
    async () => {
      const [{ approvalsInbox }] = await Promise.all([
        import('../group/approvals.ts'),
        stylesheet('answers.css'),
      ]);
      return approvalsInbox(context);
    },
    loaded => {
      part = loaded;
    },
  );
  const look = () => context.model.approvals.size > 0 && loading.ask();
  look();
  return {
    node: loading.node,
    update(changes, ticked) {
      if (part === undefined) look();
      else part.update(changes, ticked);
    },
  };
}
