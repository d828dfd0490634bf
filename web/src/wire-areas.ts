/** The service's answers about areas as it spells them, turned into what the page shows. */
import type { Feature, Geometry } from 'geojson'
import { get, roleOfSession, send, type Query } from './api.ts'
import { boxOf, type Box } from './geometry.ts'
import { countOf, fields, list, number, records, text, type Fields } from './json.ts'
import { KINDS, type AreaRow, type AreaTable, type AreaView, type ChildArea, type Count, type Kind } from './model.ts'
import type { KindCounts, Month, Part } from './model.ts'
import { geometryOf, type Outline } from './outline.ts'
import { asArea } from './wire.ts'

/** Shown first until the hash says otherwise: the sample district. */
export const FIRST_AREA = '330109000000'

export async function areaView(code: string, signal?: AbortSignal): Promise<AreaView> {
  const path = `areas/${encodeURIComponent(code)}`
  const [view, record] = (await Promise.all([get(`${path}/view`, {}, signal), get(path, {}, signal)])).map(fields)
  const shown = viewOf(view ?? {})
  const box = shown.box ?? (await boxOfParts(path, signal))
  return { ...shown, box, outline: (record?.['geometry'] ?? null) as Geometry | null }
}

/** The same of what somebody drew. */
export async function drawnView(outline: Outline, signal?: AbortSignal): Promise<AreaView> {
  const body = { geometry: geometryOf(outline), ...(outline.bufferM === null ? {} : { buffer_m: outline.bufferM }) }
  return viewOf(fields(await send('POST', 'areas/view', { body, ...(signal ? { signal } : {}) })))
}

function viewOf(view: Fields): AreaView {
  const area = fields(view['area'])
  const addresses = fields(view['addresses'])
  const elements = fields(view['elements'])
  return {
    area: asArea(area),
    isDivision: area['kind'] === 'division',
    ancestors: records(area['ancestors']).map(asArea),
    residents: countOf(view['residents']),
    kinds: KINDS.map((kind) =>
      kind === 'address'
        ? kindCounts(kind, { ...addresses, categories: addresses['kinds'], per_10000: null })
        : kindCounts(kind, fields(elements[kind])),
    ),
    children: records(view['children']).map(childArea),
    inNoChild: view['in_no_child'] ? byKind((kind) => fields(view['in_no_child'])[kind]) : null,
    box: asBox(area['bbox']),
    outline: (area['outline'] ?? null) as Geometry | null,
    sizeM2: number(area['area_m2']),
  }
}

function asBox(value: unknown): Box | null {
  const [west, south, east, north] = list(value).map(number)
  return north === undefined ? null : [west ?? 0, south ?? 0, east ?? 0, north]
}

/** Of an area without an outline of its own. */
async function boxOfParts(path: string, signal?: AbortSignal): Promise<Box | null> {
  const parts = fields(await get(`${path}/children`, {}, signal))
  return boxOf(records(parts['features']).filter((part) => part['geometry']) as unknown as Feature[])
}

function kindCounts(kind: Kind, of: Fields): KindCounts {
  return {
    kind,
    total: countOf(of['total']),
    rate: rateOf(of['per_10000']),
    notLocated: number(of['unplaced']),
    categories: partsOf(of['categories']),
    roles: partsOf(of['roles']),
    months: records(of['months']).map(monthOf),
  }
}

/** A number, or null where there is none to tell. */
const rateOf = (value: unknown): Count => (typeof value === 'number' ? value : null)

const partsOf = (of: unknown): Part[] => Object.entries(fields(of)).map(([name, n]) => ({ name, count: countOf(n) }))

function monthOf(of: Fields): Month {
  return {
    month: text(of['month']),
    count: number(of['count']),
    rate: rateOf(of['per_10000']),
    monthOnMonth: rateOf(of['month_on_month']),
    yearOnYear: rateOf(of['year_on_year']),
  }
}

function childArea(of: Fields): ChildArea {
  const counts = fields(of['counts'])
  return { ...asArea(of), ...byKind((kind) => fields(counts[kind])['total']) }
}

const byKind = (value: (kind: Kind) => unknown): Record<Kind, Count> =>
  Object.fromEntries(KINDS.map((kind) => [kind, countOf(value(kind))])) as Record<Kind, Count>

/** What a comparison asks, as the service spells it: for its answer as a table, and as a file. */
export const comparisonQuery = (codes: string[], kind: string, by: string): Query => ({
  codes: codes.join(','),
  kind,
  by,
})

export async function comparison(codes: string[], kind: string, by: string, signal: AbortSignal): Promise<AreaTable> {
  const body = fields(await get('areas/compare', comparisonQuery(codes, kind, by), signal))
  return { columns: list(body['columns']).map(text), rows: records(body['rows']).map(rowOf) }
}

function rowOf(of: Fields): AreaRow {
  const values = Object.entries(fields(of['values'])).map(([name, n]): [string, Count] => [name, rateOf(n)])
  return {
    rank: rateOf(of['rank']),
    area: asArea(of),
    residents: rateOf(of['residents']),
    total: rateOf(of['total']),
    rate: rateOf(of['per_10000']),
    values: Object.fromEntries(values),
  }
}

/** What this key may be shown: the layers of tiles, and the collections that can be listed. */
export interface Allowed {
  layers: string[]
  collections: string[]
}

/** Asked for once a session; a key that may list nothing is not let ask for lists. */
export async function allowed(): Promise<Allowed> {
  const [role, tiles] = await Promise.all([roleOfSession(), get('ogc/tiles/WebMercatorQuad', { f: 'tilejson' })])
  const layers = records(fields(tiles)['vector_layers']).map((layer) => text(layer['id']))
  if (role === 'public') return { layers, collections: [] }
  const found = records(fields(await get('ogc/collections'))['collections'])
  return { layers, collections: found.map((collection) => text(collection['id'])) }
}
