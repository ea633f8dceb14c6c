import type { Point } from '../api-types.ts';

/** What is to be laid out; sizes in pixels. */
export interface LayoutInput {
  readonly direction: 'right' | 'down';
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** Where everything stands: centres, from the top left. Nodes and edges are in the order of the input. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Point[];
  readonly edges: readonly (readonly Point[])[];
}

export const GAP_BETWEEN_LAYERS = 56;
export const GAP_IN_LAYER = 20;
export const MARGIN = 16;
