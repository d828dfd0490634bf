/** The side panel of an address: the view of everything at it or below it. */
import { h, type Child } from './dom.ts'
import { flagSection } from './flags.ts'
import { KINDS, type AddressRef, type AddressView, type Group, type Item, type Kind, type Moment } from './model.ts'
import { divisionCrumbs } from './panels.ts'
import { sumsLine } from './room-sums.ts'
import { roomLegend, roomTable } from './rooms.ts'
import { addressHash, printAid } from './route.ts'
import { count, pick, t, term } from './words.ts'

const CHILDREN_SHOWN = 24
const ITEMS_SHOWN = 8
const MOMENTS_SHOWN = 6

/** `listHash` is where a kind is listed; null where this key may not list it. */
export function addressPanel(view: AddressView, listHash: (kind: Kind) => string | null): HTMLElement {
  return h(
    'article',
    { class: 'panel-body' },
    divisionCrumbs(
      view.divisions,
      view.ancestors.map((a) => h('li', {}, addressLink(a))),
    ),
    h(
      'header',
      { class: 'heading' },
      h('h2', { tabindex: -1 }, shortText(view)),
      h('span', { class: 'tag' }, term('addressKind', view.kind)),
      h('span', { class: `tag state-${view.state}` }, term('state', view.state)),
    ),
    codeLine(view.aid),
    h('p', { class: 'note' }, view.text),
    view.state === 'retired' && view.stateSince !== '' && h('p', { class: 'note' }, endedSince(view)),
    addressList(t('successors'), view.successors, view.successors.length),
    addressList(t('predecessors'), view.predecessors, view.predecessors.length),
    h('p', { class: 'note' }, view.point ? t('located', { level: term('level', view.coordinateLevel) }) : t('noPoint')),
    view.road && h('p', { class: 'note' }, `${t('road')}：`, addressLink(view.road)),
    view.aliases.length > 0 && h('p', { class: 'note' }, `${t('aliases')}：${view.aliases.join('、')}`),
    flagSection(view),
    buildingTable(view),
    // The table already links to every room, by its unit and floor.
    view.building === null && addressList(t('children'), view.children, view.childTotal),
    addressList(t('plates'), view.plates, view.plateTotal),
    elements(view.groups),
    lists(listHash),
    timeline(view),
  )
}

function endedSince(view: AddressView): string {
  return t('endedSince', { day: view.stateSince, state: term('state', view.state) })
}

function lists(listHash: (kind: Kind) => string | null): Child {
  const links = KINDS.flatMap((kind) => {
    const href = listHash(kind)
    return href === null ? [] : [h('li', {}, h('a', { href, class: 'to-list' }, term('kindLong', kind)))]
  })
  if (links.length === 0) return null
  return h('section', {}, h('h3', {}, t('lists')), h('ul', { class: 'chips' }, links))
}

/** The text without the divisions it starts with: the path above says them already. */
export function shortText(view: AddressView): string {
  const rest = view.divisions.reduce(
    (text, division) => (text.startsWith(division.name) ? text.slice(division.name.length) : text),
    view.text,
  )
  return rest || view.text
}

function addressLink(address: AddressRef): HTMLElement {
  return h('a', { href: addressHash(address.aid) }, address.name)
}

function codeLine(aid: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'small', click: () => void copy() }, t('copy'))
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(aid)
    button.textContent = t('copied')
  }
  return h(
    'p',
    { class: 'code-line' },
    h('span', { class: 'sr-only' }, t('identityCode')),
    h('span', { class: 'code aid' }, printAid(aid)),
    button,
  )
}

function buildingTable({ building }: AddressView): Child {
  if (building === null) return null
  return h(
    'section',
    {},
    h('h3', {}, t('rooms'), h('span', { class: 'quiet' }, ` ${count(building.total)}`)),
    sumsLine(building.sums),
    roomTable(building, t('rooms')),
    roomLegend(building),
  )
}

