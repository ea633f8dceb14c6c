import type { Rectangle } from './graph-camera.ts';

/** Up to this many items are always in the document, so that browser search finds them. */
const ALWAYS_RENDERED = 400;

/** A part of a picture that is rendered once it is visible. */
export interface LazyItem {
  readonly room: Rectangle;
  /** Returns its node, created or updated. */
  show(): Element;
  /** Whether it stays in the document when out of view. */
  keep?(): boolean;
}

/** Renders only the visible items of a large picture, so that the cost does not depend on its size. */
export function renderVisible(parent: Element, items: readonly LazyItem[]): (part: Rectangle) => void {
  const shown = new Map<LazyItem, Element>();
  return part => {
    for (const item of items) {
      const node = shown.get(item);
      const wanted = items.length <= ALWAYS_RENDERED || overlap(item.room, part) || item.keep?.() === true;
      if (wanted === (node !== undefined)) continue;
      if (node === undefined) {
        const made = item.show();
        shown.set(item, made);
        parent.append(made);
      } else {
        shown.delete(item);
        node.remove();
      }
    }
  };
}

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
