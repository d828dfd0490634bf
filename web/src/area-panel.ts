/** The side panel of an area: its counts by kind, category and month, and the areas within it. */
import { partBars } from './bars.ts'
import { compareChooser } from './compare-chooser.ts'
import { h, type Child } from './dom.ts'
import { KINDS, type AreaRef, type AreaView, type ChildArea, type Count, type Kind, type KindCounts } from './model.ts'
import { monthSection } from './months.ts'
import { divisionCrumbs } from './panels.ts'
import { areaHash } from './route.ts'
import { count, t, term } from './words.ts'

const CATEGORIES_SHOWN = 12

export interface AreaPanelParts {
  /** The tile that is open. */
  kind: Kind
  onKind(kind: Kind): void
  /** Where the kind is listed; null where this key may not list it. */
  listHash(kind: Kind): string | null
}

export function areaPanel(view: AreaView, parts: AreaPanelParts): HTMLElement {
  const { kind } = parts
  return h(
    'article',
    { class: 'panel-body' },
    divisionCrumbs(view.ancestors),
    h('header', { class: 'heading' }, h('h2', { tabindex: -1 }, view.area.name), levelTag(view.area)),
    h('p', { class: 'code-line' }, h('span', { class: 'code' }, view.area.code)),
    countTabs(view, parts),
    childList(view.children, kind, view.inNoChild?.[kind] ?? 0),
  )
}

function levelTag(area: AreaRef): HTMLElement {
  return h('span', { class: 'tag' }, term('level', area.level))
}

/** A tab for each kind, and below them what is told of the one that is open. */
export function countTabs(view: AreaView, { kind: chosen, onKind, listHash }: AreaPanelParts): HTMLElement {
  const counts = new Map(view.kinds.map((k) => [k.kind, k]))
  const open = counts.get(chosen)
  const list = listHash(chosen)
  const body = h(
    'div',
    { id: 'kind-counts', role: 'tabpanel', 'aria-labelledby': `tab-${chosen}`, class: 'kind-counts' },
    open && kindDetail(open),
    list && h('p', {}, h('a', { href: list, class: 'to-list' }, t('openList', { kind: term('kindLong', chosen) }))),
  )
  const tabs = KINDS.map((kind) => kindTab(kind, totalOf(counts.get(kind)), kind === chosen, onKind))
  return h(
    'section',
    { 'aria-label': t('counts') },
    h('div', { class: 'tiles', role: 'tablist', keydown: moveBetweenTabs }, tabs),
    body,
  )
}

/** None counted is zero; withheld is not. */
const totalOf = (counts: KindCounts | undefined): Count => (counts ? counts.total : 0)

function kindTab(kind: Kind, total: Count, selected: boolean, onKind: (kind: Kind) => void): HTMLElement {
  return h(
    'button',
    {
      type: 'button',
      id: `tab-${kind}`,
      class: 'tile',
      role: 'tab',
      'aria-selected': selected ? 'true' : 'false',
      'aria-controls': 'kind-counts',
      tabindex: selected ? 0 : -1,
      click: () => onKind(kind),
    },
    h('span', { class: 'tile-name' }, term('kindLong', kind)),
    h('span', { class: 'tile-number' }, count(total)),
  )
}

function moveBetweenTabs(event: Event): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[(event as KeyboardEvent).key]
  const tab = event.target
  if (!step || !(tab instanceof HTMLElement)) return
  const tabs = [...(tab.parentElement?.children ?? [])] as HTMLElement[]
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]
  const id = next?.id
  next?.click()
  if (id) document.getElementById(id)?.focus()
}

function kindDetail(counts: KindCounts): HTMLElement[] {
  const parts: HTMLElement[] = []
  // Of people there is no rate to tell: residents are people.
  if (counts.rate !== null && counts.kind !== 'person')
    parts.push(h('p', { class: 'note rate' }, t('rate', { n: count(counts.rate) })))
  if (counts.notLocated > 0) parts.push(h('p', { class: 'note' }, t('notLocated', { n: count(counts.notLocated) })))
  if (counts.roles.length > 1) parts.push(h('p', { class: 'note' }, t('countsLinks')))
  parts.push(...partsSection(counts), ...monthSection(counts))
  if (parts.length === 0) parts.push(h('p', { class: 'note' }, t('nothingHere')))
  return parts
}

/** By category; by role where the elements of a kind have no category, as persons. */
function partsSection(counts: KindCounts): HTMLElement[] {
  const byRole = counts.categories.every((part) => part.name === '')
  const table = byRole ? 'role' : counts.kind === 'address' ? 'addressKind' : 'category'
  const rows = (byRole ? counts.roles : counts.categories)
    .filter((part) => part.count !== 0)
    .toSorted((a, b) => (b.count ?? 0) - (a.count ?? 0))
    .map((part) => ({ label: part.name === '' ? t('noCategory') : term(table, part.name), count: part.count }))
  if (rows.length === 0) return []
  const rest = rows.length - CATEGORIES_SHOWN
  const heading = h('h3', {}, byRole ? t('byRole') : t('byCategory'))
  if (rest <= 1) return [heading, partBars(rows)]
  const more = h(
    'details',
    { class: 'more' },
    h('summary', {}, t('more', { n: rest })),
    partBars(rows.slice(CATEGORIES_SHOWN)),
  )
  return [heading, partBars(rows.slice(0, CATEGORIES_SHOWN)), more]
}

/** `rest` is what reaches this area but none of its parts, so that the numbers add up; 0 where it is withheld. */
function childList(children: ChildArea[], kind: Kind, rest: number): Child {
  if (children.length === 0) return null
  const rows = children.toSorted((a, b) => (b[kind] ?? 0) - (a[kind] ?? 0) || a.code.localeCompare(b.code))
  return h(
    'section',
    {},
    h('h3', {}, t('childAreas'), h('span', { class: 'quiet' }, ` ${rows.length} · ${term('kindLong', kind)}`)),
    h(
      'ul',
      { class: 'area-list' },
      rows.map((area) =>
        h(
          'li',
          {},
          h(
            'a',
            { href: areaHash(area.code) },
            h('span', {}, area.name),
            h('span', { class: 'number' }, count(area[kind])),
          ),
        ),
      ),
    ),
    rest > 0 && h('p', { class: 'note rest' }, t('notInParts', { n: count(rest) })),
    compareChooser(children, kind),
  )
}
