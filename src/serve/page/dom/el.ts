/**
 * Creates elements without markup: text is set as text, so that an agent's output can never become an element. Computed
 * styles go through `style.setProperty`, because the page's policy forbids style attributes.
 */

export type Value = string | number | boolean | undefined | ((event: Event) => void);
export type Props = Readonly<Record<string, Value>>;
export type Child = Node | string;

/** An HTML element. A function becomes an event listener; `true` and `false` set and remove an attribute. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  dress(node, props, children);
  return node;
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  dress(node, props, children);
  return node;
}

/** Sets an attribute if it differs; `undefined` and `false` remove it. */
export function attr(
  node: Element | undefined,
  name: string,
  value: string | number | boolean | undefined,
): void {
  if (node === undefined) return;
  const wanted = value === undefined || value === false ? null : value === true ? '' : String(value);
  if (node.getAttribute(name) === wanted) return;
  if (wanted === null) node.removeAttribute(name);
  else node.setAttribute(name, wanted);
}

/** Sets the text of an element that contains only text, if it differs. */
export function text(node: Element, words: string): void {
  const child = node.firstChild;
  if (child instanceof Text) {
    if (child.data !== words) child.data = words;
  } else if (words !== '') node.textContent = words;
}

/** Shows or hides an element. */
export function visible(node: Element, shown: boolean): void {
  attr(node, 'hidden', !shown);
}

function dress(node: Element, props: Props, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else attr(node, name, value);
  }
  node.append(...children);
}
