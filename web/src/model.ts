/** What the page shows, apart from how the service spells it (wire.ts translates). */

import type { Geometry } from 'geojson'

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

/** Counts of one kind in an area; `months` are `YYYY-MM` in order. */
export interface KindCounts {
  kind: Kind
  total: Count
  notLocated: number
  categories: Part[]
  roles: Part[]
  months: { month: string; count: number }[]
}

/** Events of one month beside the month before and the same month a year before. */
export interface Comparison {
  month: string
  count: number
  previousMonth: number
  sameMonthLastYear: number
}

export interface AreaView {
  area: AreaRef
  ancestors: AreaRef[]
  kinds: KindCounts[]
  comparison: Comparison | null
  outline: Geometry | null
}

/** A child area as a map feature's properties: one number for each kind. */
export type ChildArea = AreaRef & Record<Kind, Count>

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

export interface Room {
  aid: string
  label: string
  unit: string
  floor: string
  persons: Count
  enterprises: number
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
  rooms: Room[]
  roomTotal: number
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
