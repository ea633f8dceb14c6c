/**
 * Elements without markup: text is set as text, so that what an agent said can never become an element. Styles that
 * are computed go through `style.setProperty`; the page's policy refuses style attributes.
 */

export type Value = string | number | boolean | undefined | ((event: Event) => void);
export type Props = Readonly<Record<string, Value>>;
export type Child = Node | string;

/** An HTML element. A function listens to the event of its name; `true` and `false` set and unset an attribute. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  dress(node, props, children);
  return node;
}

/** The same of SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  dress(node, props, children);
  return node;
}

/** Sets an attribute if that changes anything; `undefined` and `false` take it away. */
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

/** Sets the text of an element that holds nothing else, if that changes anything. */
export function text(node: Element, words: string): void {
  const child = node.firstChild;
  if (child instanceof Text) {
    if (child.data !== words) child.data = words;
  } else if (words !== '') node.textContent = words;
}

/** Shows it, or takes it out of sight and reach. */
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
