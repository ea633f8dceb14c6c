import { z } from 'zod';

/** What is to be laid out; sizes in pixels. */
export interface LayoutInput {
  readonly direction: 'right' | 'down';
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    /** Words that stand in the middle of the line; room is made for them. Default: none. */
    readonly label?: string;
  }[];
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
/** Of a letter in a label, and of its line. */
export const LETTER = { width: 6.5, height: 14 };
