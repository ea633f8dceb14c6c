import type { Box } from '../../picture-types.ts';
import { attr } from '../dom/el.ts';

/** `x` and `y` are its top left corner. */
export type Rectangle = Box;

/** The visible part of a picture and its scale. */
export interface Camera {
  /** Fits the whole picture. */
  whole(): void;
  /** As it was initially, of a picture that has another size now. */
  opening(): void;
  /** Zooms around the centre of the visible part. */
  zoom(factor: number): void;
  /** Moves as little as needed to show this rectangle, now and when the view has another size. */
  reveal(place: Rectangle): void;
}

const SMALLEST = 0.12;
const LARGEST = 2.5;
const MARGIN = 16;

/**
 * Pans and zooms a picture of this size in an SVG element: dragging pans, Ctrl and the wheel zoom. Initially fits the
 * whole picture, or shows its beginning if the scale would fall below `readable`. Passes the visible part to `seen`.
 */
export function camera(
  view: SVGSVGElement,
  picture: { readonly width: number; readonly height: number },
  readable: number,
  seen: (part: Rectangle) => void = () => {},
): Camera {
  let scale = 1;
  let left = 0;
  let top = 0;
  /** Minimum scale for fitting; undefined once the user has panned or zoomed. */
  let fitted: number | undefined = readable;
  /** What stays in sight: what was revealed last, until the user looks elsewhere. */
  let revealed: Rectangle | undefined;

  const size = () => ({ width: view.clientWidth || 1, height: view.clientHeight || 1 });
  const draw = () => {
    const { width, height } = size();
    attr(view, 'viewBox', [left, top, width / scale, height / scale].map(n => n.toFixed(1)).join(' '));
    seen({ x: left, y: top, width: width / scale, height: height / scale });
  };
  const show = (smallest: number) => {
    const { width, height } = size();
    const fits = Math.min((width - 2 * MARGIN) / picture.width, (height - 2 * MARGIN) / picture.height);
    scale = Math.min(1, Math.max(fits, smallest));
    const spare = { x: width / scale - picture.width, y: height / scale - picture.height };
    left = spare.x < 0 ? -MARGIN / scale : -spare.x / 2;
    top = spare.y < 0 ? -MARGIN / scale : -spare.y / 2;
    fitted = smallest;
    draw();
  };
  const look = () => {
    fitted = revealed = undefined;
    draw();
  };
  const reveal = (place: Rectangle) => {
    const { width, height } = size();
    const [wide, high] = [width / scale, height / scale];
    const margin = MARGIN / scale;
    left = Math.min(Math.max(left, place.x + place.width + margin - wide), place.x - margin);
    top = Math.min(Math.max(top, place.y + place.height + margin - high), place.y - margin);
    revealed = place;
    draw();
  };
  const anew = (smallest: number) => {
    revealed = undefined;
    show(smallest);
  };
  const zoomAt = (factor: number, x: number, y: number) => {
    const next = Math.min(LARGEST, Math.max(SMALLEST, scale * factor));
    left += x / scale - x / next;
    top += y / scale - y / next;
    scale = next;
    look();
  };

  new ResizeObserver(() => {
    if (fitted !== undefined) show(fitted);
    if (revealed) reveal(revealed);
    else draw();
  }).observe(view);
  view.addEventListener(
    'wheel',
    event => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomAt(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY);
    },
    { passive: false },
  );
  dragging(view, (dx, dy) => {
    left -= dx / scale;
    top -= dy / scale;
    look();
  });

  return {
    whole: () => anew(SMALLEST),
    opening: () => anew(readable),
    zoom(factor) {
      const { width, height } = size();
      zoomAt(factor, width / 2, height / 2);
    },
    reveal,
  };
}

/** Handles drags; a press that moves is not a click on the element below. */
function dragging(view: SVGSVGElement, moved: (dx: number, dy: number) => void): void {
  let from: { x: number; y: number } | undefined;
  let far = false;
  view.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    from = { x: event.clientX, y: event.clientY };
    far = false;
  });
  view.addEventListener('pointermove', event => {
    if (from === undefined) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!far && Math.hypot(dx, dy) < 5) return;
    if (!far) view.setPointerCapture(event.pointerId);
    far = true;
    from = { x: event.clientX, y: event.clientY };
    moved(dx, dy);
  });
  const done = () => {
    from = undefined;
  };
  view.addEventListener('pointerup', done);
  view.addEventListener('pointercancel', done);
  view.addEventListener('dragstart', event => event.preventDefault());
  view.addEventListener(
    'click',
    event => {
      if (!far) return;
      far = false;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
}
