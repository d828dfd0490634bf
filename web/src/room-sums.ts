/** Sums of a 楼盘表: of all its rooms in a line, of each unit at the foot of its columns. */
import { h } from './dom.ts'
import type { Building, Count, RoomSums } from './model.ts'
import { count, t, term } from './words.ts'

type Measure = readonly [label: string, of: (sums: RoomSums) => Count]

/** What is counted: of tenures those that any room has. */
function measures({ tenures }: RoomSums): Measure[] {
  const held = Object.keys(tenures ?? {}).filter((tenure) => tenures?.[tenure])
  return [
    [t('allRooms'), (sums) => sums.rooms],
    [t('withPersons'), (sums) => sums.withPersons],
    [t('withEnterprises'), (sums) => sums.withEnterprises],
    ...held.map((tenure): Measure => [term('tenure', tenure), (sums) => sums.tenures?.[tenure] ?? 0]),
  ]
}

export function sumsLine(sums: RoomSums): HTMLElement {
  const sum = ([label, of]: Measure): HTMLElement => h('li', {}, `${label} `, h('b', {}, count(of(sums))))
  return h('ul', { class: 'room-sums', 'aria-label': t('ofWholeBuilding') }, measures(sums).map(sum))
}

/** A row for each measure; `columns` are the units in order, each with how many columns it spans. */
export function sumsFoot({ sums, unitSums }: Building, columns: (readonly [unit: string, span: number])[]): HTMLElement {
  const cell = (of: Measure[1], unit: string): string => {
    const inside = unitSums.get(unit)
    return inside ? count(of(inside)) : ''
  }
  const row = ([label, of]: Measure): HTMLElement =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, label),
      columns.map(([unit, span]) => h('td', { class: 'unit-start', colspan: span }, cell(of, unit))),
    )
  return h('tfoot', {}, measures(sums).map(row))
}
