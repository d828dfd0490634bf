/** What the page shows, apart from how the service spells it (wire.ts translates). */

import type { Geometry } from 'geojson'
import type { Box } from './geometry.ts'

export const KINDS = ['address', 'person', 'house', 'enterprise', 'event', 'thing'] as const
export type Kind = (typeof KINDS)[number]

export interface AreaRef {
  code: string
  name: string
  level: string
}

/** Null where the service withholds a small count of persons. */
export type Count = number | null

export interface Part {
  name: string
  count: Count
}

/** A month beside the month before and the same month a year before; changes as shares, null from nothing. */
export interface Month {
  month: string
  count: number
  rate: Count
  monthOnMonth: Count
  yearOnYear: Count
}

/** Counts of one kind in an area; `rate` is for every 10,000 residents, `months` are in order. */
export interface KindCounts {
  kind: Kind
  total: Count
  rate: Count
  notLocated: number
  categories: Part[]
  roles: Part[]
  months: Month[]
}

/** `isDivision` is false for a grid cell, a custom area and what was drawn; `sizeM2` is told of what was drawn. */
export interface AreaView {
  area: AreaRef
  isDivision: boolean
  ancestors: AreaRef[]
  residents: Count
  kinds: KindCounts[]
  children: ChildArea[]
  /** What a division counts itself and no division in it does; null of other areas. */
  inNoChild: Record<Kind, Count> | null
  box: Box | null
  outline: Geometry | null
  sizeM2: number
}

/** A part of an area: one number for each kind. */
export type ChildArea = AreaRef & Record<Kind, Count>

/** Areas side by side: `columns` are the months, categories or roles that any of them has. */
export interface AreaTable {
  columns: string[]
  rows: AreaRow[]
}

export interface AreaRow {
  rank: Count
  area: AreaRef
  residents: Count
  total: Count
  rate: Count
  values: Record<string, Count>
}

/** An item of a list; `at` is where it is, or the item itself where that is an address. */
export interface Listed {
  title: string
  tag: string
  facts: string[]
  at: AddressRef | null
}

/** A page of a list; `next` leads on, and is null on the last page; `total` is told with the first one. */
export interface ListPage {
  items: Listed[]
  total: number | null
  next: string | null
}

/** An export behind the page; `link` is there once the file is. */
export interface ExportJob {
  id: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'expired'
  rows: number
  expected: number
  fault: string
  link: string
}

export interface AddressRef {
  aid: string
  kind: string
  name: string
}

export interface Reason {
  zh: string
  en: string
}

/** One element linked to the address, or to one below it. */
export interface Item {
  title: string
  facts: string[]
  category: string
  at: AddressRef | null
  match: string
  received: string
  source: string
  reasons: Reason[]
}

/** Elements of one kind and role; `listed` is false where this key sees how many there are, but not which. */
export interface Group {
  kind: Kind
  role: string
  total: Count
  listed: boolean
  items: Item[]
}

export interface Moment {
  date: string
  text: string
  at: AddressRef | null
}

/** `tenure` is empty and `rentYuan` null where no house record says it, or this key sees no house records. */
export interface Room {
  aid: string
  label: string
  unit: string
  floor: string
  persons: Count
  enterprises: number
  tenure: string
  rentYuan: number | null
}

/** Rooms by what is in them and by tenure; null where this key may not see it. */
export interface RoomSums {
  rooms: number
  withPersons: Count
  withEnterprises: number
  tenures: Record<string, number> | null
}

/** 楼盘表; `total` counts rooms that are not among `rooms` too, `sums` and `unitSums` only those. */
export interface Building {
  rooms: Room[]
  total: number
  sums: RoomSums
  unitSums: Map<string, RoomSums>
}

/** What does not fit together on the record of an address. The words are the service's. */
export interface Flag {
  name: string
  zh: string
  en: string
  at: AddressRef
}

/** `total` is null where this key is told of none, whether there are any or not. */
export interface Flags {
  total: Count
  items: Flag[]
}

export interface AddressView {
  aid: string
  kind: string
  state: string
  text: string
  aliases: string[]
  point: [lon: number, lat: number] | null
  coordinateLevel: string
  divisions: AreaRef[]
  ancestors: AddressRef[]
  road: AddressRef | null
  plates: AddressRef[]
  plateTotal: number
  childTotal: number
  children: AddressRef[]
  groups: Group[]
  timeline: Moment[]
  building: Building | null
  flags: Flags
}

/** What a text may mean; `code` is an AID, or the code of a division or area; empty where there is nothing to open. */
export interface Suggestion {
  kind: 'address' | 'division' | 'area' | 'enterprise'
  part: string
  text: string
  code: string
  division: string
  /** What tells it from others of its name. */
  note: string
}
