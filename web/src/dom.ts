/** Building elements from data. Text always goes in as text: nothing here, or anywhere else, parses HTML. */

export type Child = Node | string | number | null | undefined | false | Child[]
type Listener = (event: Event) => void
export type Attributes = Record<string, string | number | boolean | Listener | null | undefined>

function apply(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name, value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
}

function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue
    if (Array.isArray(child)) append(element, child)
    else element.append(child instanceof Node ? child : String(child))
  }
}

/** An HTML element; functions among the attributes become listeners of that event. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  apply(element, attributes)
  append(element, children)
  return element
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  apply(element, attributes)
  append(element, children)
  return element
}

/** Calls `action` once, `wait` milliseconds after the last call. */
export function debounce<A extends unknown[]>(action: (...args: A) => void, wait: number): (...args: A) => void {
  let timer = 0
  return (...args) => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => action(...args), wait)
  }
}