function addressList(title: string, addresses: AddressRef[], total: number): Child {
  if (addresses.length === 0) return null
  const shown = addresses.slice(0, CHILDREN_SHOWN)
  const rest = addresses.slice(CHILDREN_SHOWN)
  const unlisted = total - addresses.length
  const chip = (child: AddressRef): HTMLElement => h('li', {}, addressLink(child))
  return h(
    'section',
    {},
    h('h3', {}, title, h('span', { class: 'quiet' }, ` ${count(total)}`)),
    h('ul', { class: 'chips' }, shown.map(chip)),
    rest.length > 0 &&
      h(
        'details',
        { class: 'more' },
        h('summary', {}, t('more', { n: rest.length })),
        h('ul', { class: 'chips' }, rest.map(chip)),
      ),
    unlisted > 0 && h('p', { class: 'note' }, t('moreRows', { n: count(unlisted) })),
  )
}

function elements(groups: Group[]): HTMLElement {
  const filled = groups.filter((group) => group.total !== 0)
  const masked = filled.some((group) => group.kind === 'person' && group.listed)
  return h(
    'section',
    { 'aria-label': t('elementsHere') },
    filled.length === 0 && [h('h3', {}, t('elementsHere')), h('p', { class: 'note' }, t('nothingHere'))],
    filled.map(groupSection),
    masked && h('p', { class: 'note' }, t('masked')),
  )
}

function groupSection(group: Group): HTMLElement {
  const shown = group.items.slice(0, ITEMS_SHOWN)
  const rest = group.items.slice(ITEMS_SHOWN)
  const unlisted = (group.total ?? 0) - group.items.length
  return h(
    'section',
    { class: `group kind-${group.kind}` },
    h(
      'h3',
      {},
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      term('kindLong', group.kind),
      h('span', { class: 'quiet' }, ` ${term('role', group.role)} · ${count(group.total)}`),
    ),
    !group.listed && h('p', { class: 'note' }, t('notListed')),
    shown.length > 0 && h('ul', { class: 'items' }, shown.map(itemRow)),
    rest.length > 0 &&
      h(
        'details',
        { class: 'more' },
        h('summary', {}, t('more', { n: rest.length })),
        h('ul', { class: 'items' }, rest.map(itemRow)),
      ),
    group.listed && unlisted > 0 && h('p', { class: 'note' }, t('moreRows', { n: count(unlisted) })),
  )
}

function itemRow(item: Item): HTMLElement {
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'item-head' },
      h('span', { class: 'item-title' }, item.title),
      item.category !== '' && h('span', { class: 'tag' }, item.category),
    ),
    item.facts.length > 0 && h('p', { class: 'facts' }, item.facts.join(' · ')),
    item.at && h('p', { class: 'facts' }, `${t('at')} `, addressLink(item.at)),
    evidence(item),
  )
}

function evidence(item: Item): Child {
  if (item.match === '') return null
  const reasons = item.reasons.map((reason) => h('li', {}, pick(reason.zh, reason.en)))
  return h(
    'details',
    { class: 'evidence' },
    h(
      'summary',
      {},
      h('span', { class: `match match-${item.match}` }, item.match),
      `${term('match', item.match)} · ${t('why')}`,
    ),
    item.received !== '' &&
      h(
        'p',
        {},
        `${t('receivedText')}：`,
        h('q', {}, item.received),
        item.source !== '' && `（${t('source')}：${item.source}）`,
      ),
    reasons.length > 0 ? h('ul', {}, reasons) : h('p', {}, t('noReasons')),
  )
}

function timeline(view: AddressView): Child {
  if (view.timeline.length === 0) return null
  const row = (moment: Moment): HTMLElement =>
    h(
      'li',
      {},
      h('time', { datetime: moment.date }, moment.date),
      h('span', {}, moment.text, moment.at && [' ', addressLink(moment.at)]),
    )
  const rest = view.timeline.slice(MOMENTS_SHOWN)
  return h(
    'section',
    {},
    h('h3', {}, t('timeline')),
    h('ol', { class: 'timeline' }, view.timeline.slice(0, MOMENTS_SHOWN).map(row)),
    rest.length > 0 &&
      h(
        'details',
        { class: 'more' },
        h('summary', {}, t('more', { n: rest.length })),
        h('ol', { class: 'timeline' }, rest.map(row)),
      ),
  )
}
