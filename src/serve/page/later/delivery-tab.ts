import type { GroupContext } from '../group/part.ts';
import { noChanges } from '../model/group-model.ts';
import type { DeliveryPart } from '../work/delivery.ts';
import { later, stylesheet } from './later.ts';

/** What a group delivers; its code is loaded when it is first shown. */
export function deliveryTab(context: GroupContext): DeliveryPart {
  let part: DeliveryPart | undefined;
  let closed = false;
  const loading = later(
    async () => {
      const [code] = await Promise.all([import('../work/delivery.ts'), stylesheet('work.css')]);
      return code.deliveryPart(context);
    },
    loaded => {
      if (closed) return;
      part = loaded;
      part.update(noChanges(), []);
    },
  );
  return {
    node: loading.node,
    shown: () => (part ? part.shown() : loading.ask()),
    update: (changes, ticked) => part?.update(changes, ticked),
    close() {
      closed = true;
      part?.close();
    },
  };
}
