/** Two small charts in plain SVG and HTML: months as columns, categories or roles as rows. */
import { h, svg } from './dom.ts'
import { count, t } from './words.ts'

interface MonthCount {
  month: string
  count: number
}

const WIDTH = 360
const HEIGHT = 84
const BASE = 66

/** Every month from the first to the last, the missing ones as zero: a gap must look like a gap. */
export function fillMonths(months: MonthCount[]): MonthCount[] {
  const first = months[0]
  const last = months.at(-1)
  if (!first || !last) return []
  const known = new Map(months.map((m) => [m.month, m.count]))
  const filled = []
  for (let at = monthNumber(first.month); at <= monthNumber(last.month); at += 1) {
    const month = `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
    filled.push({ month, count: known.get(month) ?? 0 })
  }
  return filled
}

function monthNumber(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1
}

/** Whether they span more than ten years: columns of single months would be too thin to see. */
export function tooManyMonths(months: MonthCount[]): boolean {
  return fillMonths(months).length > 120
}

/** Columns over time, by year where months are too many. */
export function monthBars(months: MonthCount[], label: string): SVGSVGElement {
  const all = fillMonths(months)
  const columns = tooManyMonths(months) ? byYear(all) : all
  const most = Math.max(1, ...columns.map((c) => c.count))
  const step = WIDTH / Math.max(columns.length, 6)
  const bars = columns.map((column, i) => bar(column, i * step, step, most))
  return svg(
    'svg',
    { class: 'month-bars', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
    svg('line', { x1: 0, x2: WIDTH, y1: BASE + 0.5, y2: BASE + 0.5, class: 'axis' }),
    bars,
    svg('text', { x: 0, y: HEIGHT - 3 }, columns[0]?.month ?? ''),
    columns.length > 1 &&
      svg(
        'text',
        { x: Math.min(WIDTH, columns.length * step), y: HEIGHT - 3, 'text-anchor': 'end' },
        columns.at(-1)?.month ?? '',
      ),
    svg('text', { x: WIDTH, y: 9, 'text-anchor': 'end', class: 'most' }, count(most)),
  )
}

function bar(column: MonthCount, x: number, step: number, most: number): SVGGElement {
  const height = column.count === 0 ? 0 : Math.max(1.5, (column.count / most) * (BASE - 14))
  const gap = Math.min(2, step * 0.2)
  const title = svg('title', {}, t('perMonth', { month: column.month, n: count(column.count) }))
  return svg(
    'g',
    {},
    svg('rect', { x, y: 0, width: step, height: BASE, class: 'reach' }),
    svg('rect', { x: x + gap / 2, y: BASE - height, width: step - gap, height, class: 'bar' }),
    title,
  )
}

function byYear(months: MonthCount[]): MonthCount[] {
  const years = new Map<string, number>()
  for (const { month, count: n } of months) years.set(month.slice(0, 4), (years.get(month.slice(0, 4)) ?? 0) + n)
  return [...years].map(([month, n]) => ({ month, count: n }))
}

/** Rows with a bar each, longest first. */
export function partBars(parts: { count: number | null; label: string }[]): HTMLElement {
  const rows = parts.toSorted((a, b) => (b.count ?? 0) - (a.count ?? 0))
  const most = Math.max(1, ...rows.map((r) => r.count ?? 0))
  return h(
    'ul',
    { class: 'part-bars' },
    rows.map((row) =>
      h(
        'li',
        {},
        h('span', { class: 'label' }, row.label),
        svg(
          'svg',
          { viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          svg('rect', { width: Math.max(0.6, ((row.count ?? 0) / most) * 100), height: 8, class: 'bar' }),
        ),
        h('span', { class: 'number' }, count(row.count)),
      ),
    ),
  )
}
