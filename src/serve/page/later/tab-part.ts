import type { GroupContext, Part } from '../group/part.ts';
import { noChanges } from '../model/group-model.ts';
import { later, stylesheet } from './later.ts';

/** What a tab shows; its code is loaded when the tab is first opened. */
export interface TabPart extends Part {
  /** The tab has been opened. */
  shown(): void;
  close(): void;
}

type Loaded = Part & Partial<TabPart>;

/** The tabs of a group besides its sessions, in their order. */
export const laterTabs = (context: GroupContext): Readonly<Record<string, TabPart>> => ({
  Timeline: tabPart('tabs.css', async () => (await import('../sessions/timeline.ts')).timeline(context)),
  Cost: tabPart('tabs.css', async () => (await import('../group/cost-chart.ts')).costChart(context)),
  Delivery: tabPart('work.css', async () => (await import('../work/delivery.ts')).deliveryPart(context)),
  Statechart: tabPart('tabs.css', async () => (await import('../graph/chart.ts')).statechart(context)),
});

function tabPart(styles: string, load: () => Promise<Loaded>): TabPart {
  let part: Loaded | undefined;
  let closed = false;
  const loading = later(
    async () => {
      await stylesheet(styles);
      return load();
    },
    loaded => {
      if (closed) return loaded.close?.();
      part = loaded;
      part.shown?.();
      part.update(noChanges(), []);
    },
  );
  return {
    node: loading.node,
    shown() {
      if (part) part.shown?.();
      else loading.ask();
    },
    update: (changes, ticked) => part?.update(changes, ticked),
    close() {
      closed = true;
      part?.close?.();
    },
  };
}
