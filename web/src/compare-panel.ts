/** Areas side by side: a table that is sorted by whichever column is clicked, and the same as a file. */
import { h } from './dom.ts'
import { KINDS, type AreaRow, type AreaTable, type Count } from './model.ts'
import { chooser } from './panels.ts'
import { areaHash, compareHash, type Route } from './route.ts'
import { count, t, term } from './words.ts'

export type Compared = Extract<Route, { kind: 'compare' }>

interface Column {
  head: string
  value(row: AreaRow): Count | string
}

const WAYS = ['month', 'category', 'role']

/** The panel; `download` hands over the table as a file. */
export function comparePanel(asked: Compared, table: AreaTable, download: () => Promise<void>): HTMLElement {
  // Both may be chosen before the next table is there.
  const chosen = { of: asked.of, by: asked.by }
  const go = (change: Partial<typeof chosen>): void => {
    Object.assign(chosen, change)
    location.hash = compareHash(asked.codes, chosen.of, chosen.by)
  }
  const kinds = KINDS.filter((kind) => kind !== 'address').map((kind) => [kind, term('kindLong', kind)] as const)
  const ways = WAYS.map((by) => [by, term('by', by)] as const)
  return h(
    'article',
    { class: 'panel-body' },
    h('header', { class: 'heading' }, h('h2', { tabindex: -1 }, t('comparison'))),
    h(
      'div',
      { class: 'row choosers' },
      chooser(t('compareKind'), kinds, asked.of, (of) => go({ of })),
      chooser(t('compareBy'), ways, asked.by, (by) => go({ by })),
      h('button', { type: 'button', class: 'primary', click: () => void download() }, t('downloadCsv')),
    ),
    h('p', { class: 'note' }, t('sortHint')),
    h('div', { class: 'scroll' }, sortable(columnsOf(asked, table), table.rows)),
  )
}

function columnsOf(asked: Compared, table: AreaTable): Column[] {
  const named = (value: string): string =>
    asked.by === 'month' ? value : asked.by === 'role' ? term('role', value) : value || t('noCategory')
  return [
    { head: t('rank'), value: (row) => row.rank },
    { head: t('areaName'), value: (row) => row.area.name },
    { head: t('total'), value: (row) => row.total },
    { head: t('per10000'), value: (row) => row.rate },
    { head: t('residents'), value: (row) => row.residents },
    ...table.columns.map((column) => ({
      head: named(column),
      value: (row: AreaRow): Count => row.values[column] ?? null,
    })),
  ]
}

/** A click on a head sorts by it, largest or last first; another click the other way round. */
function sortable(columns: Column[], rows: AreaRow[]): HTMLElement {
  const body = h('tbody')
  let sorted = 0
  let down = false
  const heads = columns.map((column, i) =>
    h('th', { scope: 'col' }, h('button', { type: 'button', click: () => sortBy(i) }, column.head)),
  )
  const sortBy = (i: number): void => {
    down = i === sorted ? !down : typeof columns[i]?.value(rows[0] as AreaRow) !== 'string'
    sorted = i
    show()
  }
  const show = (): void => {
    heads.forEach((head, i) =>
      head.setAttribute('aria-sort', i !== sorted ? 'none' : down ? 'descending' : 'ascending'),
    )
    const value = (columns[sorted] as Column).value
    body.replaceChildren(
      ...rows.toSorted((a, b) => inOrder(value(a), value(b), down)).map((row) => rowOf(columns, row)),
    )
  }
  show()
  return h('table', { class: 'figures compared-areas' }, h('thead', {}, h('tr', {}, heads)), body)
}

/** What is withheld comes last either way: nobody knows how much it is. */
function inOrder(a: Count | string, b: Count | string, down: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'string' ? a.localeCompare(String(b), 'zh-CN') : a - Number(b)
  return down ? -order : order
}

function rowOf(columns: Column[], row: AreaRow): HTMLElement {
  const cells = columns.map(({ value }) => value(row))
  return h(
    'tr',
    {},
    cells.map((cell) =>
      typeof cell === 'string'
        ? h('th', { scope: 'row' }, h('a', { href: areaHash(row.area.code) }, cell))
        : h('td', {}, count(cell)),
    ),
  )
}
