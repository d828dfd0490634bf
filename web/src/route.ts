/** Where the page is, held in the URL's hash, so that back, forward and a bookmark work. No part of it is sent. */
import type { Geometry } from 'geojson'
import { printOutline, readOutline, type Outline } from './outline.ts'

/**
 * What can be looked at: an area, an address, or what somebody drew. `within` is what its lists go by where the points do
 * not: of a line with a width.
 */
export type Place =
  | { kind: 'area'; code: string }
  | { kind: 'address'; aid: string }
  | { kind: 'drawn'; outline: Outline; within?: Geometry }

/** A place; areas side by side; or what is at a place, as a list of one collection. */
export type Route =
  | Place
  | { kind: 'compare'; codes: string[]; of: string; by: string }
  | { kind: 'list'; collection: string; place: Place }

/**
 * The route a hash names, or null: `#area=330109001000`, `#address=B7K3M9QXW2HF`, `#drawn=120.26,30.18;120.27,30.19&buffer=50`,
 * `#compare=330109001000,330109002000&of=event&by=month`, `#list=enterprises&area=330109001000`.
 */
export function parseRoute(hash: string): Route | null {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  const codes = (parts.get('compare') ?? '').split(',').filter((code) => code !== '')
  if (codes.length > 0)
    return { kind: 'compare', codes: codes.map(padCode), of: parts.get('of') ?? 'event', by: parts.get('by') ?? 'month' }
  const place = placeOf(parts)
  const collection = parts.get('list')
  return place && collection ? { kind: 'list', collection, place } : place
}

function placeOf(parts: URLSearchParams): Place | null {
  const aid = parts.get('address')
  if (aid) return { kind: 'address', aid: cleanAid(aid) }
  const outline = readOutline(parts.get('drawn') ?? '', parts.get('buffer'))
  if (outline) return { kind: 'drawn', outline }
  const code = parts.get('area')
  return code ? { kind: 'area', code: padCode(code) } : null
}

export const areaHash = (code: string): string => `#area=${encodeURIComponent(code)}`
export const addressHash = (aid: string): string => `#address=${encodeURIComponent(aid)}`
export const drawnHash = (outline: Outline): string => `#${printOutline(outline)}`

export const compareHash = (codes: string[], of: string, by: string): string =>
  `#compare=${codes.map(encodeURIComponent).join(',')}&of=${of}&by=${by}`

export const listHash = (collection: string, place: Place): string =>
  `#list=${collection}&${placeHash(place).replace(/^#/, '')}`

export function placeHash(place: Place): string {
  if (place.kind === 'drawn') return drawnHash(place.outline)
  return place.kind === 'area' ? areaHash(place.code) : addressHash(place.aid)
}

/** A division code with the zeros people leave out. */
export function padCode(code: string): string {
  return /^\d{1,12}$/.test(code) ? code.padEnd(12, '0') : code
}

/** The county that a division code lies in, the code itself when it is a county or wider. */
export function baseOf(code: string): string {
  return /^\d{12}$/.test(code) ? padCode(code.slice(0, 6)) : code
}

/** An identity code as typed: capitals, no spaces or hyphens, and the four look-alikes put right (DESIGN section 3). */
export function cleanAid(text: string): string {
  const alike: Record<string, string> = { O: '0', I: '1', S: '5', Z: '2' }
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-‐-―]/g, '')
    .replace(/[OISZ]/g, (letter) => alike[letter] ?? letter)
}

/** Whether a typed text can only be meant as an identity code. */
export function looksLikeAid(text: string): boolean {
  return /^[RCDBEFHP][0-9A-HJ-NP-RTUWXY]{11}$/.test(cleanAid(text))
}

/** B7K3M9QXW2HF printed as people read it: B7K3-M9QX-W2HF. */
export function printAid(aid: string): string {
  return aid.replace(/(.{4})(?=.)/g, '$1-')
}
