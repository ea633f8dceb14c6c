import { z } from 'zod';

/** The graph to lay out; sizes in pixels. */
export interface LayoutInput {
  readonly direction: 'right' | 'down';
  readonly nodes: readonly {
    readonly id: string;
    readonly width: number;
    readonly height: number;
    /** The cluster that it stands in. */
    readonly parent?: string;
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    /** Text in the middle of the line, for which the layout leaves space. Default: none. */
    readonly label?: string;
  }[];
  /** What stands in one is kept together, and apart from the rest. Default: none. */
  readonly clusters?: readonly { readonly id: string; readonly parent?: string }[];
}

const Point = z.object({ x: z.number(), y: z.number() });

/** Positions: centres from the top left. Nodes and edges are in the order of the input. */
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
/** Width of a label's character and height of its line. */
export const LETTER = { width: 6.5, height: 14 };
