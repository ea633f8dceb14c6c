import type { Rectangle } from './graph-camera.ts';

/** Up to so many are always in the document: all of them can be found and read there. */
const FEW = 400;

/** A part of a picture that is made once it comes in sight. */
export interface Sighted {
  readonly room: Rectangle;
  /** Gives its node, made or brought up to date. */
  show(): Element;
  /** Stays in the document. */
  keep?(): boolean;
}

/** Of a large picture only what is in sight is in the document: drawing costs what is seen, not what there is. */
export function inSight(parent: Element, items: readonly Sighted[]): (part: Rectangle) => void {
  const shown = new Map<Sighted, Element>();
  return part => {
    for (const item of items) {
      const node = shown.get(item);
      const wanted = items.length <= FEW || overlap(item.room, part) || item.keep?.() === true;
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
