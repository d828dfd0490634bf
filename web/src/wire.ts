/** The service's answers about addresses as it spells them, turned into what the page shows. Areas: wire-areas.ts. */
import { get } from './api.ts'
import { countOf, fields, filled, list, number, records, text, type Fields } from './json.ts'
import {
  KINDS,
  type AddressRef,
  type AddressView,
  type AreaRef,
  type Building,
  type Flag,
  type Group,
  type Item,
  type Kind,
  type Moment,
  type RoomSums,
  type Suggestion,
} from './model.ts'
import { pick, rent, t, term } from './words.ts'

const RESULTS = 20

export const asArea = (of: Fields): AreaRef => ({
  code: text(of['code']),
  name: text(of['name']),
  level: text(of['level']),
})

const asAddress = (of: Fields): AddressRef => ({
  aid: text(of['aid']),
  kind: text(of['kind']),
  name: text(of['name']) || text(of['plate_no']) || text(of['standard_text']),
})

export async function suggestions(q: string, signal: AbortSignal): Promise<Suggestion[]> {
  const body = fields(await get('search', { q, limit: RESULTS }, signal))
  return records(body['suggestions']).map(suggestionOf)
}

function suggestionOf(of: Fields): Suggestion {
  const kind = text(of['kind']) as Suggestion['kind']
  return {
    kind,
    part: text(of['part']),
    text: text(of['text']),
    code: text(of['code']),
    division: text(of['division_code']),
    note: of['distance_m'] === null ? noteOf(kind, of) : t('metres', { n: number(of['distance_m']) }),
  }
}

/** An address by its code, what of the text is not found there, and the other name it was met by; an enterprise by where it is, a division by what it is in. */
function noteOf(kind: Suggestion['kind'], of: Fields): string {
  if (kind === 'enterprise') return text(of['at']) || text(of['where'])
  if (kind !== 'address') return text(of['where']) || text(of['code'])
  const matched = fields(of['matched'])
  const other = ALIAS_WAYS.has(text(matched['how'])) && !text(of['text']).includes(text(matched['text']))
  const missing = text(matched['missing'])
  return filled(
    text(of['state']) === 'retired' ? term('state', 'retired') : '',
    missing ? t('partFound', { missing }) : '',
    other ? text(matched['text']) : '',
    text(of['printed']),
  ).join(' ')
}

const ALIAS_WAYS = new Set(['exact', 'prefix', 'pinyin', 'initials', 'part', 'sound', 'typo'])

export async function addressView(aid: string, signal?: AbortSignal): Promise<AddressView> {
  const body = fields(await get(`addresses/${encodeURIComponent(aid)}/view`, {}, signal))
  const [children, plates, flags] = [fields(body['children']), fields(body['plates']), fields(body['flags'])]
  const [building, lineage] = [fields(body['building']), fields(body['lineage'])]
  return {
    aid: text(body['aid']),
    kind: text(body['kind']),
    state: text(body['state']),
    stateSince: text(body['state_since']),
    successors: records(lineage['successors']).map(relative),
    predecessors: records(lineage['predecessors']).map(relative),
    text: text(body['standard_text']) || text(body['name']),
    aliases: records(body['aliases']).map((alias) => text(alias['name'])),
    point: pointOf(body['geometry']),
    coordinateLevel: text(body['coordinate_level']),
    divisions: records(body['divisions']).map(asArea),
    ancestors: records(body['ancestors']).map(asAddress),
    road: body['road'] ? asAddress(fields(body['road'])) : null,
    children: records(children['items']).map(asAddress),
    childTotal: number(children['total']),
    plates: records(plates['items']).map(asAddress),
    plateTotal: number(plates['total']),
    groups: groupsOf(fields(body['counts']), fields(body['elements']), text(body['aid'])),
    timeline: records(fields(body['timeline'])['items']).map((moment) => momentOf(moment, text(body['aid']))),
    // Without rooms there is no table to draw: its units and floors are among the children.
    building: number(building['rooms']) > 0 ? buildingOf(building) : null,
    flags: { total: countOf(flags['total']), items: records(flags['items']).map(flagOf) },
  }
}

/** What an address became, or was made of, by the text that it has. */
function relative(of: Fields): AddressRef {
  const aid = text(of['aid'])
  return { aid, kind: aid.charAt(0), name: text(of['standard_text']) || aid }
}

function pointOf(geometry: unknown): [number, number] | null {
  const [lon, lat] = list(fields(geometry)['coordinates'])
  return typeof lon === 'number' && typeof lat === 'number' ? [lon, lat] : null
}

