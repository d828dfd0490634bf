/** 楼盘表: units × floors × rooms, each coloured by who is registered in it, with who has it and for how much. */
import { h } from './dom.ts'
import type { Building, Room } from './model.ts'
import { sumsFoot } from './room-sums.ts'
import { addressHash } from './route.ts'
import { count, rent, t, term } from './words.ts'

/** Text of mixed digits in the order people count: 2 before 10, and 地下 floors (-1) below 1. */
export function byNumber(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)]
  if (Number.isFinite(x) && Number.isFinite(y)) return x - y
  return a.localeCompare(b, 'zh-CN', { numeric: true })
}

/** The part of a room's number after its floor: the 02 of 502 and of 1102. It says which column the room stands in. */
export function column(room: Room): string {
  const digits = room.label.replace(/\D/g, '')
  return digits.length >= 3 ? digits.slice(-2) : room.label
}

export type Occupancy = 'enterprise' | 'lived_in' | 'empty' | 'withheld'

export function occupancyOf(room: Room): Occupancy {
  if (room.persons !== null && room.persons > 0) return 'lived_in'
  if (room.persons === null && room.enterprises === 0) return 'withheld'
  return room.enterprises > 0 ? 'enterprise' : 'empty'
}

export function roomTable(building: Building, caption: string): HTMLElement {
  const { rooms } = building
  const units = [...Map.groupBy(rooms, (room) => room.unit)].toSorted((a, b) => byNumber(a[0], b[0]))
  const columns = units.map(([unit, inside]) => [unit, [...new Set(inside.map(column))].toSorted(byNumber)] as const)
  const floors = [...Map.groupBy(rooms, (room) => room.floor)].toSorted((a, b) => byNumber(b[0], a[0]))
  const table = h(
    'table',
    { class: 'rooms' },
    h('caption', { class: 'sr-only' }, caption),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, t('floorHead')),
        columns.map(([unit, places]) => unitHead(unit, places.length)),
      ),
    ),
    h(
      'tbody',
      {},
      floors.map(([floor, here]) => floorRow(floor, here, columns)),
    ),
    columns.length > 1 && sumsFoot(building, columns.map(([unit, places]) => [unit, places.length] as const)),
  )
  return h('div', { class: 'rooms-scroll', tabindex: 0, role: 'region', 'aria-label': caption }, table)
}

export function unitName(unit: string): string {
  if (unit === '') return t('noUnit')
  return /^[\dA-Z]+$/i.test(unit) ? t('unit', { n: unit }) : unit
}

function unitHead(unit: string, span: number): HTMLElement {
  return h('th', { scope: 'colgroup', colspan: span, class: 'unit' }, unitName(unit))
}

function floorRow(floor: string, rooms: Room[], columns: (readonly [string, string[]])[]): HTMLElement {
  const cells = columns.flatMap(([unit, places]) =>
    places.map((place, i) => {
      const here = rooms.filter((room) => room.unit === unit && column(room) === place)
      return h('td', { class: i === 0 ? 'unit-start' : null }, here.map(roomLink))
    }),
  )
  return h('tr', {}, h('th', { scope: 'row' }, floor === '' ? t('noFloor') : floor), cells)
}

function roomLink(room: Room): HTMLElement {
  const occupancy = occupancyOf(room)
  const numbers = [
    room.persons !== null && room.persons > 0 && `${term('kindLong', 'person')} ${room.persons}`,
    room.enterprises > 0 && `${term('kindLong', 'enterprise')} ${room.enterprises}`,
  ].filter(Boolean)
  const inside = numbers.length > 0 ? numbers : [term('occupancy', occupancy)]
  const tenure = room.tenure === '' ? '' : term('tenure', room.tenure)
  const about = [...inside, tenure, rent(room.rentYuan)].filter(Boolean).join(' · ')
  return h(
    'a',
    { href: addressHash(room.aid), class: `room ${occupancy}`, title: about, 'aria-label': `${room.label}，${about}` },
    room.label,
    h('small', { 'aria-hidden': 'true' }, [room.persons || room.enterprises, tenure].filter(Boolean).join(' · ')),
    room.rentYuan !== null && h('small', { 'aria-hidden': 'true', class: 'rent' }, `¥${count(room.rentYuan)}`),
  )
}

/** What the colours and the figures of the table mean, and what it does not say. */
export function roomLegend({ rooms, total, sums }: Building): HTMLElement {
  const present = new Set(rooms.map(occupancyOf))
  const kinds: Occupancy[] = present.has('withheld')
    ? ['lived_in', 'enterprise', 'withheld']
    : ['lived_in', 'enterprise', 'empty']
  return h(
    'div',
    {},
    h(
      'ul',
      { class: 'room-legend' },
      kinds.map((kind) =>
        h('li', {}, h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), term('occupancy', kind)),
      ),
      rooms.some((room) => room.rentYuan !== null) && h('li', {}, t('rentNote')),
    ),
    sums.tenures === null && h('p', { class: 'note' }, t('tenureWithheld')),
    total > rooms.length && h('p', { class: 'note' }, t('roomsCut', { n: count(rooms.length) })),
  )
}
