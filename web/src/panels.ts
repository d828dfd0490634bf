/** What the panels share: crumbs, tags, downloads. */
import { h, type Child } from './dom.ts'
import type { AreaRef } from './model.ts'
import { areaHash } from './route.ts'
import { t } from './words.ts'

/** Ancestors as links, the widest first. */
export function divisionCrumbs(ancestors: AreaRef[], tail: Child = null): HTMLElement {
  return h(
    'nav',
    { class: 'crumbs', 'aria-label': t('path') },
    h(
      'ol',
      {},
      ancestors.map((area) => h('li', {}, h('a', { href: areaHash(area.code) }, area.name))),
      tail,
    ),
  )
}

/** A select with its label; `onChange` gets what was chosen. */
export function chooser(
  label: string,
  options: (readonly [value: string, text: string])[],
  chosen: string,
  onChange: (value: string) => void,
): HTMLElement {
  const select = h(
    'select',
    { 'aria-label': label, change: () => onChange(select.value) },
    options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
  )
  return h('label', { class: 'chooser' }, h('span', {}, label), select)
}

/** Hands a file to the browser under a name. */
export function handOver(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob)
  const link = h('a', { href, download: name, hidden: true })
  document.body.append(link)
  link.click()
  link.remove()
  // The browser has to have begun to read it.
  window.setTimeout(() => URL.revokeObjectURL(href), 60_000)
}

/** A sentence about a fault, beside what it befell. */
export function complaint(text: string): HTMLElement {
  return h('p', { class: 'complaint', role: 'alert' }, text)
}
