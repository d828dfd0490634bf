/** Which of the areas within an area are compared. */
import { h } from './dom.ts'
import type { ChildArea, Kind } from './model.ts'
import { compareHash } from './route.ts'
import { t } from './words.ts'

/** As many as the service sets side by side. */
const MOST_AREAS = 50

/** A list of boxes to tick, with a button that leads to the comparison; addresses are compared by their events. */
export function compareChooser(children: ChildArea[], kind: Kind): HTMLElement | null {
  if (children.length < 2) return null
  const boxes = children.map((area) => h('input', { type: 'checkbox', value: area.code }))
  const button = h('button', { type: 'button', class: 'primary', click: () => compare() })
  const chosen = (): string[] => boxes.filter((box) => box.checked).map((box) => box.value)
  const compare = (): void => {
    location.hash = compareHash(chosen(), kind === 'address' ? 'event' : kind, 'month')
  }
  const look = (): void => {
    const n = chosen().length
    button.textContent = t('compareChosen', { n })
    button.disabled = n < 2 || n > MOST_AREAS
  }
  const tick = (checked: boolean): void => {
    for (const box of boxes) box.checked = checked
    look()
  }
  look()
  return h(
    'details',
    { class: 'more compare-chooser' },
    h('summary', {}, t('compareParts')),
    h('p', { class: 'note' }, t('compareLimits', { most: MOST_AREAS })),
    h(
      'ul',
      { change: look },
      children.map((area, i) => h('li', {}, h('label', {}, boxes[i], h('span', {}, area.name)))),
    ),
    h(
      'p',
      { class: 'row' },
      button,
      h('button', { type: 'button', class: 'small', click: () => tick(true) }, t('chooseAll')),
      h('button', { type: 'button', class: 'small', click: () => tick(false) }, t('chooseNone')),
    ),
  )
}
