import { z } from 'zod';

/** What is to be laid out; sizes in pixels. */
export interface LayoutInput {
  readonly direction: 'right' | 'down';
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

const Point = z.object({ x: z.number(), y: z.number() });

/** Where everything stands: centres, from the top left. Nodes and edges are in the order of the input. */
export const Layout = z.object({
  width: z.number(),
  height: z.number(),
  nodes: z.array(Point),
  edges: z.array(z.array(Point)),
});
export type Layout = z.output<typeof Layout>;

export const GAP_BETWEEN_LAYERS = 56;
export const GAP_IN_LAYER = 20;
export const MARGIN = 16;
