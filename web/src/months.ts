/** Counts over the months: columns, the newest month in a sentence, and all of them as a table. */
import { monthBars, tooManyMonths } from './bars.ts'
import { h } from './dom.ts'
import type { KindCounts, Month } from './model.ts'
import { change, count, t, term } from './words.ts'

/** Nothing where there are no months. */
export function monthSection(counts: KindCounts): HTMLElement[] {
  const newest = counts.months.at(-1)
  if (!newest) return []
  const title = tooManyMonths(counts.months) ? t('byYear') : t('byMonth')
  const label = `${term('kindLong', counts.kind)} ${title}`
  return [
    h('h3', {}, title),
    h('div', {}, monthBars(counts.months, label)),
    h('p', { class: 'note compared' }, compared(newest)),
    h(
      'details',
      { class: 'more' },
      h('summary', {}, t('months', { n: counts.months.length })),
      h('div', { class: 'scroll' }, monthTable(counts.months)),
    ),
  ]
}

function compared(of: Month): string {
  return t('monthCompared', {
    month: of.month,
    n: count(of.count),
    before: change(of.monthOnMonth),
    lastYear: change(of.yearOnYear),
  })
}

function monthTable(months: Month[]): HTMLElement {
  const heads = [t('month'), t('number'), t('per10000'), t('monthOnMonth'), t('yearOnYear')]
  const row = (of: Month): HTMLElement =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, of.month),
      [count(of.count), count(of.rate), change(of.monthOnMonth), change(of.yearOnYear)].map((cell) =>
        h('td', {}, cell),
      ),
    )
  return h(
    'table',
    { class: 'figures' },
    h('thead', {}, h('tr', {}, heads.map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', {}, months.toReversed().map(row)),
  )
}
