/** Lists and exports of what is at a place, as the service spells them. */
import type { Geometry } from 'geojson'
import { file, get, Problem, send, type Query } from './api.ts'
import { fields, filled, number, records, text, type Fields } from './json.ts'
import type { ExportJob, Kind, Listed, ListPage } from './model.ts'
import { geometryOf, wellKnownText } from './outline.ts'
import type { Place } from './route.ts'
import { drawnView } from './wire-areas.ts'
import { pick, rent, t, term } from './words.ts'

/** The collection that lists each kind. */
export const COLLECTION_OF: Record<Kind, string> = {
  address: 'addresses',
  person: 'persons',
  house: 'houses',
  enterprise: 'enterprises',
  event: 'events',
  thing: 'things',
}
export const PAGE_ITEMS = 50
export const FORMATS = ['csv', 'xlsx', 'gpkg'] as const
export type Format = (typeof FORMATS)[number]

/** What the service reads of a filter. */
const LONGEST_FILTER = 8000

/** The filter that keeps to a place; null where none does: an outline with so many corners that nobody reads it. */
export function filterOf(place: Place): Query | null {
  if (place.kind === 'address') return { aid: place.aid }
  if (place.kind === 'area') return { area: place.code }
  if (place.within) return filterWithin(place.within)
  return place.outline.bufferM === null ? filterWithin(geometryOf(place.outline)) : null
}

function filterWithin(geometry: Geometry): Query | null {
  const area = wellKnownText(geometry)
  const filter = `S_INTERSECTS(geometry,${area})`
  return area !== null && filter.length <= LONGEST_FILTER ? { filter } : null
}

function asked(place: Place): Query {
  const filter = filterOf(place)
  if (filter === null) throw new Problem(t('listTooFine'), 0)
  return filter
}

export async function listPage(
  collection: string,
  place: Place,
  cursor: string | null,
  signal: AbortSignal,
): Promise<ListPage> {
  // How many there are is counted with the first page: asking again would be another read of persons on record.
  const query = { ...asked(place), limit: PAGE_ITEMS, ...(cursor === null ? { count: 'exact' } : { cursor }) }
  const body = fields(await get(`ogc/collections/${collection}/items`, query, signal))
  const next = records(body['links']).find((link) => link['rel'] === 'next')
  return {
    items: records(body['features']).map((feature) => listed(collection, fields(feature['properties']))),
    total: cursor === null ? number(body['numberMatched']) : null,
    next: next ? new URL(text(next['href']), document.baseURI).searchParams.get('cursor') : null,
  }
}

/** What a list is of: what was drawn with the outline its lists go by, and in words an area's name or an address's text. */
export async function placed<P extends Place>(place: P, signal: AbortSignal): Promise<{ place: P; name: string }> {
  if (place.kind === 'drawn') {
    const { outline } = place.outline.bufferM === null ? { outline: null } : await drawnView(place.outline, signal)
    return { place: outline ? { ...place, within: outline } : place, name: '' }
  }
  const path = place.kind === 'area' ? `areas/${encodeURIComponent(place.code)}` : `addresses/${place.aid}`
  const found = fields(fields(await get(path, {}, signal))['properties'])
  return { place, name: text(found['standard_text']) || text(found['name']) }
}

function listed(collection: string, of: Fields): Listed {
  const isAddress = collection === 'addresses'
  const aid = text(of['aid'])
  const name = text(of['standard_text'])
  return {
    title: TITLE[collection]?.(of) || name || aid,
    tag: isAddress ? term('addressKind', text(of['kind'])) : text(of['category']),
    facts: FACTS[collection]?.(of) ?? [],
    at: aid === '' ? null : { aid, kind: aid.charAt(0), name: name || aid },
  }
}

const TITLE: Record<string, (of: Fields) => string> = {
  addresses: (of) => text(of['standard_text']),
  persons: (of) => text(of['name']),
  houses: (of) => text(of['source_key']),
  enterprises: (of) => text(of['name']),
  events: (of) => text(of['title']),
  things: (of) => text(of['name']),
}

const role = (of: Fields): string => term('role', text(of['role']))

const FACTS: Record<string, (of: Fields) => string[]> = {
  addresses: (of) => filled(term('state', text(of['state']))),
  persons: (of) =>
    filled(
      term('sex', text(of['sex'])),
      of['birth_year'] ? pick(`${text(of['birth_year'])}年生`, `born ${text(of['birth_year'])}`) : '',
      text(of['identity']),
      role(of),
    ),
  houses: (of) =>
    filled(
      of['floor_area_m2'] ? `${text(of['floor_area_m2'])} m²` : '',
      text(of['occupancy']),
      rent(of['monthly_rent_yuan']),
    ),
  enterprises: (of) => filled(text(of['uscc']), text(of['status']), role(of)),
  events: (of) => filled(text(of['occurred_on']), text(of['status'])),
  things: (of) => filled(text(of['source_key']), text(of['installed_on'])),
}

// ---- exports

/** The whole list as a file, for what is written before anybody tires of waiting. */
export const exported = (collection: string, place: Place, format: Format): Promise<Blob> =>
  file(`exports/${collection}`, { ...asked(place), format })

/** Begins an export behind the page. */
export async function beginExport(collection: string, place: Place, format: Format): Promise<ExportJob> {
  return jobOf(await send('POST', `exports/${collection}`, { query: { ...asked(place), format } }))
}

export async function exportJob(id: string): Promise<ExportJob> {
  return jobOf(await get(`exports/jobs/${id}`))
}

export async function cancelExport(id: string): Promise<ExportJob> {
  return jobOf(await send('DELETE', `exports/jobs/${id}`))
}

function jobOf(body: unknown): ExportJob {
  const of = fields(body)
  const id = text(of['job_id'])
  const href = text(of['href'])
  return {
    id,
    state: text(of['state']) as ExportJob['state'],
    rows: number(of['rows']),
    expected: number(of['expected']),
    fault: pick(text(of['detail_zh']), text(of['detail'])),
    // Of the link only the signature is taken: behind a proxy the service may know itself by another name.
    link: href === '' ? '' : `exports/files/${id}${new URL(href).search}`,
  }
}
