/** Scrolls as little as is needed to see it; at once where little motion is wanted. */
export function bringIntoView(node: Element): void {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  node.scrollIntoView({ block: 'nearest', behavior: isStill ? 'instant' : 'smooth' });
}
