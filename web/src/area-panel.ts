/** The side panel of an area: its counts by kind, category and month, and the areas within it. */
import { monthBars, partBars, tooManyMonths } from './bars.ts'
import { h, type Child } from './dom.ts'
import {
  KINDS,
  type AreaRef,
  type AreaView,
  type ChildArea,
  type Comparison,
  type Count,
  type Kind,
  type KindCounts,
} from './model.ts'
import { areaHash } from './route.ts'
import { count, t, term } from './words.ts'

const NOTHING = { total: 0, notLocated: 0, categories: [], roles: [], months: [] }
const CATEGORIES_SHOWN = 12

/** The panel; `kind` is the tile that is open, `onKind` is called when another one is chosen. */
export function areaPanel(
  view: AreaView,
  children: ChildArea[],
  kind: Kind,
  onKind: (kind: Kind) => void,
): HTMLElement {
  return h(
    'article',
    { class: 'panel-body' },
    divisionCrumbs(view.ancestors),
    h('header', { class: 'heading' }, h('h2', { tabindex: -1 }, view.area.name), levelTag(view.area)),
    h('p', { class: 'code-line' }, h('span', { class: 'code' }, view.area.code)),
    countTabs(view, kind, onKind),
    childList(children, kind, totalOf(view.kinds.find((k) => k.kind === kind))),
  )
}

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

function levelTag(area: AreaRef): HTMLElement {
  return h('span', { class: 'tag' }, term('level', area.level))
}

function countTabs(view: AreaView, chosen: Kind, onKind: (kind: Kind) => void): HTMLElement {
  const counts = new Map(view.kinds.map((k) => [k.kind, k]))
  const body = h('div', {
    id: 'kind-counts',
    role: 'tabpanel',
    'aria-labelledby': `tab-${chosen}`,
    class: 'kind-counts',
  })
  body.append(
    ...kindDetail(counts.get(chosen) ?? { kind: chosen, ...NOTHING }, chosen === 'event' ? view.comparison : null),
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

function kindDetail(counts: KindCounts, comparison: Comparison | null): HTMLElement[] {
  const name = term('kindLong', counts.kind)
  const parts: HTMLElement[] = []
  if (counts.notLocated > 0) parts.push(h('p', { class: 'note' }, t('notLocated', { n: count(counts.notLocated) })))
  if (counts.roles.length > 1) parts.push(h('p', { class: 'note' }, t('countsLinks')))
  parts.push(...partsSection(counts))
  if (counts.months.length > 0) {
    const title = tooManyMonths(counts.months) ? t('byYear') : t('byMonth')
    parts.push(h('h3', {}, title), h('div', {}, monthBars(counts.months, `${name} ${title}`)))
    if (comparison) parts.push(h('p', { class: 'note' }, compared(comparison)))
  }
  if (parts.length === 0) parts.push(h('p', { class: 'note' }, t('nothingHere')))
  return parts
}

function compared(of: Comparison): string {
  return t('monthCompared', {
    month: of.month,
    n: count(of.count),
    before: count(of.previousMonth),
    lastYear: count(of.sameMonthLastYear),
  })
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

function childList(children: ChildArea[], kind: Kind, total: Count): HTMLElement | null {
  if (children.length === 0) return null
  const rest = remainder(children, kind, total)
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
  )
}

/** What reaches this area but none of its parts, so that the numbers add up; unknown, so 0, where any is withheld. */
function remainder(children: ChildArea[], kind: Kind, total: Count): number {
  const parts = children.map((area) => area[kind])
  if (total === null || parts.includes(null)) return 0
  return total - parts.reduce((sum: number, part) => sum + (part ?? 0), 0)
}