function flagOf(of: Fields): Flag {
  const aid = text(of['aid'])
  const at = { aid, kind: aid.charAt(0), name: text(of['place']) || aid }
  return { name: text(of['flag']), zh: text(of['zh']), en: text(of['en']), at }
}

function buildingOf(building: Fields): Building {
  const units = records(building['units'])
  const rooms = units.flatMap((unit) =>
    records(unit['floors']).flatMap((floor) =>
      records(floor['rooms']).map((room) => ({
        aid: text(room['aid']),
        label: text(room['room']) || text(room['name']),
        unit: text(unit['unit']),
        floor: text(floor['floor']),
        persons: countOf(room['persons']),
        enterprises: number(room['enterprises']),
        tenure: text(room['tenure']),
        rentYuan: countOf(room['monthly_rent_yuan']),
      })),
    ),
  )
  return {
    rooms,
    total: number(building['rooms']),
    sums: sumsOf(fields(building['totals'])),
    unitSums: new Map(units.map((unit) => [text(unit['unit']), sumsOf(fields(unit['totals']))])),
  }
}

function sumsOf(totals: Fields): RoomSums {
  const tenures = Object.entries(fields(totals['tenures'])).map(([tenure, rooms]) => [tenure, number(rooms)] as const)
  return {
    rooms: number(totals['rooms']),
    withPersons: countOf(totals['with_persons']),
    withEnterprises: number(totals['with_enterprises']),
    tenures: totals['tenures'] === null ? null : Object.fromEntries(tenures),
  }
}

/** Kinds in their fixed order; a kind this key may only count has its roles without items. */
function groupsOf(counts: Fields, elements: Fields, here: string): Group[] {
  return KINDS.flatMap((kind) => {
    const roles = fields(fields(counts[kind])['roles'])
    const listed = kind in elements
    return Object.entries(roles).map(([role, total]) => {
      const items = records(fields(fields(elements[kind])[role])['items'])
      return { kind, role, total: countOf(total), listed, items: items.map((item) => itemOf(kind, item, here)) }
    })
  })
}

function itemOf(kind: Kind, of: Fields, here: string): Item {
  const [element, evidence] = [fields(of['element']), fields(of['evidence'])]
  return {
    title: titleOf(element),
    facts: filled(...FACTS[kind](element), period(of)),
    category: text(of['category']),
    at: placeOf(of, here),
    match: text(evidence['match_category']),
    received: text(evidence['received_text']),
    source: text(evidence['source']),
    reasons: records(evidence['reasons']).map((reason) => ({ zh: text(reason['zh']), en: text(reason['en']) })),
  }
}

const titleOf = (element: Fields): string =>
  text(element['title']) || text(element['name']) || text(element['source_key'])

/** What is said of an element under its title. */
const FACTS: Record<Kind, (of: Fields) => string[]> = {
  address: () => [],
  person: (of) => [term('sex', text(of['sex'])), born(of), text(of['identity']), text(of['phone'])],
  house: (of) => [
    of['floor_area_m2'] ? `${text(of['floor_area_m2'])} m²` : '',
    text(of['built_year']),
    text(of['occupancy']),
    rent(of['monthly_rent_yuan']),
  ],
  enterprise: (of) => [text(of['uscc']), text(of['status']), text(of['established_on'])],
  event: (of) => [text(of['source_key']), text(of['status']), text(of['occurred_on'])],
  thing: (of) => [text(of['source_key']), text(of['installed_on'])],
}

const born = (of: Fields): string =>
  of['birth_year'] ? pick(`${text(of['birth_year'])}年生`, `born ${text(of['birth_year'])}`) : ''

function period(of: Fields): string {
  const [from, to] = [text(of['valid_from']), text(of['valid_to'])]
  if (from === '' || to !== '') return from || to ? `${from} – ${to}` : ''
  return pick(`${from} 起`, `since ${from}`)
}

/** The address below the one shown that something hangs on; null when it hangs on that one itself. */
function placeOf(of: Fields, here: string): AddressRef | null {
  const aid = text(of['aid'])
  return aid === '' || aid === here ? null : { aid, kind: aid.charAt(0), name: text(of['place']) || aid }
}

function momentOf(of: Fields, here: string): Moment {
  const change = of['change'] === 'ended' ? t('linkEnded') : t('linkBegan')
  const what = `${term('kindLong', text(of['kind']))} ${text(of['label'])}`.trim()
  return {
    date: text(of['date']),
    text: `${what}（${term('role', text(of['role']))}）${change}`,
    at: placeOf(of, here),
  }
}
